package mrkdwn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tebiki/adapters/prose"
)

const (
	joiner = "\u2060" // keeps a mark from opening anything
	gap    = "\u200b" // lets a mark open after a letter
)

// maxPiece is the length above which a line is parted at its sentences.
const maxPiece = 300

// markRoom is what the marks around a span and the gaps beside them take.
const markRoom = 10

// pieces writes a line down.
func (l line) pieces() []Piece {
	switch l.kind {
	case blank:
		return []Piece{{Text: strings.TrimSpace(l.lead), Break: true}}
	case code:
		return fixedPieces(l.code)
	}
	out := []Piece{}
	for _, part := range sentences(l.spans) {
		out = append(out, Piece{Text: writeSpans(part)})
	}
	if len(out) == 0 {
		out = []Piece{{}}
	}
	out[0].Text, out[0].Break = l.lead+out[0].Text, true
	if l.lead == "" {
		out[0].Text = keepQuote(out[0].Text)
	}
	return out
}

// keepQuote keeps text that begins with ">" from being a quote.
func keepQuote(s string) string {
	if strings.HasPrefix(s, "&gt;") {
		return joiner + s
	}
	return s
}

func fixedPieces(s string) (out []Piece) {
	for first := true; first || s != ""; first = false {
		head := cutRunes(s, maxPiece)
		s = s[len(head):]
		out = append(out, Piece{Text: escapeCode(head), Code: true, Break: true})
	}
	return out
}

// sentences parts spans that are long together.
func sentences(spans []prose.Span) (out [][]prose.Span) {
	var now []prose.Span
	size := 0
	for _, s := range spans {
		for s.Text != "" {
			part := s
			part.Text = firstSentence(s.Text)
			s.Text = s.Text[len(part.Text):]
			n := utf8.RuneCountInString(part.Text) + len(part.Link)
			if part.Style != 0 {
				n += markRoom
			}
			if size > 0 && size+n > maxPiece {
				out, now, size = append(out, now), nil, 0
			}
			if last := len(now) - 1; last >= 0 && now[last].Style == part.Style && now[last].Link == part.Link {
				now[last].Text += part.Text
			} else {
				now = append(now, part)
			}
			size += n
		}
	}
	if len(now) > 0 {
		out = append(out, now)
	}
	return out
}

// firstSentence is the text up to the end of its first sentence, or as much
// as makes a piece.
func firstSentence(s string) string {
	s = cutRunes(s, maxPiece)
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		if strings.ContainsRune("。！？", r) {
			return s[:end]
		}
		if strings.ContainsRune(".!?", r) && end < len(s) && s[end] == ' ' {
			return s[:end+1]
		}
	}
	return s
}

func cutRunes(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

var marks = []struct {
	style prose.Style
	mark  string
}{{prose.Bold, "*"}, {prose.Italic, "_"}, {prose.Struck, "~"}}

// writeSpans writes spans with their marks.
func writeSpans(spans []prose.Span) string {
	var out strings.Builder
	risky := riskyMarks(spans)
	for i, s := range spans {
		core := strings.TrimSpace(s.Text)
		if core == "" {
			out.WriteString(s.Text)
			continue
		}
		lead, tail, _ := strings.Cut(s.Text, core)
		out.WriteString(lead)
		body, marked := write(s, core, risky, prose.LastRune(out.String()))
		if marked && needsGap(prose.LastRune(out.String())) {
			out.WriteString(gap)
		}
		out.WriteString(body)
		if marked && tail == "" && i+1 < len(spans) && needsGap(prose.FirstRune(spans[i+1].Text)) {
			out.WriteString(gap)
		}
		out.WriteString(tail)
	}
	return out.String()
}

// write gives a span's text with its marks; marked is whether it has any.
func write(s prose.Span, core, risky string, before rune) (body string, marked bool) {
	switch {
	case s.Link != "":
		body = writeLink(s.Link, core)
	case s.Style&prose.Fixed != 0:
		body, marked = "`"+escapeCode(strings.ReplaceAll(core, "`", "ˋ"))+"`", true
	case s.Style != 0:
		body = escapeText(core, risky, ' ')
	default:
		return escapeText(core, risky, before), false
	}
	for _, m := range marks {
		if s.Style&m.style != 0 {
			body, marked = m.mark+body+m.mark, true
		}
	}
	return body, marked
}

// riskyMarks are the marks that would mean something if text had them.
func riskyMarks(spans []prose.Span) (risky string) {
	counts := map[rune]int{}
	for _, s := range spans {
		for _, r := range s.Text {
			if strings.ContainsRune("*_~`", r) && s.Style&prose.Fixed == 0 {
				counts[r]++
			}
		}
		for _, m := range marks {
			if s.Style&m.style != 0 {
				counts[rune(m.mark[0])]++
			}
		}
		if s.Style&prose.Fixed != 0 {
			counts['`']++
		}
	}
	for _, r := range "*_~`" {
		if counts[r] > 1 {
			risky += string(r)
		}
	}
	return risky
}

// needsGap tells whether Slack sees no mark beside this character.
func needsGap(r rune) bool {
	return r != 0 && !unicode.IsSpace(r) && !strings.ContainsRune(`.,:;!?()[]{}"'-`+gap, r)
}
