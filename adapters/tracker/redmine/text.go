package redmine

import (
	"fmt"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/fields"
	"tebiki/adapters/tracker/remote"
)

// The limits. MySQL keeps 65,535 bytes of a text.
const (
	maxTitle = 255 // characters
	maxText  = 60_000
	maxBody  = 256 << 10
)

func oneLine(s string) (string, error) {
	return remote.Title(s, maxTitle, func(rune) int { return 1 })
}

// A text is an issue's description in its parts, in Redmine's markup. Only
// what Tebiki wrote has a head and a tail.
type text struct {
	format Format
	head   string // the fields' lines
	body   string
	tail   string // a rule, the links, and the mark's line
	mark   mark   // of the tail
	label  string // of the ticket, wherever it is kept
}

// text takes an issue's description apart.
func (r *Redmine) text(p *place, i *issue) text {
	r.mu.Lock()
	folder := r.mark
	r.mu.Unlock()
	t := r.opt.Format.split(strings.ReplaceAll(i.Description, "\r\n", "\n"))
	m := t.mark
	if c, ok := i.custom(r.opt.LabelField); ok && r.opt.LabelField != "" {
		if kept, ok := parseMark(c.text()); ok {
			m = kept
		}
	}
	if m == (mark{}) {
		return text{format: t.format, body: strings.ReplaceAll(i.Description, "\r\n", "\n")}
	}
	t.label = m.of(folder, i.Author.ID == p.me.ID)
	return t
}

// split takes apart a text that Tebiki wrote. What people have written below
// the tail belongs to the body.
func (f Format) split(s string) text {
	t := text{format: f}
	lines := strings.Split(s, "\n")
	n := 0
	for n < len(lines) && fields.Read(lines[n], true, strings.TrimSpace) != nil {
		n++
	}
	t.head = strings.Join(lines[:n], "\n")
	lines = lines[n:]
	from, to := tailOf(lines)
	t.tail = strings.Join(lines[from:to], "\n")
	for _, l := range lines[from:to] {
		if found := markLine.FindStringSubmatch(l); found != nil {
			t.mark, _ = parseMark(found[1])
		}
	}
	t.body = strings.Trim(strings.Join(lines[:from], "\n")+"\n"+strings.Join(lines[to:], "\n"), "\n")
	return t
}

// tailOf finds the last mark's line, or the end of the text, and the links
// and the rule above it.
func tailOf(lines []string) (from, to int) {
	to = len(lines)
	from = to
	for i := len(lines) - 1; i >= 0; i-- {
		if markLine.MatchString(lines[i]) {
			from, to = i, i+1
			break
		}
	}
	for i := from - 1; i >= 0; i-- {
		switch l := strings.TrimSpace(lines[i]); {
		case l == tailStart:
			return i, to
		case l != "" && !linkLine.MatchString(l):
			return from, to
		}
	}
	return from, to
}

// String puts the parts together. A body that begins as fields do is parted
// from where they would be.
func (t text) String() string {
	var parts []string
	for _, part := range []string{t.head, t.body, t.tail} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	s := strings.Join(parts, "\n\n")
	if t.head == "" && fields.Read(s, true, strings.TrimSpace) != nil {
		s = "\n" + s
	}
	return s
}

// fields gives the fields in a text; a person's may be anywhere near its
// beginning.
func (t text) fields() map[string]string {
	if t.label != "" {
		return fields.Read(t.head, true, t.format.line)
	}
	return fields.Read(t.body, false, t.format.line)
}

// compose writes a draft's text, whose fields are those that have no custom
// field. keep says that the mark is kept in it.
func (f Format) compose(d tracker.Draft, m mark, keep bool) text {
	t := text{format: f, head: f.render(fields.Write(d.Fields)), body: f.body(d.Body)}
	var tail []string
	if len(d.Links) > 0 {
		var list strings.Builder
		for _, l := range d.Links {
			fmt.Fprintf(&list, "- [%s](%s)\n", chat.Line(firstOf(l.Title, l.URL)), l.URL)
		}
		tail = append(tail, strings.TrimSpace(f.render(list.String())))
	}
	if keep {
		tail = append(tail, f.markLine(m))
	}
	if len(tail) > 0 {
		t.tail = tailStart + "\n\n" + strings.Join(tail, "\n\n")
	}
	return t
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// body is a text of Markdown, cut where Redmine's database would be full.
func (f Format) body(markdown string) string {
	return strings.Trim(f.cut(f.render(markdown), maxText-8<<10), "\n")
}

func checkBody(s string) error {
	if len(s) > maxBody {
		return remote.Refused("the text has %d bytes, at most %d are taken: shorten it", len(s), maxBody)
	}
	return nil
}
