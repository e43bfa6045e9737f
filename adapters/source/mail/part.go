package mail

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// A parser reads one mail with all that is in it.
type parser struct {
	parts int // read so far
	notes []string
}

func (p *parser) note(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); len(p.notes) < MaxNotes && !slices.Contains(p.notes, s) {
		p.notes = append(p.notes, s)
	}
}

// A content is what a part comes to.
type content struct {
	text        string
	html        bool // the text was HTML
	attachments []string
	mails       []Message // attached ones
}

// message reads a header and its body.
func (p *parser) message(r *bufio.Reader, depth int) Message {
	head := p.header(r)
	kind := kindOf(head)
	m := Message{Header: p.decodeHeader(head, kind.params["charset"])}
	m.fill()
	c := p.part(kind, r, depth)
	m.Text, m.Attachments = c.text, c.attachments
	m.ID = m.identify()
	if len(c.mails) == 0 {
		return m
	}
	inner := c.mails[0]
	inner.Also = append(inner.Also, c.mails[1:]...)
	inner.Attachments = append(inner.Attachments, m.Attachments...)
	for _, one := range append([]*Message{&inner}, pointers(inner.Also)...) {
		one.Forwarded = append([]Header{m.Header}, one.Forwarded...)
	}
	return inner
}

func pointers(ms []Message) []*Message {
	out := make([]*Message, len(ms))
	for i := range ms {
		out[i] = &ms[i]
	}
	return out
}

// header reads the fields of a mail or a part. The mender has made them such
// that this does not fail.
func (p *parser) header(r *bufio.Reader) textproto.Header {
	h, err := textproto.ReadHeader(r)
	if err != nil && !errors.Is(err, io.EOF) {
		p.note("the header is broken: %v", err)
	}
	return h
}

// part reads one part and all in it.
func (p *parser) part(k kind, body io.Reader, depth int) content {
	if p.parts++; p.parts > MaxParts || depth > MaxDepth {
		p.note("parts beyond the first %d, or deeper than %d, were left", MaxParts, MaxDepth)
		return content{}
	}
	group, _, _ := strings.Cut(k.media, "/")
	switch {
	case group == "multipart":
		return p.multipart(k, body, depth)
	case k.media == "message/rfc822" || k.media == "message/global":
		return p.attachedMail(k, body, depth)
	case k.disposition == "attachment" || k.name != "" && group != "text" && group != "message":
		return content{attachments: []string{cmp.Or(k.name, k.media)}}
	case group == "text" || k.media == "message/delivery-status" || k.media == "message/disposition-notification":
		return p.text(k, body)
	}
	return content{attachments: []string{k.media}}
}

// attachedMail reads a mail within the mail. Some systems encode it, which the
// standard forbids.
func (p *parser) attachedMail(k kind, body io.Reader, depth int) content {
	if k.encoding == "base64" || k.encoding == "quoted-printable" {
		body = bytes.NewReader(p.decoded(k, body, MaxMail))
	}
	m := p.message(bufio.NewReader(newMender(bufio.NewReader(body), nil)), depth+1)
	if m.Subject == "" && strings.TrimSpace(m.Text) == "" && m.Forwarded == nil {
		p.note("an attached mail says nothing")
		return content{}
	}
	return content{mails: m.All()}
}

// multipart reads the parts of one and chooses among them.
func (p *parser) multipart(k kind, body io.Reader, depth int) content {
	in := bufio.NewReader(body)
	boundary := k.params["boundary"]
	if boundary == "" {
		if boundary = guessBoundary(in); boundary == "" {
			p.note("the mail says that it has parts, but not where they begin")
			k.media = "text/plain"
			return p.text(k, in)
		}
		p.note("the boundary of the parts is missing in the header; it was guessed")
	}
	r := textproto.NewMultipartReader(newMender(in, []byte("--"+boundary)), boundary)
	var parts []content
	for p.parts <= MaxParts {
		part, err := r.NextPart()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				p.note("the boundary after the last part is missing")
			}
			break
		}
		parts = append(parts, p.part(kindOf(part.Header), part, depth+1))
	}
	c := join(k.media, parts)
	if k.media == "multipart/report" {
		c.mails = nil // what could not be delivered is no news
	}
	return c
}

// boundaryLine is what a line between parts looks like.
var boundaryLine = regexp.MustCompile(`(?m)^--([0-9A-Za-z'()+_,./:=?-]{1,70})[ \t\r]*$`)

func guessBoundary(in *bufio.Reader) string {
	start, _ := in.Peek(4096)
	if m := boundaryLine.FindSubmatch(start); m != nil {
		return string(m[1])
	}
	return ""
}

// join makes one content of those of a multipart's parts.
func join(media string, parts []content) (all content) {
	var texts []string
	all.html = true
	for _, c := range parts {
		all.attachments = append(all.attachments, c.attachments...)
		all.mails = append(all.mails, c.mails...)
		if strings.TrimSpace(c.text) != "" {
			texts = append(texts, c.text)
			all.html = all.html && c.html
		}
	}
	if media == "multipart/alternative" {
		all.text, all.html = choose(parts)
		return all
	}
	for i := range texts[:max(len(texts)-1, 0)] {
		texts[i] = strings.TrimRight(texts[i], "\n") + "\n\n"
	}
	all.text = cut(strings.Join(texts, ""), MaxText)
	return all
}

// choose takes the plain one of several forms of one text, or else the last,
// which its sender holds for the best.
func choose(parts []content) (text string, html bool) {
	for _, c := range parts {
		switch {
		case strings.TrimSpace(c.text) == "":
		case !c.html:
			return c.text, false
		default:
			text, html = c.text, true
		}
	}
	return text, html
}

// text reads a part that people can read.
func (p *parser) text(k kind, body io.Reader) content {
	// Quoted-printable makes three bytes of one.
	raw := p.decoded(k, body, 3*MaxText)
	if len(raw) > MaxText {
		p.note("only the first %d KiB of the text were read", MaxText>>10)
		raw = raw[:MaxText]
	}
	label := k.params["charset"]
	html := k.media == "text/html"
	if html && label == "" {
		label = metaCharset(raw)
	}
	s := p.charset(raw, label)
	switch {
	case html:
		s = readable(s)
	case strings.EqualFold(k.params["format"], "flowed"):
		s = unflow(s, strings.EqualFold(k.params["delsp"], "yes"))
	}
	return content{text: cut(plainText(s), MaxText), html: html}
}

// charset makes UTF-8 of a text, and notes when it is not what it says.
func (p *parser) charset(raw []byte, label string) string {
	s, used := decode(raw, label)
	switch {
	case used == "" || used == family(label):
	case label == "":
		p.note("the charset is not said; it was read as %s", used)
	default:
		p.note("the charset is said to be %.40q; it was read as %s", label, used)
	}
	if strings.ContainsRune(s, wrong) {
		p.note("bytes that mean nothing became %c", wrong)
	}
	return s
}
