package review

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/daily"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

const bucketWaiting = "review.waiting"

// A waiting is a ticket that rests until a leader does something.
type waiting struct {
	Ticket string    `json:"ticket"`
	Title  string    `json:"title"`
	For    string    `json:"for"` // forLook or forHands
	Team   string    `json:"team"`
	Since  time.Time `json:"since"`
}

// wait notes what a ticket waits for, and since when.
func (f *Flow) wait(tx store.Writer, t tracker.Ticket) error {
	what, ok := waits[standing{t.Status, t.Assignee != ""}]
	if !ok {
		return tx.Delete(bucketWaiting, t.Key)
	}
	var old waiting
	if _, err := store.Get(tx, bucketWaiting, t.Key, 1, &old); err != nil {
		return err
	}
	w := waiting{Ticket: t.Key, Title: brief.Plain(t.Title, maxTitle), For: what, Team: f.teamOf(t), Since: t.Updated}
	if old.For == what {
		w.Since = old.Since
	}
	return store.Put(tx, bucketWaiting, t.Key, 1, w)
}

const maxTitle = 200

// Work is what the flow does in each team's morning.
func (f *Flow) Work() daily.Work {
	return daily.Work{Name: "reminders of what waits", Bucket: "review.remind", Do: f.remind}
}

// A reminder is the body of an item: what a team's leader lets wait.
type reminder struct {
	Team string    `json:"team"`
	At   time.Time `json:"at"`
	All  []waiting `json:"all"` // the longest first
}

func (f *Flow) remind(ctx context.Context, t roster.Team, now time.Time) error {
	r := reminder{Team: t.ID, At: now}
	err := f.Store.View(ctx, func(tx store.Reader) error {
		r.All = nil
		for _, value := range tx.Scan(bucketWaiting, "", "") {
			var w waiting
			if _, err := store.Decode(value, 1, &w); err != nil {
				return err
			}
			if f.leads(t.ID, w.Team) && t.Worked(w.Since, now) >= f.Patient {
				r.All = append(r.All, w)
			}
		}
		return nil
	})
	if err != nil || len(r.All) == 0 {
		return err
	}
	slices.SortFunc(r.All, func(a, b waiting) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Ticket, b.Ticket)) })
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	defer f.Outbox.Wake()
	return f.Store.Update(ctx, func(tx store.Writer) error {
		key := kindRemind + "/" + t.ID + "/" + daily.Day(now, t.Zone)
		return outbox.Add(tx, outbox.Item{Dest: "chat", Lane: key, Kind: kindRemind, Key: key, Created: now, Body: body})
	})
}

// leads tells whether a team's leader is reminded of what waits for another
// name's: what was noted for a team that the roster has no longer is for the
// one that all others belong to.
func (f *Flow) leads(team, noted string) bool {
	if _, ok := f.Roster.Team(noted); !ok {
		noted = f.Team
	}
	return noted == team
}

func (f *Flow) tellWaiting(ctx context.Context, it outbox.Item) error {
	var r reminder
	if err := json.Unmarshal(it.Body, &r); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	leader, ok := f.Roster.Leader(r.Team)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := text.For(leader.Lang, leader.Zone)
	m := chat.Message{Key: it.Key, To: leader.Chat, Lang: p.Lang(), Sent: it.Created, Link: f.URL + "/tickets", Title: p.Say("review.remind", "n", len(r.All))}
	for _, part := range []struct{ what, key string }{{forLook, "review.remind.look"}, {forHands, "review.remind.hands"}} {
		if list := f.listOf(p, r, part.what); list != "" {
			m.Sections = append(m.Sections, chat.Section{Heading: p.Say(part.key), Markdown: list})
		}
	}
	return f.send(ctx, it, m)
}

// listed is how many tickets of one kind a reminder lists.
const listed = 30

func (f *Flow) listOf(p text.Printer, r reminder, what string) string {
	team, _ := f.Roster.Team(r.Team)
	var lines []string
	n := 0
	for _, w := range r.All {
		if w.For != what {
			continue
		}
		if n++; n > listed {
			continue
		}
		worked := p.Duration(team.Worked(w.Since, r.At).Truncate(time.Minute))
		link := brief.Link(w.Ticket, brief.Absolute(f.URL, f.Tracker.URL(w.Ticket)))
		lines = append(lines, "- "+link+" "+p.Markdown("review.remind.line", "title", w.Title, "worked", worked, "since", w.Since))
	}
	if n > listed {
		lines = append(lines, "- "+p.Markdown("alerts.more", "n", n-listed))
	}
	return strings.Join(lines, "\n")
}
