package upkeep

import (
	"fmt"

	"tebiki/bot/brief"
	"tebiki/bot/text"
)

// A List is one part of a report as people read it.
type List struct {
	Heading string
	Lines   []Line
}

// A Line is one thing to know, with where to do something about it. All of it
// is plain text.
type Line struct {
	Name, Link string
	Note       string
	Remarks    []string // what people wrote
}

// Lists writes a report in the printer's language, without what is empty.
func (f *Flow) Lists(p text.Printer, r Report) []List {
	all := []List{
		{p.Say("upkeep.used"), lines(r.Used, func(u Use) Line { return Line{Name: f.title(p.Lang(), u.Component), Link: u.Link, Note: useNote(p, u)} })},
		{p.Say("upkeep.outdated"), lines(r.Outdated, func(o Outdate) Line { return f.outdatedLine(p, o) })},
		{p.Say("upkeep.missed"), lines(r.Missed, func(m Miss) Line {
			return Line{Name: brief.Plain(m.Words, maxRemark), Link: m.Link, Note: p.Say("upkeep.times", "n", m.Count)}
		})},
		{p.Say("upkeep.noentry"), lines(r.NoEntry, func(g Gap) Line {
			return Line{Name: brief.Plain(g.Component, maxRemark), Link: g.Link, Note: p.Say("upkeep.tickets", "n", g.Count, "ticket", g.Ticket)}
		})},
		{p.Say("upkeep.unused"), lines(r.Unused, func(u Unused) Line { return Line{Name: f.title(p.Lang(), u.Component), Link: u.Link} })},
		{p.Say("upkeep.written"), lines(r.Written, func(w Writing) Line {
			return Line{Name: fmt.Sprintf("%s %s", w.Month, w.Author), Link: w.Link, Note: p.Say("upkeep.documents", "n", w.Docs)}
		})},
	}
	var out []List
	for _, l := range all {
		if len(l.Lines) > 0 {
			out = append(out, l)
		}
	}
	return out
}

func useNote(p text.Printer, u Use) string {
	note := p.Say("upkeep.used.line", "pushed", u.Pushed, "opened", u.Opened, "useful", u.Useful)
	if u.Fixed > 0 {
		note += " " + p.Say("upkeep.took", "n", u.Fixed, "took", p.Duration(u.Took))
	}
	return note
}

func (f *Flow) outdatedLine(p text.Printer, o Outdate) Line {
	l := Line{Name: f.title(p.Lang(), o.Component), Link: o.Link, Note: p.Say("upkeep.outdated.line", "n", o.Count, "remarks", len(o.Remarks))}
	for _, r := range o.Remarks {
		l.Remarks = append(l.Remarks, f.remark(p, r))
	}
	return l
}

func lines[T any](all []T, write func(T) Line) []Line {
	out := make([]Line, len(all))
	for i, v := range all {
		out[i] = write(v)
	}
	return out
}

// maxRemark is how much is shown of what somebody wrote, in characters.
const maxRemark = 500

// remark says who wrote what, about which document.
func (f *Flow) remark(p text.Printer, r Remark) string {
	name, words := f.Roster.Name(r.Person), brief.Plain(r.Words, maxRemark)
	if d, ok := f.KnowHow().Doc(r.Doc, p.Lang()); ok {
		return p.Say("upkeep.remark.doc", "name", name, "doc", d.Title, "words", words)
	}
	return p.Say("upkeep.remark", "name", name, "words", words)
}
