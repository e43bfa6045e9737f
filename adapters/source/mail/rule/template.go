package rule

import (
	"fmt"
	"regexp"
	"strings"
)

// A template is text with fields in it:
//
//	${host}                the field, or nothing
//	${host|address}        the first that has a value
//	${check:-unknown}      with a text for when none has
//	$$                     a dollar
//
// More than that a rule has no need of: what a text must be made of is read
// into fields first.
type template []fragment

// A fragment is text, or the names of which one stands for it.
type fragment struct {
	text  string
	names []string
	deflt string
}

var (
	reference = regexp.MustCompile(`\$(?:\$|\{([^{}]*)\})`)
	fieldName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// parseTemplate reads one. Which fields there are is for the rule to say.
func parseTemplate(s string) (template, error) {
	var out template
	at := 0
	for _, m := range reference.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, fragment{text: s[at:m[0]]})
		if m[2] < 0 {
			out = append(out, fragment{text: "$"})
		} else {
			f, err := parseReference(s[m[2]:m[3]])
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
		at = m[1]
	}
	rest := s[at:]
	if i := strings.Index(rest, "${"); i >= 0 {
		return nil, fmt.Errorf("%q has no end; write ${name}, and $$ for a dollar", rest[i:])
	}
	return append(out, fragment{text: rest}), nil
}

func parseReference(s string) (fragment, error) {
	names, deflt, _ := strings.Cut(s, ":-")
	f := fragment{deflt: deflt}
	for name := range strings.SplitSeq(names, "|") {
		if !fieldName.MatchString(name) {
			return f, fmt.Errorf("${%s} names no field; write ${name}, ${name|other} or ${name:-text}", s)
		}
		f.names = append(f.names, name)
	}
	return f, nil
}

// names are all that a template takes.
func (t template) names() (out []string) {
	for _, f := range t {
		out = append(out, f.names...)
	}
	return out
}

// fill writes a template out with what was read.
func (t template) fill(r *reading) string {
	var b strings.Builder
	for _, f := range t {
		b.WriteString(f.text)
		if f.names != nil {
			b.WriteString(f.value(r))
		}
	}
	return strings.TrimSpace(b.String())
}

func (f *fragment) value(r *reading) string {
	for _, name := range f.names {
		if v, _ := r.get(name); v != "" {
			return v
		}
	}
	return f.deflt
}
