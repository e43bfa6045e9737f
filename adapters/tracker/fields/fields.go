// Package fields keeps a ticket's fields in its text, for trackers that have
// no other place for them. What Tebiki writes, and what a person types into a
// ticket of their own, is read the same way: a line for each field, with its
// name, a colon and its value.
//
//   - **host**: web1.example.jp
//   - **name**: www2
//
// Tebiki's own tickets begin with these lines, and only there they are read:
// the text below may have lines of the same look. A person's are looked for in
// the first lines, outside code.
package fields

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"tebiki/adapters/chat"
)

// The limits of what is kept in a text.
const (
	MaxCount = 50
	MaxValue = 4000 // bytes
)

// Check tells why fields cannot be kept in a text, nil when they can.
func Check(fields map[string]string) error {
	if len(fields) > MaxCount {
		return fmt.Errorf("there are %d fields, at most %d are taken", len(fields), MaxCount)
	}
	for name, value := range fields {
		if !named.MatchString(name) {
			return fmt.Errorf("the field's name %.80q is none: want letters, digits, - and _, and a letter first", name)
		}
		if len(value) > MaxValue {
			return fmt.Errorf("the field %q has %d bytes, at most %d are taken", name, len(value), MaxValue)
		}
	}
	return nil
}

// Write gives the Markdown of the fields' lines, "" when there are none. A
// value becomes one line.
func Write(fields map[string]string) string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if value := chat.Line(fields[name]); value != "" {
			fmt.Fprintf(&out, "- **%s**: %s\n", chat.Escape(name), value)
		}
	}
	return out.String()
}

// How far a person's fields are looked for.
const (
	maxLines = 60
	maxText  = 20 << 10
)

var (
	named = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_-]{0,60}$`)
	// line takes a name with the marks of a list and of bold text around it,
	// as all trackers' markups have them, and a colon of either width.
	line  = regexp.MustCompile(`^\s*(?:[-*#]\s+)?[*_]{0,2}([a-zA-Z][a-zA-Z0-9_-]{1,60})[*_]{0,2}\s*[:：][*_]{0,2}(.*)$`)
	fence = regexp.MustCompile("^\\s*(?:```|~~~|\\{noformat|\\{code|</?pre)")
)

// Read gives the fields in a ticket's text. own says that Tebiki wrote it;
// plain takes the markup out of a value.
func Read(text string, own bool, plain func(string) string) map[string]string {
	var out map[string]string
	code := false
	n := 0
	for l := range strings.SplitSeq(text[:min(len(text), maxText)], "\n") {
		if n++; n > maxLines {
			break
		}
		if fence.MatchString(l) {
			code = !code
		}
		name, value, ok := split(strings.TrimRight(l, "\r"))
		switch {
		case code || !ok && !own:
			continue
		case !ok:
			return out
		}
		if out == nil {
			out = map[string]string{}
		}
		if _, given := out[name]; !given && len(out) < MaxCount {
			out[name] = plain(value)
		}
	}
	return out
}

// split reads one line. A name is the same in upper and lower case. What
// begins as the address of a page does is none.
func split(l string) (name, value string, ok bool) {
	found := line.FindStringSubmatch(l)
	if found == nil {
		return "", "", false
	}
	value = strings.TrimSpace(found[2])
	return strings.ToLower(found[1]), value, value != "" && !strings.HasPrefix(value, "//")
}
