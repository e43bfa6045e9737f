package upkeep

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A summary is the body of an item: the weeks, usually one, that a team's
// leader is told of.
type summary struct {
	Team string    `json:"team"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// mostWeeks is how much one summary may be about: a team that was away for
// longer has other things to read.
const mostWeeks = 8

// weekly leaves a team's leader, on the first morning of each week, the
// summary of what came since the last. Weeks end on Sunday whichever day that
// morning is, so no day is left out after a Monday off or a week of holidays,
// and none is counted twice.
func (f *Flow) weekly(ctx context.Context, t roster.Team, now time.Time) error {
	to := monday(now.In(t.Zone))
	day := to.Format(time.DateOnly)
	defer f.Outbox.Wake()
	return f.Store.Update(ctx, func(tx store.Writer) error {
		last := string(tx.Get(bucket, "weekly/"+t.ID))
		if last == day {
			return nil
		}
		from, err := time.ParseInLocation(time.DateOnly, last, t.Zone)
		if err != nil || from.After(to) || from.Before(to.AddDate(0, 0, -7*mostWeeks)) {
			from = to.AddDate(0, 0, -7)
		}
		if err := add(tx, kindWeekly, kindWeekly+"/"+t.ID+"/"+day, now, summary{t.ID, from, to}); err != nil {
			return err
		}
		return tx.Put(bucket, "weekly/"+t.ID, []byte(day))
	})
}

// monday is the beginning of a moment's week, in the moment's zone.
func monday(at time.Time) time.Time {
	y, m, d := at.Date()
	since := (int(at.Weekday()) + 6) % 7
	return time.Date(y, m, d-since, 0, 0, 0, 0, at.Location())
}

func (f *Flow) tellWeek(ctx context.Context, it outbox.Item, s summary) error {
	leader, ok := f.Roster.Leader(s.Team)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	r, err := f.Report(ctx, s.From, s.To, f.teams(s.Team))
	if err != nil {
		return err
	}
	p := printer(leader)
	m := chat.Message{Key: it.Key, Link: f.Places.Site + "/reports/knowhow",
		Title: p.Say("upkeep.week.title", "team", f.Roster.Name(s.Team), "from", p.Day(s.From), "to", p.Day(s.To.AddDate(0, 0, -1)))}
	m.Sections = f.sections(p, r)
	if len(m.Sections) == 0 {
		m.Sections = []chat.Section{{Markdown: p.Markdown("upkeep.week.nothing")}}
	}
	return f.send(ctx, it, leader, m)
}

// listed is how many lines of each list a summary has; the page has all.
const listed = 5

// sections writes a report for chat.
func (f *Flow) sections(p text.Printer, r Report) []chat.Section {
	var out []chat.Section
	for _, l := range f.Lists(p, r) {
		var b strings.Builder
		for _, line := range l.Lines[:min(len(l.Lines), listed)] {
			fmt.Fprintf(&b, "- %s %s\n", brief.Link(line.Name, line.Link), chat.Line(line.Note))
		}
		if more := len(l.Lines) - listed; more > 0 {
			fmt.Fprintf(&b, "- %s\n", p.Markdown("alerts.more", "n", more))
		}
		out = append(out, chat.Section{Heading: l.Heading, Markdown: strings.TrimSuffix(b.String(), "\n")})
	}
	return out
}
