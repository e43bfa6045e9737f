package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// alert makes the event's alert. Texts are cleaned and cut, and a link or a
// time that is none is left out: a sender rarely sends again what it was
// refused, so only what would make a wrong alert is a fault.
func (e *evaluation) alert() (Alert, *Fault) {
	out := Alert{Source: e.mapping.name}
	for _, field := range fieldNames[1:] { // a fault is the same each time
		p := e.mapping.fields[field]
		if p == nil {
			continue
		}
		value, fault := e.value(field, p)
		if fault == nil && value != nil {
			fault = e.set(&out, field, p, value)
		}
		if fault != nil {
			return Alert{}, fault
		}
	}
	var fault *Fault
	if out.Labels, fault = e.labels(); fault != nil {
		return Alert{}, fault
	}
	switch {
	case out.Key == "" && out.Host == "":
		return Alert{}, e.fault("key", e.mapping.fields["key"], "key and host are both empty: the alert could not be told from others")
	case out.Summary == "" && out.Check == "":
		return Alert{}, e.fault("summary", e.mapping.fields["summary"], "summary and check are both empty: there is nothing to tell a person")
	}
	return out, nil
}

// set puts a value where the field's name says.
func (e *evaluation) set(a *Alert, field string, p *program, value any) *Fault {
	if field == "at" {
		a.At = momentOf(value)
		return nil
	}
	text, ok := textOf(value)
	if !ok {
		return e.fault(field, p, "it gives "+kindOf(value)+"; a text, a number or a truth value is wanted")
	}
	switch field {
	case "source":
		a.Source = clean(text, MaxField)
	case "key":
		a.Key = keyOf(text)
	case "severity":
		a.Severity = clean(text, MaxField)
	case "host":
		a.Host = bareHost(clean(text, MaxField))
	case "service":
		a.Service = clean(text, MaxField)
	case "check":
		a.Check = clean(text, MaxField)
	case "summary":
		a.Summary = clean(text, MaxSummary)
	case "link":
		a.Link = firstLink(text)
	case "status":
		if text != "firing" && text != "resolved" {
			return e.fault(field, p, fmt.Sprintf("it gives %.40q; \"firing\" or \"resolved\" is wanted", text))
		}
		a.Resolved = text == "resolved"
	}
	return nil
}

// labels are those that are written one by one, and then the members of the
// object.
func (e *evaluation) labels() (map[string]string, *Fault) {
	out := map[string]string{}
	for _, name := range e.mapping.order {
		p := e.mapping.labels[name]
		value, fault := e.value("labels."+name, p)
		if fault != nil {
			return nil, fault
		}
		label(out, name, value)
	}
	if e.mapping.tags == nil {
		return out, nil
	}
	value, fault := e.value("labels", e.mapping.tags)
	if fault != nil || value == nil {
		return out, fault
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, e.fault("labels", e.mapping.tags, "it gives "+kindOf(value)+"; an object is wanted")
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		label(out, name, object[name])
	}
	return out, nil
}

// label adds one, unless it says nothing or there is no place for it. Lists
// and objects stay JSON.
func label(to map[string]string, name string, value any) {
	text, ok := textOf(value)
	if !ok {
		written, _ := json.Marshal(value) // what came as JSON can be written so
		text = string(written)
	}
	name, text = clean(name, MaxField), clean(text, MaxField)
	if _, taken := to[name]; taken || name == "" || text == "" || len(to) == MaxLabels {
		return
	}
	to[name] = text
}

// keyOf keeps keys apart that are the same up to where they would be cut.
func keyOf(text string) string {
	if key := clean(text, MaxSummary); len(key) <= MaxField {
		return key
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
