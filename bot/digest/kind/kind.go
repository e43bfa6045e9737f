// Package kind says which alerts of low urgency are of the same kind: a
// template over an alert's fields, such as "{host} {check}" or
// "{labels.cluster}: {check}". Alerts for which it reads the same become one
// ticket a day.
package kind

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tebiki/escalation"
)

// A Template is what a kind is named by. The zero Template names none.
type Template struct{ parts []part }

// A part is text and the field after it.
type part struct{ text, field string }

var field = regexp.MustCompile(`\{([^{}]*)\}`)

// Parse reads a template.
func Parse(s string) (Template, error) {
	var t Template
	at := 0
	for _, m := range field.FindAllStringSubmatchIndex(s, -1) {
		name := s[m[2]:m[3]]
		if !escalation.KnownField(name) {
			return Template{}, fmt.Errorf("an alert has no field %q; want source, severity, host, service, check, summary or labels.NAME", name)
		}
		t.parts = append(t.parts, part{s[at:m[0]], name})
		at = m[1]
	}
	t.parts = append(t.parts, part{text: s[at:]})
	lone := func(p part) bool { return strings.ContainsAny(p.text, "{}") }
	switch {
	case len(t.parts) == 1:
		return Template{}, fmt.Errorf("%q names no field of an alert, so that all would be of one kind; write such as \"{host} {check}\"", s)
	case slices.ContainsFunc(t.parts, lone):
		return Template{}, fmt.Errorf("%q has a brace without its other; write such as \"{host} {check}\"", s)
	}
	return t, nil
}

// Default is what stands for a template where there is none: the host as the
// inventory names it, and the check.
const Default = "{host} {check}"

// Equal tells whether two templates name the same kinds.
func (t Template) Equal(u Template) bool { return slices.Equal(t.parts, u.parts) }

// IsZero tells whether there is no template.
func (t Template) IsZero() bool { return t.parts == nil }

// Of names the kind of an alert in one line; "" when none of its fields says
// anything.
func (t Template) Of(a *escalation.Alert) string {
	var b strings.Builder
	said := false
	for _, p := range t.parts {
		value := a.Field(p.field)
		said = said || value != ""
		b.WriteString(p.text + value)
	}
	if !said {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
