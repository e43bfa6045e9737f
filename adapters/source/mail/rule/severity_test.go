package rule

import (
	"slices"
	"strings"
	"testing"

	"tebiki/adapters/source/mail"
)

// A ready rule that makes status and severity of one word knows both meanings
// of each: a word without a severity would be one itself, which no
// configuration has among those that wait.
func TestReadyWordsHaveASeverity(t *testing.T) {
	checked := map[string]bool{}
	for _, r := range allReady(t) {
		severity, ours := r.alert[severityPart]
		if !ours || len(severity.names()) == 0 || !slices.Equal(severity.names(), r.alert[statusPart].names()) {
			continue
		}
		checked[r.name] = true
		for word, status := range r.words[statusPart] {
			if _, known := r.words[severityPart][word]; !known && (status == problem || status == flapping) {
				t.Errorf("%s:%d: the word %q is a %s and has no severity", r.file, r.line, word, status)
			}
		}
		for word := range r.words[severityPart] {
			if _, known := r.statusOf(word); !known {
				t.Errorf("%s:%d: the word %q has a severity and no status", r.file, r.line, word)
			}
		}
	}
	for _, name := range []string{"smartd", "mdadm", "munin", "nagios-flapping-stop", "icinga-flapping-end"} {
		if !checked[name] {
			t.Errorf("%s makes its status and its severity of different words now; mend this test", name)
		}
	}
}

// Every ready rule says a severity: for good, of a word, or of a field it reads.
func TestReadyRulesHaveASeverity(t *testing.T) {
	for _, r := range allReady(t) {
		_, ours := r.alert[severityPart]
		reads := slices.ContainsFunc(r.steps, func(s step) bool {
			return s.match != nil && slices.Contains(s.match.SubexpNames(), severityPart) ||
				slices.ContainsFunc(s.lines, func(l lineField) bool { return l.field == severityPart })
		})
		if always, _ := r.statusOf(r.alert[statusPart].fill(&reading{texts: newTexts(&mail.Message{})})); !ours && !reads && always != note {
			t.Errorf("%s:%d: %s says no severity", r.file, r.line, r.name)
		}
	}
}

func allReady(t *testing.T) (out []*rule) {
	t.Helper()
	for _, name := range Ready() {
		rules, err := readyRules(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rules...)
	}
	return out
}

// A recovery whose severity is none, or only says that it is over, wakes
// nobody when it ends nothing that is known.
func TestSeverityOfRecoveries(t *testing.T) {
	set, err := Parse("r.yaml", `
- name: mine
  when: {subject: '.*'}
  read:
    - lines: {status: Status, severity: Level}
  words: {severity: {major: [重度]}, status: {recovery: [安定]}}
  alert: {key: x}
`)
	if err != nil {
		t.Fatal(err)
	}
	for lines, want := range map[string]string{
		"Status: OK":                    calm,
		"Status: OK\nLevel: OK":         calm,
		"Status: OK\nLevel: [Resolved]": calm,
		"Status: 復旧\nLevel: 正常":         calm,
		"Status: OK\nLevel: 安定":         calm,
		"Status: OK\nLevel: 重度":         "major",
		"Status: OK\nLevel: critical":   "critical",
		"Status: OK\nLevel: none":       "none",
		"Status: PROBLEM":               "",
		"Status: PROBLEM\nLevel: OK":    "OK",
	} {
		m, err := mail.Parse(strings.NewReader("Subject: x\nContent-Type: text/plain; charset=utf-8\n\n" + lines + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if a := set.Take(m)[0].Alerts[0]; a.Severity != want {
			t.Errorf("%q has the severity %q, want %q", lines, a.Severity, want)
		}
	}
}
