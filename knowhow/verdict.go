package knowhow

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What a check's result is judged by.
const (
	ByExit    Aspect = "exit"    // the exit status, or the status of an answer
	ByMatch   Aspect = "matches" // what the output holds
	ByCompare Aspect = "compare" // the number in the output
)

// An Aspect is one side of a result, for whoever writes the sentence in a
// person's language.
type Aspect string

// A Verdict says whether a result is what its check expects, point by point.
type Verdict struct {
	Met    bool // all points are
	Points []Point
}

// A Point is one thing that was expected and what was found in its place.
type Point struct {
	By    Aspect
	Want  string // "0", an expression, "< 90"
	Found string // "" when there is nothing of the kind; text from a server
	Met   bool
}

// Judge holds a result against what is expected, in the order exit, matches,
// compare. It says nothing of a check that did not run to its end: there is
// no result then. Whoever expects nothing gets a verdict without points.
func (e *Expect) Judge(exit int, output string) Verdict {
	v := Verdict{Met: true}
	if e == nil {
		return v
	}
	if e.Exit != nil {
		v.add(Point{ByExit, strconv.Itoa(*e.Exit), strconv.Itoa(exit), exit == *e.Exit})
	}
	measured := output
	if e.Matches != nil {
		found, at, ok := e.Matches.find(output)
		measured = at
		v.add(Point{ByMatch, e.Matches.String(), excerpt(found), ok})
	}
	if len(e.Compare) > 0 {
		v.compare(e.Compare, measured)
	}
	return v
}

func (v *Verdict) add(p Point) {
	v.Points = append(v.Points, p)
	v.Met = v.Met && p.Met
}

func (v *Verdict) compare(wanted []Compare, output string) {
	text, n, ok := firstNumber(output)
	for _, c := range wanted {
		v.add(Point{ByCompare, c.String(), excerpt(text), ok && c.holds(n)})
	}
}

// String writes a comparison as the file has it.
func (c Compare) String() string { return c.Op + " " + strconv.FormatFloat(c.Number, 'f', -1, 64) }

func (c Compare) holds(n float64) bool {
	switch c.Op {
	case "<":
		return n < c.Number
	case "<=":
		return n <= c.Number
	case ">":
		return n > c.Number
	case ">=":
		return n >= c.Number
	case "==":
		return n == c.Number
	case "!=":
		return n != c.Number
	}
	return false
}

// number finds numbers that begin a word: 95 in "sda1 95%", not its 1. What
// stands before one cannot be looked back at in RE2, so it is taken along.
var number = regexp.MustCompile(`(?:^|[^\pL\pN_.])([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)`)

func firstNumber(text string) (string, float64, bool) {
	m := number.FindStringSubmatch(text)
	if m == nil {
		return "", 0, false
	}
	n, _ := strconv.ParseFloat(m[1], 64) // one too large is infinite, which compares well
	return m[1], n, true
}

// A Search is an RE2 expression that is looked for anywhere in a text. ^ and
// $ are the ends of a line.
type Search struct {
	text string
	re   *regexp.Regexp
}

func newSearch(text string) (*Search, error) {
	if _, err := regexp.Compile(text); err != nil {
		return nil, err // in the words of who wrote it, without what is put before it
	}
	re, err := regexp.Compile("(?m:" + text + ")")
	if err != nil {
		return nil, err
	}
	return &Search{text: text, re: re}, nil
}

// String gives the expression as it was written.
func (s *Search) String() string { return s.text }

// find gives the whole of the first match, and the part of the text that
// numbers are taken from: the first group if the expression has one, and
// otherwise everything.
func (s *Search) find(text string) (found, measured string, ok bool) {
	m := s.re.FindStringSubmatch(text)
	switch {
	case m == nil && s.re.NumSubexp() > 0:
		return "", "", false
	case m == nil:
		return "", text, false
	case len(m) > 1:
		return m[0], m[1], true
	}
	return m[0], text, true
}

// excerpt keeps a verdict to a length that a person reads.
func excerpt(s string) string {
	const most = 200
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}
