package knowhow

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxValue bounds a ticket field that becomes an argument, in bytes.
const maxValue = 4096

// A Pattern is an RE2 expression that must match a value whole.
type Pattern struct {
	text string
	re   *regexp.Regexp
}

// newPattern compiles text alone first, so that one which is no expression by
// itself ("a)|(b") cannot get out of the anchors put around it.
func newPattern(text string) (*Pattern, error) {
	if _, err := regexp.Compile(text); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return nil, err
	}
	return &Pattern{text: text, re: re}, nil
}

// String gives the pattern as it was written.
func (p *Pattern) String() string { return p.text }

// Check says why a value cannot be used, or nil. The reason ends a sentence
// that begins with the field's name.
func (p *Pattern) Check(value string) error {
	switch {
	case len(value) > maxValue:
		return fmt.Errorf("is %d bytes long; shorten it to at most %d", len(value), maxValue)
	case !utf8.ValidString(value):
		return fmt.Errorf("is not UTF-8 text; type it again")
	case strings.ContainsFunc(value, invisible):
		return fmt.Errorf("is %s, which holds a line break or another character that cannot be seen; remove it", shown(value))
	case strings.HasPrefix(value, "-") && !p.takesOptions():
		return fmt.Errorf("is %s, which begins with \"-\" and would be read as an option; write a value without it", shown(value))
	case !p.re.MatchString(value):
		return fmt.Errorf("is %s and must match %s", shown(value), p.text)
	}
	return nil
}

// takesOptions tells whether whoever wrote the pattern had a leading "-" in
// mind. That a wide pattern such as .* happens to match one is not enough.
func (p *Pattern) takesOptions() bool {
	return strings.HasPrefix(strings.TrimPrefix(p.text, "^"), "-")
}

// invisible finds control characters and those that reorder or hide text.
func invisible(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// shown quotes a hostile value for a message, cut to a length a person reads.
func shown(value string) string {
	const most = 40
	if utf8.RuneCountInString(value) > most {
		value = string([]rune(value)[:most]) + "..."
	}
	return strconv.QuoteToGraphic(value)
}
