package source

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// field is one of an alert's.
type field int

const (
	none field = iota
	fieldSource
	fieldKey
	fieldSeverity
	fieldHost
	fieldService
	fieldCheck
	fieldSummary
	fieldLabels
	fieldLink
	fieldStatus
	fieldAt
	fields // how many there are
)

var fieldNames = [fields]string{
	"", "source", "key", "severity", "host", "service", "check", "summary", "labels", "link", "status", "at",
}

func fieldOf(name []byte) field {
	switch string(name) {
	case "source":
		return fieldSource
	case "key":
		return fieldKey
	case "severity":
		return fieldSeverity
	case "host":
		return fieldHost
	case "service":
		return fieldService
	case "check":
		return fieldCheck
	case "summary":
		return fieldSummary
	case "labels":
		return fieldLabels
	case "link":
		return fieldLink
	case "status":
		return fieldStatus
	case "at":
		return fieldAt
	}
	return none
}

func (p *parser) value(a *Alert, f field) {
	switch f {
	case fieldSource:
		a.Source = p.word()
	case fieldKey:
		a.Key = p.word()
	case fieldSeverity:
		a.Severity = p.word()
	case fieldHost:
		a.Host = p.word()
	case fieldService:
		a.Service = p.word()
	case fieldCheck:
		a.Check = p.word()
	case fieldSummary:
		a.Summary = p.summary()
	case fieldLabels:
		a.Labels = p.labels()
	case fieldLink:
		a.Link = p.link()
	case fieldStatus:
		a.Resolved = p.status()
	case fieldAt:
		a.At = p.time()
	}
}

func (p *parser) word() string { return p.limited(MaxField) }

// limited takes a text without control characters.
func (p *parser) limited(most int) string {
	p.next()
	at := p.pos
	b := p.text()
	if len(b) > most {
		p.failHere(at, "it has %d bytes, at most %d are taken", len(b), most)
		return ""
	}
	if i := control(b, 0); i >= 0 {
		p.failHere(at, "it has the control character %U: leave it out", firstRune(b[i:]))
		return ""
	}
	return string(b)
}

// control finds the first control character from i on; -1 when there is none.
// It looks at bytes, since this is done for every text: those from U+0080 to
// U+009F begin with 0xc2.
func control(b []byte, i int) int {
	for ; i < len(b); i++ {
		c := b[i]
		if c < ' ' || c == 0x7f || c == 0xc2 && b[i+1] < 0xa0 {
			return i
		}
	}
	return -1
}

func firstRune(b []byte) rune {
	r, _ := utf8.DecodeRune(b)
	return r
}

// summary takes a text as one line that is not too long.
func (p *parser) summary() string {
	p.next()
	at := p.pos
	b := p.text()
	spoiled := false
	for i := control(b, 0); i >= 0; i = control(b, i+1) {
		if b[i] != '\n' && b[i] != '\r' && b[i] != '\t' {
			p.failHere(at, "it has the control character %U: leave it out", firstRune(b[i:]))
			return ""
		}
		spoiled = true
	}
	if spoiled {
		return cut(strings.Join(strings.Fields(string(b)), " "), MaxSummary)
	}
	return cut(string(b), MaxSummary)
}

// cut ends what is too long with an ellipsis.
func cut(s string, most int) string {
	const mark = "…"
	if len(s) <= most {
		return s
	}
	end := most - len(mark)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}

func (p *parser) labels() map[string]string {
	if p.next() != '{' {
		p.failHere(p.pos, "an object of texts is wanted, there is %s", p.found())
		return nil
	}
	p.pos++
	if p.next() == '}' {
		p.pos++
		return nil
	}
	labels := make(map[string]string, 8)
	for {
		p.pair(labels)
		if !p.more('}') {
			return labels
		}
	}
}

// pair takes one label.
func (p *parser) pair(labels map[string]string) {
	p.next()
	at := p.pos
	name := p.word()
	switch _, twice := labels[name]; {
	case p.fault != nil:
		return
	case twice:
		p.failHere(at, "the label %q is given twice", name)
	case name == "":
		p.failHere(at, "a label has no name")
	case len(labels) == MaxLabels:
		p.failHere(at, "there are more than %d labels", MaxLabels)
	}
	p.colon()
	p.label = name
	labels[name] = p.word()
	if p.fault != nil {
		p.place()
	}
	p.label = ""
}

func (p *parser) link() string {
	p.next()
	at := p.pos
	s := p.limited(MaxLink)
	if p.fault == nil && s != "" && !isLink(s) {
		p.failHere(at, "it is no address that begins with http:// or https://")
	}
	return s
}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

func (p *parser) status() (resolved bool) {
	p.next()
	at := p.pos
	switch b := p.text(); string(b) {
	case "firing":
	case "resolved":
		return true
	default:
		p.failHere(at, "%.40q is no status: it is \"firing\" or \"resolved\"", b)
	}
	return false
}

func (p *parser) time() time.Time {
	p.next()
	at := p.pos
	b := p.text()
	t, err := time.Parse(time.RFC3339, string(b))
	if err != nil {
		p.failHere(at, "%.40q is no time as RFC 3339 has it: \"2026-01-02T03:04:05+09:00\" is one", b)
	}
	return t
}
