package digest

import (
	"fmt"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/request"
	"tebiki/bot/roster"
	"tebiki/bot/text"
)

func (f *Flow) message(body message, person roster.Person, tickets []made, bench *request.Bench) chat.Message {
	p := text.For(person.Lang, person.Zone)
	m := chat.Message{Key: "digest/" + body.Report + "/" + body.Owner, To: person.Chat, Lang: p.Lang(), Link: f.URL + "/tickets",
		Title:    p.Say(titleKey(body.Owner, len(tickets)), "n", len(tickets)),
		Sections: []chat.Section{{Markdown: f.listOf(p, tickets)}}}
	if body.Owner == "" {
		m.Buttons = f.assignButtons(p, teamIn(body.Report), person, tickets, bench)
	}
	return m
}

func titleKey(owner string, tickets int) string {
	switch {
	case owner != "":
		return "digest.mine"
	case tickets == 0:
		return "digest.assigned"
	}
	return "digest.nobodys"
}

// listed is how many tickets a message lists; the others are on the page of
// tickets that it leads to.
const listed = 50

func (f *Flow) listOf(p text.Printer, tickets []made) string {
	var b strings.Builder
	for _, m := range tickets[:min(len(tickets), listed)] {
		ticket := chat.Line(m.Ticket)
		if link := brief.Absolute(f.URL, f.Tracker.URL(m.Ticket)); link != "" {
			ticket = brief.Link(m.Ticket, link)
		}
		line := p.Markdown("digest.line", "what", m.What, "n", m.Count, "last", m.Last, "state", stateWord(p, m.States))
		fmt.Fprintf(&b, "- %s %s\n", ticket, line)
	}
	if more := len(tickets) - listed; more > 0 {
		fmt.Fprintf(&b, "- %s\n", p.Markdown("alerts.more", "n", more))
	}
	return b.String()
}

// assignable is how many tickets can be assigned from the message itself;
// the others are on the tickets page.
const assignable = 10

func (f *Flow) assignButtons(p text.Printer, team string, leader roster.Person, tickets []made, bench *request.Bench) []chat.Button {
	var out []chat.Button
	for _, m := range tickets[:min(len(tickets), assignable)] {
		ask := request.AssignMessage(f.Roster, leader, tracker.Ticket{Key: m.Ticket}, bench.Candidates(team, m.Owners))
		for _, b := range ask.Buttons {
			b.Label = p.Say("digest.assign", "ticket", m.Ticket)
			b.Style = chat.Plain
			out = append(out, b)
		}
	}
	return out
}
