package request

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/store/outbox"
)

// note adds new results to the sub-tickets as comments, each its own. What
// has no sub-ticket that takes it is read on the ticket itself.
func (f *Flow) note(ctx context.Context, it outbox.Item, s step) error {
	t, gone, err := f.ticket(ctx, it, s)
	if gone || err != nil {
		return err
	}
	entry, ok := f.KnowHow().Entry(s.Component)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	prep, err := f.preparation(ctx, s)
	if err != nil {
		return err
	}
	subs, err := f.Tracker.Subtickets(ctx, t.Key)
	if err != nil {
		return err
	}
	n := notes{step: s, entry: entry, prep: prep, subs: subs, p: f.printer(t.Assignee, entry)}
	if err := f.comment(ctx, n); err != nil {
		return err
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// notes are what comments about new results are made of.
type notes struct {
	step
	entry *knowhow.Entry
	prep  *preparation
	subs  []tracker.Ticket
	p     text.Printer
}

func (f *Flow) comment(ctx context.Context, n notes) error {
	var homeless piecesLeft
	for i, sub := range n.entry.Subtickets {
		rs := n.of(sub.Checks)
		if len(rs) == 0 {
			continue
		}
		label := subticketLabel(n.Ticket, n.entry.Name, i)
		at := slices.IndexFunc(n.subs, func(have tracker.Ticket) bool { return have.Label == label })
		if at >= 0 {
			taken, err := f.put(ctx, n.subs[at].Key, n.label(label), n.body(rs))
			if err != nil {
				return err
			}
			if taken {
				continue
			}
		}
		homeless.add(sub.Title.In(n.p.Lang()), sub.Checks)
	}
	if homeless.titles == nil {
		return nil
	}
	body := n.p.Markdown("checks.homeless", "titles", strings.Join(homeless.titles, ", ")) + "\n\n" + n.body(n.of(homeless.checks))
	_, err := f.put(ctx, n.Ticket, n.label(labels+n.Ticket+"/"+n.entry.Name), body)
	return err
}

// piecesLeft are pieces of the work whose results no sub-ticket takes.
type piecesLeft struct {
	titles []string
	checks []*knowhow.Check // each once
}

func (l *piecesLeft) add(title string, checks []*knowhow.Check) {
	l.titles = append(l.titles, title)
	for _, c := range checks {
		if !slices.Contains(l.checks, c) {
			l.checks = append(l.checks, c)
		}
	}
}

// put adds one comment, or logs that the tracker never will.
func (f *Flow) put(ctx context.Context, key, label, body string) (taken bool, err error) {
	err = f.Tracker.Comment(ctx, key, tracker.Comment{Label: label, Body: body})
	if err != nil && adapters.Lasting(err) {
		f.Log.Warn("the tracker does not take new results of checks as a comment; the message in chat has them", "ticket", key, "err", err)
		return false, nil
	}
	return err == nil, err
}

// of gives the results of some checks that the note is about.
func (n *notes) of(checks []*knowhow.Check) []check.Result {
	rs := results(n.prep, checks)
	if n.Checks != nil {
		rs = slices.DeleteFunc(rs, func(r check.Result) bool { return !slices.Contains(n.Checks, r.Check) })
	}
	return cutResults(rs, bodyLines, bodyBytes)
}

func (n *notes) label(of string) string {
	if n.Checks != nil {
		return of + "/late"
	}
	return fmt.Sprintf("%s/again/%s", of, n.Cause)
}

func (n *notes) body(rs []check.Result) string {
	key := "checks.again"
	if n.Checks != nil {
		key = "checks.late"
	}
	return n.p.Markdown(key, "time", ended(rs)) + "\n\n" + brief.Results(n.p, rs)
}
