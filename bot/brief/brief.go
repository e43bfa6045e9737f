// Package brief writes what a person is given to read: a document of the
// know-how with the results of its checks, and an alert. All three flows and
// the chat commands use it, so that the same thing looks the same wherever
// it is met: as sections of a message, or as the body of a ticket.
package brief

import (
	"fmt"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

// Doc gives a document with its checks' results. What must be known first
// comes first: what to do, and what is special about it. The rest is folded
// where the chat can.
func Doc(p text.Printer, d *knowhow.Doc, results []check.Result) []chat.Section {
	var out []chat.Section
	add := func(key, markdown string, folded bool) {
		if markdown = strings.TrimSpace(markdown); markdown != "" {
			out = append(out, chat.Section{Heading: p.Say(key), Markdown: markdown, Folded: folded})
		}
	}
	add("doc.todo", d.TODO, false)
	add("doc.special", d.Special, false)
	add("doc.results", Results(p, results), false)
	add("doc.procedure", d.Procedure, true)
	add("doc.checks", d.Checks, true)
	return out
}

// Source says where a document is from and how old it is, with what leads to
// it, to its history and to a change of it.
func Source(p text.Printer, who *roster.Roster, d *knowhow.Doc, link string) string {
	parts := []string{p.Markdown("doc.reviewed", "title", d.Title, "owner", who.Name(d.Owner), "day", p.Day(noon(d.Reviewed)))}
	switch day := p.Day(d.Changed.At); {
	case d.Changed.At.IsZero():
	case d.Changed.Author == "":
		parts = append(parts, p.Markdown("doc.changed", "day", day))
	default:
		parts = append(parts, p.Markdown("doc.changed.by", "day", day, "author", Plain(d.Changed.Author, maxField)))
	}
	for _, l := range []struct{ key, to string }{
		{"doc.link", link}, {"doc.file", Web(d.Changed.Link)}, {"doc.history", Web(d.Changed.History)}, {"doc.propose", Web(d.Changed.Propose)},
	} {
		if l.to != "" {
			parts = append(parts, Link(p.Say(l.key), l.to))
		}
	}
	return strings.Join(parts, " ")
}

// Made says which commit of the know-how something was made from; nothing for
// know-how without commits.
func Made(p text.Printer, base *knowhow.Base) []chat.Section {
	from := base.Origin()
	if from.Commit == "" {
		return nil
	}
	short := from.Commit[:min(len(from.Commit), 12)]
	if to := Web(from.Link); to != "" {
		return []chat.Section{{Markdown: p.Markdown("doc.commit") + " " + Link(short, to)}}
	}
	return []chat.Section{{Markdown: p.Markdown("doc.commit") + " " + chat.Line(short)}}
}

// Web leaves out what a reader cannot follow: a folder's path on the server.
func Web(link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
		return link
	}
	return ""
}

// noon keeps a date the same day in every zone that people live in.
func noon(day time.Time) time.Time { return day.Add(12 * time.Hour) }

// Body joins sections to the Markdown of a ticket.
func Body(sections ...chat.Section) string {
	var b strings.Builder
	for _, s := range sections {
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		if s.Heading != "" {
			b.WriteString("## " + chat.Line(s.Heading) + "\n\n")
		}
		b.WriteString(s.Markdown)
	}
	return b.String()
}

// Absolute completes an address within the console, which is at site. Any
// other stays as it is.
func Absolute(site, url string) string {
	if strings.HasPrefix(url, "/") {
		return site + url
	}
	return url
}

// Link is a Markdown link to an address from outside, which stays within it.
// An address that is neither of the web nor of a page here is text: a click
// must not run what an alert brought along.
func Link(label, url string) string {
	label = chat.Line(Plain(label, maxField))
	lower := strings.ToLower(url)
	page := strings.HasPrefix(url, "/") && !strings.HasPrefix(url, "//") && !strings.HasPrefix(url, `/\`)
	if len(url) > maxURL || !page && !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") {
		return label
	}
	return "[" + label + "](<" + escapeURL(url) + ">)"
}

// maxURL is what browsers and servers take, in bytes.
const maxURL = 8000

// escapeURL encodes what would end the link or be unseen in it.
func escapeURL(url string) string {
	var b strings.Builder
	for _, c := range []byte(strings.ToValidUTF8(url, "")) {
		switch {
		case c < ' ' || c == 0x7f:
		case c == ' ' || c == '<' || c == '>' || c == '\\':
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Entry gives all documents of a component. url is the console's.
func Entry(p text.Printer, who *roster.Roster, base *knowhow.Base, e *knowhow.Entry, url string) []chat.Section {
	var out []chat.Section
	for _, sub := range e.Subtickets {
		if d, ok := base.Doc(sub.Doc, p.Lang()); ok {
			out = append(out, Piece(p, who, sub.Title.In(p.Lang()), d, EntryPage(url, e.Name))...)
		}
	}
	return out
}

// Piece gives the document of one piece of work under that piece's name, and
// at its end where it is from.
func Piece(p text.Printer, who *roster.Roster, title string, d *knowhow.Doc, link string) []chat.Section {
	sections := Doc(p, d, nil)
	for i := range sections {
		sections[i].Heading = title + ": " + sections[i].Heading
	}
	return append(sections, chat.Section{Markdown: Source(p, who, d, link), Folded: true})
}
