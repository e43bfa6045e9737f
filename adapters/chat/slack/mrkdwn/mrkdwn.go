// Package mrkdwn turns the Markdown of messages into Slack's mrkdwn.
//
// Markdown goes through goldmark into lines, each with its spans of text of
// one style, and a line becomes pieces: text that stands by itself, so that
// a message can be cut or parted after any of them and never within an
// entity, a link or a pair of marks. Pack puts pieces together again, as many
// as fit, and fences what is code.
//
// mrkdwn knows less than Markdown: headings become bold lines, lists are
// drawn with bullets, tables are set in fixed text, images are links. It has
// no way to write a mark that is only a character, nor does it see a mark
// between two letters, as in Japanese. Two characters without width help: a
// word joiner keeps a mark that is text from opening anything, a zero-width
// space lets one open that stands after a letter. They are put only where
// the text would be read otherwise, because they come along when it is
// copied.
//
// A link to "time:" and a number of seconds since 1970 is a moment, which
// Slack shows in the reader's own zone: [Wed 25 Nov 05:05](time:1763996700).
package mrkdwn

import (
	"strings"
	"unicode/utf16"

	"tebiki/adapters/prose"
)

// maxMarkdown is how many bytes of one text are read as Markdown: much more
// than fits a message, and little enough to stay fast whatever it holds.
const maxMarkdown = 16 << 10

// A Piece of a text.
type Piece struct {
	Text  string // escaped; of code without the fence
	Code  bool   // belongs into a fence
	Break bool   // begins a new line
}

// Convert gives the pieces of a Markdown text. whole is false when the text
// was too long to be read to its end.
func Convert(source string) (pieces []Piece, whole bool) {
	source = prose.Clean(source)
	head := prose.Cut(source, maxMarkdown)
	src := []byte(head)
	w := &writer{src: src}
	w.children(prose.Parse(src), prefix{})
	for _, l := range w.lines {
		pieces = append(pieces, l.pieces()...)
	}
	return pieces, len(head) == len(source)
}

// Pack joins pieces to texts of at most size characters each. What shows
// nothing is left out: Slack refuses an empty text.
func Pack(pieces []Piece, size int) (texts []string) {
	var p packer
	end := func() {
		if text := p.end(); strings.TrimSpace(text) != "" {
			texts = append(texts, text)
		}
	}
	for _, next := range pieces {
		if p.size+p.cost(next) > size && p.size > 0 {
			end()
		}
		p.add(next)
	}
	end()
	return texts
}

// Cut gives the first pieces that fit into size characters, and whether that
// is all of them.
func Cut(pieces []Piece, size int) (head []Piece, whole bool) {
	var p packer
	for i, next := range pieces {
		if p.size+p.cost(next) > size {
			return pieces[:i], false
		}
		p.add(next)
	}
	return pieces, true
}

// Size is the length of a text as Slack counts it: never less than its
// characters, as JavaScript counts them.
func Size(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

const fence = "```"

// packer joins pieces and closes the fence that it opened.
type packer struct {
	out  strings.Builder
	size int
	code bool
}

// cost is what a piece adds, with room for the closing fence.
func (p *packer) cost(next Piece) int {
	n := Size(next.Text) + 1
	if next.Code && !p.code {
		n += 2*len(fence) + 3
	}
	return n
}

func (p *packer) add(next Piece) {
	p.size += p.cost(next)
	if p.code && !next.Code {
		p.out.WriteString("\n" + fence)
		p.code = false
	}
	if p.out.Len() > 0 && (next.Break || next.Code) {
		p.out.WriteByte('\n')
	}
	if next.Code && !p.code {
		p.out.WriteString(fence + "\n")
		p.code = true
	}
	p.out.WriteString(next.Text)
}

func (p *packer) end() string {
	if p.code {
		p.out.WriteString("\n" + fence)
	}
	s := strings.Trim(p.out.String(), "\n")
	*p = packer{}
	return s
}
