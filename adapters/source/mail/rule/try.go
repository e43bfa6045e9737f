package rule

import (
	"fmt"
	"regexp"
	"strings"
)

// maxPieces bounds how many alerts one mail can hold.
const maxPieces = 1000

// A miss is why a rule does not take a mail. It costs nothing to make: what
// people read is written when somebody asks.
type miss struct {
	part    string // of the rule: "when.subject", "read[2]", "need"
	text    string // where it was looked for, or the field that is missing
	pattern *regexp.Regexp
	found   string // what stood there
}

func (m *miss) String() string {
	if m.pattern == nil {
		return fmt.Sprintf("%s: the field %s was not found in the mail", m.part, m.text)
	}
	switch m.text {
	case bodyText:
		return fmt.Sprintf("%s: /%s/ is nowhere in the body", m.part, m.pattern)
	case subjectText:
		return fmt.Sprintf("%s: /%s/ does not match the subject", m.part, m.pattern)
	}
	return fmt.Sprintf("%s: /%s/ does not match %s %.80q", m.part, m.pattern, m.text, m.found)
}

// An outcome is what a rule got out of a mail that it takes.
type outcome struct {
	readings []reading
	unread   []string // pieces beside them that the rule could not read
}

// try asks a rule. The fields that it had read before it gave up are in the
// outcome too.
func (r *rule) try(t *texts) (outcome, *miss) {
	for i := range r.when {
		c := &r.when[i]
		s, _ := t.text(c.text)
		if !c.pattern.MatchString(s) {
			return outcome{}, &miss{part: "when." + c.text, text: c.text, pattern: c.pattern, found: s}
		}
	}
	if r.each == nil {
		got, miss := r.read(reading{texts: t})
		return outcome{readings: []reading{got}}, miss
	}
	return r.tryPieces(t)
}

// tryPieces reads each piece for itself. One that cannot be read does not keep
// the others back.
func (r *rule) tryPieces(t *texts) (out outcome, first *miss) {
	starts := r.each.cut(t)
	if len(starts) == 0 {
		return outcome{}, &miss{part: "each.start", text: bodyText, pattern: r.each.start}
	}
	for _, piece := range starts {
		got, miss := r.read(piece)
		if miss == nil {
			out.readings = append(out.readings, got)
			continue
		}
		if first == nil {
			first = miss
		}
		out.unread = append(out.unread, piece.texts.body)
	}
	if len(out.readings) == 0 {
		return out, first
	}
	return out, nil
}

// cut gives the pieces with what the heading above each says.
func (p *pieces) cut(t *texts) []reading {
	starts := p.start.FindAllStringIndex(t.body, maxPieces)
	var headings [][]int
	if p.under != nil {
		headings = p.under.FindAllStringSubmatchIndex(t.body, maxPieces)
	}
	out := make([]reading, 0, len(starts))
	above := -1
	for i, at := range starts {
		for above+1 < len(headings) && headings[above+1][0] <= at[0] {
			above++
		}
		end := len(t.body)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		if above+1 < len(headings) {
			end = min(end, headings[above+1][0])
		}
		piece := reading{texts: t.piece(t.body[at[0]:end])}
		if above >= 0 {
			piece.groups(p.under, t.body, headings[above], "heading")
		}
		out = append(out, piece)
	}
	return out
}

// read carries the steps out, and looks for what is needed.
func (r *rule) read(got reading) (reading, *miss) {
	for i := range r.steps {
		s := &r.steps[i]
		text, found := got.get(s.text)
		switch {
		case s.match != nil:
			at := s.match.FindStringSubmatchIndex(text)
			if at == nil && !s.optional {
				return got, &miss{part: fmt.Sprintf("read[%d]", i), text: s.text, pattern: s.match, found: text}
			}
			if at != nil {
				got.groups(s.match, text, at, s.text)
			}
		case !found:
		case s.lines != nil:
			table := got.table(s.text, text)
			for _, l := range s.lines {
				got.set(l.field, table.first(l.keys), s.text)
			}
		default:
			for _, pair := range pairsOf(text) {
				got.set(s.pairs+"."+pair[0], pair[1], s.text)
			}
		}
	}
	for _, name := range r.need {
		if value, _ := got.get(name); strings.TrimSpace(value) == "" {
			return got, &miss{part: "need", text: name}
		}
	}
	return got, nil
}

// groups takes the named groups of a match.
func (r *reading) groups(pattern *regexp.Regexp, text string, at []int, where string) {
	for i, name := range pattern.SubexpNames() {
		if name != "" && at[2*i] >= 0 {
			r.set(name, text[at[2*i]:at[2*i+1]], where)
		}
	}
}

// table gives the lines of a text; those of the body are read once.
func (r *reading) table(name, text string) *lineTable {
	if name != bodyText {
		return readLines(text)
	}
	if r.texts.lines == nil {
		r.texts.lines = readLines(text)
	}
	return r.texts.lines
}
