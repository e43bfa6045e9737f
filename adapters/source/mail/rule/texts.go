package rule

import (
	"slices"
	"strings"
	"time"

	"tebiki/adapters/source/mail"
)

// Names of the texts of every mail, which steps read and templates take.
const (
	subjectText = "subject"
	fromText    = "from"
	toText      = "to"
	bodyText    = "body"       // of one piece, where the rule cuts
	addressText = "address"    // the sender's, without the name
	domainText  = "domain"     // of that address
	firstText   = "first_line" // of the body that is not empty
	topicText   = "topic"      // the subject without words of status
	headerText  = "header."    // and the name of a field
)

var mailTexts = []string{subjectText, fromText, toText, bodyText, addressText, domainText, firstText, topicText}

// texts are a mail's, or those of one piece of it. What takes work is worked
// out once, when it is asked for.
type texts struct {
	mail  *mail.Message
	body  string
	lines *lineTable
	topic *string
	zone  *time.Location // of times that say none; nil for that of the mail's date
}

func newTexts(m *mail.Message) *texts { return &texts{mail: m, body: m.Text} }

// piece are the texts of a part of the body.
func (t *texts) piece(body string) *texts {
	return &texts{mail: t.mail, body: body, topic: t.topic, zone: t.zone}
}

// text gives one by its name.
func (t *texts) text(name string) (string, bool) {
	switch name {
	case subjectText:
		return t.mail.Subject, true
	case fromText:
		return t.mail.From, true
	case toText:
		return t.mail.To, true
	case bodyText:
		return t.body, true
	case addressText:
		return addressOf(t.mail.From), true
	case domainText:
		_, domain, _ := strings.Cut(addressOf(t.mail.From), "@")
		return domain, true
	case firstText:
		return firstLine(t.body), true
	case topicText:
		if t.topic == nil {
			s := topicOf(t.mail.Subject)
			t.topic = &s
		}
		return *t.topic, true
	}
	if field, ok := strings.CutPrefix(name, headerText); ok {
		return t.mail.Header.Get(field), true
	}
	return "", false
}

// addressOf takes the address out of a sender, in lower case.
func addressOf(from string) string {
	if i := strings.LastIndexByte(from, '<'); i >= 0 {
		from = from[i+1:]
	}
	for _, word := range strings.FieldsFunc(from, func(r rune) bool { return strings.ContainsRune(" ,;<>()\"", r) }) {
		if strings.Contains(word, "@") {
			return strings.ToLower(word)
		}
	}
	return strings.ToLower(strings.Trim(from, "<> \""))
}

func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// A reading is the fields that a rule has got out of one piece.
type reading struct {
	texts  *texts
	fields []Got
}

// A Got is one field, and where it was read.
type Got struct {
	Name, Value string
	Where       string // "subject", "body"
}

// get gives a field or a text of the mail.
func (r *reading) get(name string) (string, bool) {
	for i := range r.fields {
		if r.fields[i].Name == name {
			return r.fields[i].Value, true
		}
	}
	return r.texts.text(name)
}

// set takes a field, unless it is there or empty.
func (r *reading) set(name, value, where string) {
	if value = strings.TrimSpace(value); value == "" {
		return
	}
	if slices.ContainsFunc(r.fields, func(g Got) bool { return g.Name == name }) {
		return
	}
	r.fields = append(r.fields, Got{name, value, where})
}
