package source

import (
	"fmt"
	"strings"
)

// Parse reads Tebiki's own format: one alert, or a list of at least one.
//
//	{
//	  "source": "zabbix",            which system
//	  "key": "trigger-1234",         dedup key
//	  "severity": "critical",        the system's own word
//	  "host": "db1.example.com",
//	  "service": "db",
//	  "check": "disk /var",          what was looked at
//	  "summary": "91% used",         one line; breaks in it become blanks
//	  "labels": {"rack": "r12"},     everything else
//	  "link": "https://...",         http or https
//	  "status": "firing",            or "resolved"
//	  "at": "2026-01-02T03:04:05Z"   RFC 3339
//	}
//
// An alert needs a key or a host, so that it is told from others, and a
// summary or a check, so that there is something to tell a person. Everything
// else may be left out; no field is null. Field names are as they stand here,
// and any other is a Fault, as is a name given twice: a monitoring system
// that is set up wrong must learn of it when it is tried, not at night.
func Parse(body []byte) ([]Alert, error) {
	p := parser{scanner: scanner{body: body}, index: -1}
	alerts := p.all()
	if p.fault != nil {
		return nil, p.fault
	}
	return alerts, nil
}

// parser reads alerts. Where it is stays in fields, and becomes a path only
// when there is a fault.
type parser struct {
	scanner
	index int    // of the alert in the list; -1 when there is no list
	field field  // being read
	label string // being read
}

func (p *parser) all() (alerts []Alert) {
	switch p.next() {
	case '{':
		alerts = []Alert{p.alert()}
	case '[':
		p.pos++
		alerts = p.list()
	default:
		p.fail(p.pos, "an alert {...} or a list of alerts [{...}] is wanted, there is %s", p.found())
	}
	p.index = -1
	if p.next(); p.pos < len(p.body) {
		p.fail(p.pos, "nothing may follow, there is %s", p.found())
	}
	return alerts
}

func (p *parser) list() (alerts []Alert) {
	if p.next() == ']' {
		p.fail(p.pos, "the list is empty: send at least one alert")
		return nil
	}
	for {
		p.index = len(alerts)
		if p.index == MaxAlerts {
			p.failHere(p.pos, "there are more than %d alerts: send them in parts", MaxAlerts)
		}
		alerts = append(alerts, p.alert())
		if !p.more(']') {
			return alerts
		}
	}
}

func (p *parser) alert() (a Alert) {
	if p.next() != '{' {
		p.failHere(p.pos, "an alert {...} is wanted, there is %s", p.found())
		return a
	}
	start := p.pos
	p.pos++
	if p.next() == '}' {
		p.pos++
	} else {
		p.content(&a)
	}
	p.check(&a, start)
	return a
}

// content takes an alert's fields and the brace after them.
func (p *parser) content(a *Alert) {
	var given [fields]bool
	for {
		p.field = p.name(&given)
		p.value(a, p.field)
		if p.fault != nil {
			p.place()
			return
		}
		p.field = none
		if !p.more('}') {
			return
		}
	}
}

// name takes a field's name and the colon after it.
func (p *parser) name(given *[fields]bool) field {
	p.next()
	at := p.pos
	name := p.text()
	f := fieldOf(name)
	switch {
	case p.fault != nil:
	case f == none:
		p.failHere(at, "there is no field %.40q: there are %s", name, strings.Join(fieldNames[1:], ", "))
	case given[f]:
		p.failHere(at, "the field %q is given twice", name)
	}
	given[f] = true
	p.colon()
	if p.fault != nil {
		p.place() // it is the alert's, not yet the field's
		return none
	}
	return f
}

func (p *parser) colon() {
	if p.next() != ':' {
		p.failHere(p.pos, "':' is wanted here, there is %s", p.found())
		return
	}
	p.pos++
}

// check holds a whole alert against what it needs at least.
func (p *parser) check(a *Alert, start int) {
	switch {
	case p.fault != nil:
		p.place()
	case blank(a.Key) && blank(a.Host):
		p.failHere(start, "the alert has no key and no host: it could not be told from others, give one of them")
	case blank(a.Summary) && blank(a.Check):
		p.failHere(start, "the alert has no summary and no check: there is nothing to tell a person, give one of them")
	}
}

func blank(s string) bool { return s == "" || strings.TrimSpace(s) == "" }

// failHere is fail with the path of what is being read.
func (p *parser) failHere(at int, format string, args ...any) {
	p.fail(at, format, args...)
	p.place()
}

// place gives the fault its path, unless it has one from further inside.
func (p *parser) place() {
	if p.fault.Path == "" {
		p.fault.Path = p.path()
	}
}

func (p *parser) path() string {
	var parts []string
	if p.index >= 0 {
		parts = append(parts, fmt.Sprintf("[%d]", p.index))
	}
	if p.field != none {
		name := fieldNames[p.field]
		if p.label != "" {
			name += fmt.Sprintf("[%.40q]", p.label)
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ".")
}
