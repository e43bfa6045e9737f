package source

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Expressions say in the language of github.com/expr-lang/expr
// (https://expr-lang.org/docs/language-definition) what a body of JSON means.
// They see body, the whole; event, the one of the list that Each gives (the
// body itself without Each); and index, the event's place in that list. What
// is not in the body is null, at any depth.
//
// Of the language's functions there are those for texts, numbers, dates and
// lists, but nothing that knows the time, and nothing by which a small body
// could make much: an expression is written once and then works on whatever
// comes.
type Expressions struct {
	Each   string            // a list; "" for one event a body
	When   string            // a truth value: whether the event is an alert at all; "" for always
	Fields map[string]string // by the names of Tebiki's own format, but labels
	Labels map[string]string // one expression for each label
	Tags   string            // an object whose members become labels as well
}

// MappedFields are the names that Fields may have.
func MappedFields() []string {
	return slices.DeleteFunc(slices.Clone(fieldNames[1:]), func(name string) bool { return name == "labels" })
}

// An ExpressionFault says what is wrong with one expression.
type ExpressionFault struct {
	Field string // "each", "when", "labels", "labels.NAME", or one of MappedFields
	Text  string // the expression; "" when there is none where one is wanted
	What  string
}

func (f *ExpressionFault) Error() string {
	if f.Text == "" {
		return f.Field + ": " + f.What
	}
	return fmt.Sprintf("%s: %s: %s", f.Field, f.Text, f.What)
}

// A Mapping makes alerts of one kind of body. It is never changed, so that
// any number of bodies may go through it at once.
type Mapping struct {
	name       string
	each, when *program
	fields     map[string]*program
	labels     map[string]*program
	order      []string // of the labels, so that a fault is the same each time
	tags       *program
}

// NewMapping compiles all expressions. Name is the alerts' source, unless an
// expression gives another. The error joins an *ExpressionFault for each that
// is wrong.
func NewMapping(name string, x Expressions) (*Mapping, error) {
	m := &Mapping{name: name, fields: map[string]*program{}, labels: map[string]*program{}, order: slices.Sorted(maps.Keys(x.Labels))}
	var r reading
	m.each = r.take("each", x.Each, wantList)
	m.when = r.take("when", x.When, wantTruth)
	for _, field := range slices.Sorted(maps.Keys(x.Fields)) {
		want := wantText
		if field == "status" {
			want = wantWord
		}
		if !slices.Contains(MappedFields(), field) {
			r.fault(field, "", "there is no such field: there are "+strings.Join(MappedFields(), ", "))
			continue
		}
		m.fields[field] = r.take(field, x.Fields[field], want)
	}
	for _, name := range m.order {
		m.labels[name] = r.take("labels."+name, x.Labels[name], wantText)
	}
	m.tags = r.take("labels", x.Tags, wantObject)
	r.enough(x)
	if len(r.faults) > 0 {
		return nil, errors.Join(r.faults...)
	}
	return m, nil
}

// A reading of expressions goes on after a fault, so that one run finds all.
type reading struct{ faults []error }

func (r *reading) fault(field, text, what string) {
	r.faults = append(r.faults, &ExpressionFault{Field: field, Text: text, What: what})
}

// take compiles one; where there is none there is no program.
func (r *reading) take(field, text string, fit func(reflect.Type) string) *program {
	if text == "" {
		return nil
	}
	p, err := compile(text)
	if err != nil {
		r.fault(field, text, err.Error())
		return nil
	}
	if what := fit(p.gives); what != "" {
		r.fault(field, text, what)
	}
	return p
}

// enough holds the fields against what each alert needs.
func (r *reading) enough(x Expressions) {
	if x.Fields["key"] == "" && x.Fields["host"] == "" {
		r.fault("key", "", "neither key nor host is given: alerts could not be told from each other")
	}
	if x.Fields["summary"] == "" && x.Fields["check"] == "" {
		r.fault("summary", "", "neither summary nor check is given: there would be nothing to tell a person")
	}
}

// What an expression gives is known for few: what comes out of a body may be
// anything, and is looked at when it is there.
func wantTruth(t reflect.Type) string { return wantKind(t, "true or false", reflect.Bool) }
func wantList(t reflect.Type) string  { return wantKind(t, "a list", reflect.Slice, reflect.Array) }
func wantWord(t reflect.Type) string {
	return wantKind(t, "\"firing\" or \"resolved\"", reflect.String)
}

func wantObject(t reflect.Type) string { return wantKind(t, "an object", reflect.Map) }

func wantText(t reflect.Type) string {
	if t != nil && slices.Contains([]reflect.Kind{reflect.Slice, reflect.Array, reflect.Map, reflect.Func}, t.Kind()) {
		return fmt.Sprintf("it gives %s; a text, a number or a truth value is wanted", t)
	}
	return ""
}

func wantKind(t reflect.Type, want string, kinds ...reflect.Kind) string {
	if t == nil || t.Kind() == reflect.Interface || slices.Contains(kinds, t.Kind()) {
		return ""
	}
	return fmt.Sprintf("it gives %s; %s is wanted", t, want)
}
