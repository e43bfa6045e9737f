package local

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tebiki/adapters/tracker"
)

// The limits. A title is cut, since what it says is in the body too; anything
// else that is too long is refused, because cutting it would change it.
const (
	maxTitle  = 255 // runes
	maxBody   = 256 << 10
	maxName   = 255 // of a component, a person, a field
	maxLabel  = 1 << 10
	maxFields = 100
)

// oneLine makes a title of any text: control characters and breaks become
// spaces, and what is too long ends with an ellipsis.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= maxTitle {
		return s
	}
	return string([]rune(s)[:maxTitle-1]) + "…"
}

func title(s string) (string, error) {
	if s = oneLine(s); s == "" {
		return "", refused("the title is empty: a ticket needs one line that says what it is about")
	}
	return s, nil
}

func body(s string) (string, error) {
	if len(s) > maxBody {
		return "", refused("the text has %d bytes, at most %d are taken: shorten it", len(s), maxBody)
	}
	return strings.ToValidUTF8(s, "\uFFFD"), nil
}

// name holds what a name is for in its error, because drafts have several.
func name(what, s string) (string, error) {
	if len(s) > maxName {
		return "", refused("the %s has %d bytes, at most %d are taken", what, len(s), maxName)
	}
	return strings.ToValidUTF8(s, "\uFFFD"), nil
}

func fields(in map[string]string) (map[string]string, error) {
	if len(in) > maxFields {
		return nil, refused("there are %d fields, at most %d are taken", len(in), maxFields)
	}
	if len(in) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(in))
	for k, v := range in {
		k, err := name("name of a field", k)
		if err != nil {
			return nil, err
		}
		if out[k], err = body(v); err != nil {
			return nil, refused("field %q: %v", k, err)
		}
	}
	return out, nil
}

func checkLabel(label string) error {
	if len(label) > maxLabel {
		return refused("the label has %d bytes, at most %d are taken: use a hash", len(label), maxLabel)
	}
	if !utf8.ValidString(label) {
		return refused("the label %q is not valid UTF-8", label)
	}
	return nil
}

func checkStatus(s tracker.Status) error {
	switch s {
	case tracker.Open, tracker.Fixed, tracker.Closed:
		return nil
	}
	return refused("there is no status %q: it is open, fixed or closed", s)
}

func checkPriority(p tracker.Priority) error {
	switch p {
	case tracker.Urgent, tracker.Normal, tracker.Low:
		return nil
	}
	return refused("there is no priority %q: it is urgent, low or empty", p)
}
