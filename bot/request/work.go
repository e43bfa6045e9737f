package request

import (
	"slices"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

// A piece is one piece of the work with its document.
type piece struct {
	title string // with the key of its sub-ticket
	doc   *knowhow.Doc
	done  bool
}

// pieces gives those that have a document.
func (st standing) pieces(p text.Printer) []piece {
	var out []piece
	for i, sub := range st.entry.Subtickets {
		one := piece{title: sub.Title.In(p.Lang())}
		label := subticketLabel(st.ticket.Key, st.component, i)
		if at := slices.IndexFunc(st.subs, func(t tracker.Ticket) bool { return t.Label == label }); at >= 0 {
			one.title, one.done = st.subs[at].Key+" "+one.title, isDone(st.subs[at])
		}
		var ok bool
		if one.doc, ok = st.base.Doc(sub.Doc, p.Lang()); ok {
			out = append(out, one)
		}
	}
	return out
}

// sections collects those that have something to say.
type sections []chat.Section

func (s *sections) add(heading, markdown string, folded bool) {
	if markdown = strings.TrimSpace(markdown); markdown != "" {
		*s = append(*s, chat.Section{Heading: heading, Markdown: markdown, Folded: folded})
	}
}

// work is what the assignee must know, in the order of its use: what to do,
// how the checks went, what is special, how far the work is, and at the end
// what is long. A piece that is done is out of the way there too.
func (f *Flow) work(p text.Printer, st standing) []chat.Section {
	pieces := st.pieces(p)
	rs := cutResults(results(st.prep, st.entry.Checks()), shortLines, shortBytes)
	var out sections
	for _, one := range toDo(pieces) {
		out.add(one.title+": "+p.Say("doc.todo"), one.doc.TODO, false)
	}
	out.add(p.Say("doc.results"), verdicts(p, rs), false)
	for _, one := range toDo(pieces) {
		out.add(one.title+": "+p.Say("doc.special"), one.doc.Special, false)
	}
	out.add(p.Say("push.subtickets"), f.checklist(p, st.subs), false)
	out.add(p.Say("push.output"), printed(rs), false)
	for _, one := range pieces {
		f.details(p, st.entry, one, &out)
	}
	return out
}

func toDo(pieces []piece) []piece {
	return slices.DeleteFunc(slices.Clone(pieces), func(one piece) bool { return one.done })
}

func (f *Flow) details(p text.Printer, entry *knowhow.Entry, one piece, out *sections) {
	if one.done {
		out.add(one.title+": "+p.Say("doc.todo"), one.doc.TODO, true)
		out.add(one.title+": "+p.Say("doc.special"), one.doc.Special, true)
	}
	out.add(one.title+": "+p.Say("doc.procedure"), one.doc.Procedure, true)
	out.add(one.title+": "+p.Say("doc.checks"), one.doc.Checks, true)
	out.add("", brief.Source(p, f.Roster, one.doc, brief.EntryPage(f.URL, entry.Name)), true)
}

// verdicts says in a line for each check how it went.
func verdicts(p text.Printer, rs []check.Result) string {
	var b strings.Builder
	for _, r := range rs {
		b.WriteString("- **" + chat.Line(r.Check) + "** " + brief.Verdict(p, r) + "\n")
	}
	return b.String()
}

// printed is the output of the checks, each under its command.
func printed(rs []check.Result) string {
	var parts []string
	for _, r := range rs {
		parts = append(parts, chat.Fence("$ "+r.Command+"\n"+r.Text))
	}
	return strings.Join(parts, "\n\n")
}

// maxListed and maxTitle bound the checklist: a storm of alerts may have
// joined the ticket.
const maxListed, maxTitle = 30, 200

// checklist shows how far the sub-tickets are.
func (f *Flow) checklist(p text.Printer, subs []tracker.Ticket) string {
	var b strings.Builder
	for _, sub := range subs[:min(len(subs), maxListed)] {
		box := "- [ ] "
		if isDone(sub) {
			box = "- [x] "
		}
		b.WriteString(box + f.link(sub.Key) + " " + chat.Line(brief.Plain(sub.Title, maxTitle)) + "\n")
	}
	if more := len(subs) - maxListed; more > 0 {
		b.WriteString("\n" + p.Markdown("alerts.more", "n", more))
	}
	return b.String()
}

func isDone(t tracker.Ticket) bool { return t.Status == tracker.Fixed || t.Status == tracker.Closed }
