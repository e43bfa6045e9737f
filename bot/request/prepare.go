package request

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/outbox"
)

// checksTime bounds all checks of a ticket together when nobody waits for
// them. It ends before the
// attempt's own time does, so that slow checks hold up no ticket for ever.
const checksTime = 4 * time.Minute

// check runs the checks of the ticket's entry, as long as the first message may
// wait for them. A component without an entry
// ends here, with a comment that says so.
func (f *Flow) check(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	base := f.KnowHow()
	entry, ok := base.Entry(s.Component)
	if !ok {
		return f.unknown(ctx, it, s, base)
	}
	results, err := f.first(ctx, order(entry, t, ""))
	if err != nil {
		return err
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		return change(tx, s, func(_ *record, prep *preparation) error {
			prep.Results = results
			return add(tx, Dest, kindSubtickets, s, it.Created)
		})
	})
}

// order asks for all checks of an entry.
func order(entry *knowhow.Entry, t tracker.Ticket, who string) check.Order {
	return check.Order{Checks: entry.Checks(), Fields: fields(t), Ticket: t.Key, Who: who}
}

// run gives the results of an order, and those that the time was too short for
// the reason short. A shutdown half way gives none: they run again after the
// start.
func (f *Flow) run(ctx context.Context, o check.Order, limit time.Duration, short check.Reason) ([]check.Result, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	results := f.Checks.Run(limited, o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i := range results {
		if results[i].Reason == check.Stopped { // by the limit above, not by a shutdown
			results[i].Reason = short
		}
	}
	return results, nil
}

// fields is what checks may take their parameters from.
func fields(t tracker.Ticket) map[string]string {
	out := maps.Clone(t.Fields)
	if out == nil {
		out = map[string]string{}
	}
	out[knowhow.FieldRequester] = t.Reporter
	return out
}

// unknown says on the ticket that there is no know-how for it. It counts as
// prepared, so that it is said once.
func (f *Flow) unknown(ctx context.Context, it outbox.Item, s step, base *knowhow.Base) error {
	team, _ := f.Roster.Team(f.Team)
	p := text.For(team.Lang, team.Zone)
	body := p.Markdown("request.noentry", "component", s.Component)
	if near := base.Suggest(s.Component, 3); len(near) > 0 {
		body += " " + p.Markdown("request.near", "names", strings.Join(near, ", "))
	}
	label := labels + s.Ticket + "/" + s.Component + "/noentry"
	if err := f.Tracker.Comment(ctx, s.Ticket, tracker.Comment{Label: label, Body: body}); err != nil && !adapters.Lasting(err) {
		return err
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		if err := usage.Record(tx, usage.Event{Kind: usage.NoEntry, At: it.Created, Ticket: s.Ticket, Component: s.Component}); err != nil {
			return err
		}
		return f.ready(tx, s, "", it.Created)
	})
}

// ready marks the ticket as prepared for somebody, and brings it to whoever
// has it now.
func (f *Flow) ready(tx store.Writer, s step, given string, now time.Time) error {
	return change(tx, s, func(rec *record, prep *preparation) error {
		prep.Ready, prep.Given = true, given
		if err := awaitLate(tx, prep, s, now); err != nil {
			return err
		}
		if rec.Component != s.Component {
			return nil // it was moved to another component meanwhile
		}
		return f.handOver(tx, rec, prep, s, now)
	})
}

// subtickets adds a sub-ticket for each piece of the work. Whose the ticket is
// need not be asked: what the watch has seen since is followed later.
func (f *Flow) subtickets(ctx context.Context, it outbox.Item, s step) error {
	assignee, prep, err := f.remembered(ctx, s)
	if err != nil {
		return err
	}
	base := f.KnowHow()
	if entry, ok := base.Entry(s.Component); ok {
		if err := f.create(ctx, s, assignee, base, entry, prep); err != nil {
			return err
		}
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error { return f.ready(tx, s, assignee, it.Created) })
}

// remembered gives whose a ticket is, and what is prepared for a component.
func (f *Flow) remembered(ctx context.Context, s step) (assignee string, prep *preparation, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		rec, _, err := load(tx, s.Ticket)
		if assignee, prep = rec.Assignee, rec.Prepared[s.Component]; prep == nil {
			prep = &preparation{}
		}
		return err
	})
	return assignee, prep, err
}

func (f *Flow) preparation(ctx context.Context, s step) (*preparation, error) {
	_, prep, err := f.remembered(ctx, s)
	return prep, err
}

func (f *Flow) create(ctx context.Context, s step, assignee string, base *knowhow.Base, entry *knowhow.Entry, prep *preparation) error {
	p := f.printer(assignee, entry)
	for i, sub := range entry.Subtickets {
		d := tracker.Draft{
			Label:  subticketLabel(s.Ticket, entry.Name, i),
			Parent: s.Ticket, Title: sub.Title.In(p.Lang()), Assignee: assignee,
			Body: f.body(p, base, entry, sub, cutResults(results(prep, sub.Checks), bodyLines, bodyBytes)),
		}
		if doc, ok := base.Doc(sub.Doc, p.Lang()); ok {
			d.Links = []tracker.Link{brief.Page(doc.Title, f.URL, entry.Name)}
		}
		_, err := f.Tracker.Create(ctx, d)
		if err != nil && adapters.CodeOf(err) == adapters.Refused && d.Assignee != "" {
			d.Assignee = "" // better unassigned than not there
			_, err = f.Tracker.Create(ctx, d)
		}
		if err != nil && !adapters.Lasting(err) {
			return err
		}
		if err != nil {
			f.Log.Warn("the tracker refuses a sub-ticket; its assignee gets it in chat all the same", "ticket", s.Ticket, "subticket", d.Title, "err", err)
		}
	}
	return nil
}

// labels begins the labels of what the flow makes in the tracker.
const labels = "tebiki/request/"

func subticketLabel(ticket, component string, i int) string {
	return fmt.Sprintf("%s%s/%s/%d", labels, ticket, component, i)
}

// Origin gives the ticket and the component that a sub-ticket was made for,
// from its label.
func Origin(label string) (ticket, component string, ok bool) {
	rest, ok := strings.CutPrefix(label, labels)
	ticket, rest, cut := strings.Cut(rest, "/")
	end := strings.LastIndexByte(rest, '/')
	if !ok || !cut || end < 0 {
		return "", "", false
	}
	return ticket, rest[:end], true
}

func (f *Flow) body(p text.Printer, base *knowhow.Base, entry *knowhow.Entry, sub knowhow.Subticket, rs []check.Result) string {
	d, ok := base.Doc(sub.Doc, p.Lang())
	if !ok {
		return brief.Results(p, rs)
	}
	sections := append(brief.Doc(p, d, rs), chat.Section{Markdown: brief.Source(p, f.Roster, d, brief.EntryPage(f.URL, entry.Name))})
	sections = append(sections, brief.Made(p, base)...)
	return brief.Body(sections...)
}

// printer writes in the language of whoever will read the ticket: its
// assignee, or else the team.
func (f *Flow) printer(assignee string, entry *knowhow.Entry) text.Printer {
	if person, ok := f.Roster.ByTracker(assignee); ok {
		return text.For(person.Lang, person.Zone).Fixed()
	}
	team, _ := f.Roster.Team(f.teamOf(entry))
	return text.For(team.Lang, team.Zone).Fixed()
}

func (f *Flow) teamOf(entry *knowhow.Entry) string {
	if entry != nil && entry.Team != "" {
		return entry.Team
	}
	return f.Team
}

// follow gives the sub-tickets that are not done to the ticket's assignee.
func (f *Flow) follow(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	subs, err := f.Tracker.Subtickets(ctx, t.Key)
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if sub.Status != tracker.Open || sub.Assignee == t.Assignee || !strings.HasPrefix(sub.Label, "tebiki/") {
			continue
		}
		if _, err := f.Tracker.Change(ctx, sub.Key, tracker.Change{Assignee: &t.Assignee}); err != nil && !adapters.Lasting(err) {
			return err
		}
	}
	return f.Outbox.Settle(ctx, it, nil)
}
