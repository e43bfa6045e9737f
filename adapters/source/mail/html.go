package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// readable makes text of HTML: a line for each block and each row of a table,
// " | " between the cells of a row, a link's address behind it in <>.
//
// It goes by the tokens, not by a tree: what is not closed or closed twice
// costs nothing, and no depth of nesting costs memory.
func readable(s string) string {
	text, closed := page(s, hiddenElements)
	if text == "" && !closed {
		text, _ = page(s, nil) // rather too much than nothing
	}
	return text
}

// page writes a page without the hidden elements, and tells whether all of
// those were closed.
func page(s string, hidden map[atom.Atom]bool) (text string, closed bool) {
	w := &pageWriter{hide: hidden}
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(MaxText)
	for w.b.Len() < MaxText {
		switch z.Next() {
		case html.ErrorToken:
			return w.end(), w.hidden == 0
		case html.TextToken:
			if w.hidden == 0 {
				w.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attributes := z.TagName()
			w.start(atom.Lookup(name), attributes, z)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.stop(atom.Lookup(name))
		}
	}
	return w.end(), w.hidden == 0
}

// A pageWriter writes a page as text.
type pageWriter struct {
	b       strings.Builder
	space   bool // a blank is due before the next word
	breaks  int  // line breaks are due before the next word
	begun   bool // something stands there
	hide    map[atom.Atom]bool
	hidden  int   // within elements that nobody sees
	verbal  int   // within pre
	cells   []int // of the rows around, the innermost last
	divider bool  // a cell's border is due
	href    string
	linkAt  int // where the link's text begins
}

// blocks begin and end a line; the number is of the line breaks.
var blocks = map[atom.Atom]int{
	atom.P: 2, atom.H1: 2, atom.H2: 2, atom.H3: 2, atom.H4: 2, atom.H5: 2, atom.H6: 2, atom.Pre: 2, atom.Blockquote: 2, atom.Hr: 2,
	atom.Div: 1, atom.Tr: 1, atom.Table: 1, atom.Ul: 1, atom.Ol: 1, atom.Li: 1, atom.Dl: 1, atom.Dt: 1, atom.Dd: 1, atom.Center: 1,
	atom.Section: 1, atom.Article: 1, atom.Header: 1, atom.Footer: 1, atom.Tbody: 1, atom.Thead: 1, atom.Caption: 1, atom.Body: 1, atom.Form: 1,
}

// hiddenElements hold what is not to be read.
var hiddenElements = map[atom.Atom]bool{atom.Style: true, atom.Script: true, atom.Title: true, atom.Noscript: true, atom.Template: true}

// deepest bounds how many tables within tables are told apart.
const deepest = 32

func (w *pageWriter) start(tag atom.Atom, attributes bool, z *html.Tokenizer) {
	w.breaks = max(w.breaks, blocks[tag])
	switch tag {
	case atom.Br:
		w.breaks++
	case atom.Pre:
		w.verbal++
	case atom.Li:
		w.text("- ")
	case atom.Tr:
		if len(w.cells) < deepest {
			w.cells = append(w.cells, 0)
		}
	case atom.Td, atom.Th:
		w.cell()
	case atom.A:
		w.endLink()
		w.href, w.linkAt = attribute(attributes, z, "href"), w.b.Len()
	case atom.Img:
		w.text(attribute(attributes, z, "alt"))
	}
	if w.hide[tag] {
		w.hidden++
	}
}

// cell begins one. What came before it in its row stays in the line.
func (w *pageWriter) cell() {
	n := len(w.cells)
	if n == 0 {
		w.breaks = max(w.breaks, 1)
		return
	}
	if w.cells[n-1] > 0 {
		w.divider, w.breaks = true, 0
	}
	w.cells[n-1]++
}

func (w *pageWriter) stop(tag atom.Atom) {
	switch tag {
	case atom.A:
		w.endLink()
	case atom.Pre:
		w.verbal = max(w.verbal-1, 0)
	case atom.Tr:
		w.cells, w.divider = w.cells[:max(len(w.cells)-1, 0)], false
	}
	if w.hide[tag] {
		w.hidden = max(w.hidden-1, 0)
	}
	if tag != atom.Br {
		w.breaks = max(w.breaks, blocks[tag])
	}
}

// text writes words, and before them what is due.
func (w *pageWriter) text(s string) {
	if w.verbal > 0 {
		w.due()
		w.b.WriteString(s)
		return
	}
	for s != "" {
		if trimmed := strings.TrimLeft(s, " \t\r\n\f\u00a0"); len(trimmed) < len(s) {
			w.space, s = true, trimmed
			continue
		}
		end := strings.IndexAny(s, " \t\r\n\f\u00a0")
		if end < 0 {
			end = len(s)
		}
		w.due()
		w.b.WriteString(s[:end])
		s = s[end:]
	}
}

// due writes what separates the next word from the last.
func (w *pageWriter) due() {
	switch {
	case !w.begun:
	case w.divider:
		w.b.WriteString(" | ")
	case w.breaks > 0:
		w.b.WriteString("\n\n"[:min(w.breaks, 2)])
	case w.space:
		w.b.WriteByte(' ')
	}
	w.begun, w.divider, w.breaks, w.space = true, false, 0, false
}

// endLink writes a link's address, unless its text is it.
func (w *pageWriter) endLink() {
	href := strings.TrimSpace(w.href)
	w.href = ""
	if !strings.HasPrefix(href, "http://") && !strings.HasPrefix(href, "https://") {
		return
	}
	said := strings.TrimSpace(w.b.String()[w.linkAt:])
	if said == "" || strings.HasSuffix(said, href) || strings.ContainsAny(href, " \t\r\n<>") || len(href) > 2048 {
		return
	}
	w.b.WriteString(" <" + href + ">")
}

func (w *pageWriter) end() string {
	w.endLink()
	if !w.begun {
		return ""
	}
	w.b.WriteByte('\n')
	return w.b.String()
}

func attribute(some bool, z *html.Tokenizer, name string) string {
	for some {
		var key, value []byte
		if key, value, some = z.TagAttr(); string(key) == name {
			return string(value)
		}
	}
	return ""
}
