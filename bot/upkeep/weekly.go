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

// A summary is the body of an item: the week that a team's leader is told of.
type summary struct {
	Team string    `json:"team"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// weekly leaves a team's leader the summary of the seven days before today,
// on the first morning of each week.
func (f *Flow) weekly(ctx context.Context, t roster.Team, now time.Time) error {
	y, m, d := now.In(t.Zone).Date()
	to := time.Date(y, m, d, 0, 0, 0, 0, t.Zone)
	year, number := to.ISOWeek()
	week := fmt.Sprintf("%d-W%02d", year, number)
	defer f.Outbox.Wake()
	return f.Store.Update(ctx, func(tx store.Writer) error {
		if string(tx.Get(bucket, "weekly/"+t.ID)) == week {
			return nil
		}
		if err := add(tx, kindWeekly, kindWeekly+"/"+t.ID+"/"+week, now, summary{t.ID, to.AddDate(0, 0, -7), to}); err != nil {
			return err
		}
		return tx.Put(bucket, "weekly/"+t.ID, []byte(week))
	})
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
