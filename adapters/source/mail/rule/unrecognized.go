package rule

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tebiki/adapters/source"
	"tebiki/adapters/source/mail"
)

// What a mail that no rule takes is called.
const (
	unrecognizedSource   = "mail"
	unrecognizedCheck    = "unrecognized"
	unrecognizedSeverity = "low"
	noSubject            = "(a mail without subject and text)"
)

// unrecognized makes the alert of a mail, or of a piece of one, that nobody
// could read. Mails of one kind have one key, so that a hundred of them are
// one thing to look at.
func unrecognized(m *mail.Message, text string) source.Alert {
	summary := m.Subject
	if text != m.Text || summary == "" {
		summary = firstLine(text)
	}
	if summary = clip(summary, source.MaxSummary); summary == "" {
		summary = noSubject
	}
	a := source.Alert{
		Source: unrecognizedSource, Check: unrecognizedCheck, Severity: unrecognizedSeverity,
		Key: fitKey(dampedKey(m)), Summary: summary, At: m.Date,
	}
	if from := addressOf(m.From); from != "" {
		label(&a, "from", from)
	}
	if line := firstLine(text); line != "" && line != summary {
		label(&a, "text", line)
	}
	return a
}

// dampedKey is the sender and what is always the same of the subject.
func dampedKey(m *mail.Message) string {
	return strings.TrimSpace(unrecognizedCheck + " " + addressOf(m.From) + " " + damp(m.Subject))
}

var (
	// prefixes are what people and lists put before a subject.
	prefixes = regexp.MustCompile(`(?i)^\s*(?:(?:re|fwd?|転送|返信)(?:\[\d+\])?\s*[:：]\s*|\[[A-Za-z0-9_.-]+[ :]\d+\]\s*)+`)
	// numbers are what differs from mail to mail: counts, times, ids.
	numbers = regexp.MustCompile(`[0-9a-f]*[0-9][0-9a-f]{7,}|[0-9]+(?:[.,:/-][0-9]+)*`)
)

func withoutPrefixes(subject string) string { return prefixes.ReplaceAllString(subject, "") }

// damp leaves of a subject what mails of one kind have in common.
func damp(subject string) string {
	s := strings.ToLower(norm.NFKC.String(withoutPrefixes(subject)))
	return strings.Join(strings.Fields(numbers.ReplaceAllString(s, "#")), " ")
}
