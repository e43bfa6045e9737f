package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/request"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

// keepMade is how long it is remembered which ticket a kind and day has.
const keepMade = 31 * 24 * time.Hour

// A message is the body of a message's item: one person's part of a report.
// Without an owner it is the leader's, about what nobody owns.
type message struct {
	Report string `json:"report"`
	Owner  string `json:"owner,omitempty"`
}

// report leaves a message for everybody who has tickets in it.
func (f *Flow) report(ctx context.Context, it outbox.Item) error {
	var report string
	if err := json.Unmarshal(it.Body, &report); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		all, err := madeIn(tx, report)
		if err != nil {
			return err
		}
		owners := map[string]bool{}
		for _, m := range all {
			owners[m.Owner] = true
		}
		for _, owner := range slices.Sorted(maps.Keys(owners)) {
			msg, err := itemOf("chat", "digest/"+report+"/"+owner, kindMessage, it.Key+"/"+owner, it.Created, message{report, owner})
			if err != nil {
				return err
			}
			if err := outbox.Add(tx, msg); err != nil {
				return err
			}
		}
		return forget(tx, teamIn(report), it.Created.Add(-keepMade))
	})
}

// madeIn gives the tickets of a report.
func madeIn(tx store.Reader, report string) ([]made, error) {
	var out []made
	team := teamIn(report)
	for _, value := range tx.Scan(bucketMade, team+"/", team+"0") { // 0 follows the slash
		var m made
		if _, err := store.Decode(value, 1, &m); err != nil {
			return nil, err
		}
		if m.Report == report {
			out = append(out, m)
		}
	}
	return out, nil
}

func teamIn(report string) string {
	i := strings.LastIndexByte(report, '/')
	return report[:max(i, 0)]
}

// forget removes what is about days before a time.
func forget(tx store.Writer, team string, before time.Time) error {
	var old []string
	for key := range tx.Scan(bucketMade, team+"/", team+"/"+before.Format(time.DateOnly)) {
		old = append(old, key)
	}
	for _, key := range old {
		if err := tx.Delete(bucketMade, key); err != nil {
			return err
		}
	}
	return nil
}

// tell sends one person's part of a report.
func (f *Flow) tell(ctx context.Context, it outbox.Item) error {
	var body message
	if err := json.Unmarshal(it.Body, &body); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	person, ok := f.Roster.Person(body.Owner)
	if body.Owner == "" {
		person, ok = f.Roster.Leader(teamIn(body.Report))
	}
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	tickets, err := f.ticketsOf(ctx, body)
	if err != nil {
		return err
	}
	m := f.message(body, person, tickets)
	m.Sent = it.Created
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}

func (f *Flow) ticketsOf(ctx context.Context, body message) (out []made, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		all, err := madeIn(tx, body.Report)
		out = slices.DeleteFunc(all, func(m made) bool { return m.Owner != body.Owner })
		return err
	})
	return out, err
}

func (f *Flow) message(body message, person roster.Person, tickets []made) chat.Message {
	p := text.For(person.Lang, person.Zone)
	key := "digest.mine"
	if body.Owner == "" {
		key = "digest.nobodys"
	}
	m := chat.Message{Key: "digest/" + body.Report + "/" + body.Owner, To: person.Chat, Lang: p.Lang(), Link: f.URL + "/tickets",
		Title:    p.Say(key, "n", len(tickets)),
		Sections: []chat.Section{{Markdown: f.listOf(p, tickets)}}}
	if body.Owner == "" {
		m.Buttons = f.assignButtons(p, teamIn(body.Report), person, tickets)
	}
	return m
}

func (f *Flow) listOf(p text.Printer, tickets []made) string {
	lines := make([]string, len(tickets))
	for i, m := range tickets {
		link := f.Tracker.URL(m.Ticket)
		if strings.HasPrefix(link, "/") {
			link = f.URL + link
		}
		ticket := chat.Line(m.Ticket)
		if link != "" {
			ticket = brief.Link(m.Ticket, link)
		}
		lines[i] = "- " + ticket + " " + p.Markdown("digest.line", "what", what(m.Host, m.Check), "n", m.Count, "last", p.Time(m.Last), "state", state(p, m.Over))
	}
	return strings.Join(lines, "\n")
}

// assignable is how many tickets can be assigned from the message itself;
// the others are on the tickets page.
const assignable = 10

func (f *Flow) assignButtons(p text.Printer, team string, leader roster.Person, tickets []made) []chat.Button {
	var out []chat.Button
	for _, m := range tickets[:min(len(tickets), assignable)] {
		ask := request.AssignMessage(f.Roster, leader, team, tracker.Ticket{Key: m.Ticket})
		for _, b := range ask.Buttons {
			b.Label = p.Say("digest.assign", "ticket", m.Ticket)
			b.Style = chat.Plain
			out = append(out, b)
		}
	}
	return out
}
