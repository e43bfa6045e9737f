package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/bot/watch"
	"tebiki/store"
	"tebiki/store/outbox"
)

// How much of a kind is remembered.
const (
	daysKept = 31
	pastKept = 10
)

// A history is what is remembered of a kind.
type history struct {
	Days []string `json:"days,omitempty"` // on which alerts came that were no recoveries, oldest first
	Past []past   `json:"past,omitempty"` // its tickets, oldest first
	Told string   `json:"told,omitempty"` // the day up to which the leader was told that it comes every day
	Last string   `json:"last,omitempty"` // the newest day of which anything came
}

// A past is one of a kind's tickets.
type past struct {
	Ticket string    `json:"ticket"`
	Day    string    `json:"day"`
	Made   time.Time `json:"made"`
	Fixed  time.Time `json:"fixed,omitzero"`
	By     string    `json:"by,omitempty"`   // whoever had it when it was fixed, as ownerOf names them
	Days   []string  `json:"days,omitempty"` // whose alerts are in it, oldest first
}

func kindKey(team, kind string) string { return team + "/" + kind }

func loadKind(tx store.Reader, team, kind string) (h history, err error) {
	_, err = store.Get(tx, bucketKind, kindKey(team, kind), 1, &h)
	return h, err
}

func (f *Flow) history(ctx context.Context, g *group) (h history, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		h, err = loadKind(tx, g.Team, g.kind())
		return err
	})
	return h, err
}

// note remembers a group and the ticket that it is in. Done again, it changes
// nothing.
func (h *history) note(g *group, ticket string, now time.Time) {
	h.Last = max(h.Last, g.Day)
	if !g.recovery() {
		h.Days = withDay(h.Days, g.Day)
	}
	if !slices.ContainsFunc(h.Past, func(p past) bool { return p.Ticket == ticket }) {
		h.Past = append(h.Past, past{Ticket: ticket, Day: g.Day, Made: now})
		h.Past = h.Past[max(0, len(h.Past)-pastKept):]
	}
	for i := range h.Past {
		if h.Past[i].Ticket == ticket {
			h.Past[i].Days = withDay(h.Past[i].Days, g.Day)
		}
	}
}

// withDay adds a day to the newest that are kept.
func withDay(days []string, day string) []string {
	if slices.Contains(days, day) {
		return days
	}
	days = append(days, day)
	slices.Sort(days)
	return days[max(0, len(days)-daysKept):]
}

// week is how many days in a row are often enough to be told.
const week = 7

// daily tells whether the kind came on each of the seven days up to one, and
// the leader has not heard so in this time.
func (h *history) daily(day string) bool {
	end, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return false
	}
	for n := range week {
		if !slices.Contains(h.Days, end.AddDate(0, 0, -n).Format(time.DateOnly)) {
			return false
		}
	}
	return h.Told < end.AddDate(0, 0, 1-week).Format(time.DateOnly)
}

// goesOn gives the kind's open ticket in which a group goes on, if it does.
func (f *Flow) goesOn(ctx context.Context, g *group, h history) (t tracker.Ticket, ok bool, err error) {
	if len(h.Past) == 0 || !f.GoOn && !g.recovery() {
		return t, false, nil
	}
	t, err = f.Tracker.Ticket(ctx, h.Past[len(h.Past)-1].Ticket)
	if err != nil && adapters.CodeOf(err) == adapters.NotFound {
		return t, false, nil
	}
	return t, err == nil && t.Status == tracker.Open, err
}

// pastShown is how many earlier tickets a ticket lists.
const pastShown = 5

// earlier tells of the kind's earlier tickets, newest first.
func (f *Flow) earlier(p text.Printer, h history) []chat.Section {
	var lines []string
	for _, one := range slices.Backward(h.Past) {
		if len(lines) == pastShown {
			break
		}
		link := brief.Link(one.Ticket, brief.Absolute(f.URL, f.Tracker.URL(one.Ticket)))
		if one.Fixed.IsZero() {
			lines = append(lines, "- "+link+" "+p.Markdown("digest.past.open", "day", one.Day))
			continue
		}
		key := "digest.past.fixed"
		if one.By == "" {
			key = "digest.past.fixed.nobody"
		}
		lines = append(lines, "- "+link+" "+p.Markdown(key, "day", one.Day, "name", f.nameOf(one.By), "took", p.Duration(one.Fixed.Sub(one.Made))))
	}
	if len(lines) == 0 {
		return nil
	}
	return []chat.Section{{Heading: p.Say("digest.past"), Markdown: strings.Join(lines, "\n")}}
}

// remember notes in a kind's history who fixed its ticket, and when.
func (f *Flow) remember(tx store.Writer, was *watch.Seen, t tracker.Ticket, team, kind string) error {
	done := t.Status != tracker.Open
	if was != nil && (was.Status != tracker.Open) == done {
		return nil
	}
	h, err := loadKind(tx, team, kind)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(h.Past, func(p past) bool { return p.Ticket == t.Key })
	if i < 0 {
		return nil
	}
	h.Past[i].Fixed, h.Past[i].By = time.Time{}, ""
	if done {
		h.Past[i].Fixed, h.Past[i].By = t.Updated, f.ownerOf(t)
		e := usage.Event{Kind: usage.Fixed, At: t.Updated, Ticket: t.Key, Component: t.Component, Took: max(0, t.Updated.Sub(h.Past[i].Made))}
		if err := usage.Rate(tx, e); err != nil { // once, though it may come back
			return err
		}
	}
	return store.Put(tx, bucketKind, kindKey(team, kind), 1, h)
}

// An everyDay is the body of an item: a kind that came on seven days running.
type everyDay struct {
	Team   string `json:"team"`
	What   string `json:"what"`
	Ticket string `json:"ticket"`
	Day    string `json:"day"`
}

// keep notes a group in its kind's history, and leaves the leader a message
// when it has come every day for a week.
func keep(tx store.Writer, g *group, m made, now time.Time) error {
	h, err := loadKind(tx, g.Team, g.kind())
	if err != nil {
		return err
	}
	before := h.Last
	h.note(g, m.Ticket, now)
	if err := moveKind(tx, g.Team, g.kind(), before, h.Last); err != nil {
		return err
	}
	if h.daily(g.Day) {
		h.Told = g.Day
		key := fmt.Sprintf("%s/%s/%s", kindOften, kindKey(g.Team, g.kind()), g.Day)
		it, err := itemOf("chat", key, kindOften, key, now, everyDay{g.Team, m.What, m.Ticket, g.Day})
		if err != nil {
			return err
		}
		if err := outbox.Add(tx, it); err != nil {
			return err
		}
	}
	return store.Put(tx, bucketKind, kindKey(g.Team, g.kind()), 1, h)
}

// often tells the leader of a kind that comes every day.
func (f *Flow) often(ctx context.Context, it outbox.Item) error {
	var body everyDay
	if err := json.Unmarshal(it.Body, &body); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	leader, ok := f.Roster.Leader(body.Team)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := text.For(leader.Lang, leader.Zone)
	m := chat.Message{Key: it.Key, To: leader.Chat, Lang: p.Lang(), Sent: it.Created, Link: brief.Absolute(f.URL, f.Tracker.URL(body.Ticket)),
		Title: p.Say("digest.often", "what", body.What), Sections: []chat.Section{{Markdown: p.Markdown("digest.often.do", "days", week, "ticket", body.Ticket)}}}
	return f.send(ctx, it, m)
}
