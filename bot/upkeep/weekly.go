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

// sections writes a report for chat, without the lists that are empty.
func (f *Flow) sections(p text.Printer, r Report) []chat.Section {
	return sections(p,
		list{"upkeep.used", lines(r.Used, func(u Use) string { return f.useLine(p, u) })},
		list{"upkeep.outdated", lines(r.Outdated, func(o Outdate) string {
			return brief.Link(f.title(p.Lang(), o.Component), o.Link) + " " + p.Markdown("upkeep.outdated.line", "n", o.Count, "remarks", len(o.Remarks))
		})},
		list{"upkeep.missed", lines(r.Missed, func(m Miss) string {
			return brief.Link(m.Words, m.Link) + " " + p.Markdown("upkeep.times", "n", m.Count)
		})},
		list{"upkeep.noentry", lines(r.NoEntry, func(g Gap) string {
			return chat.Line(g.Component) + " " + p.Markdown("upkeep.tickets", "n", g.Count) + " " + brief.Link(g.Ticket, g.Link)
		})},
		list{"upkeep.unused", lines(r.Unused, func(u Unused) string { return brief.Link(f.title(p.Lang(), u.Component), u.Link) })},
	)
}

func (f *Flow) useLine(p text.Printer, u Use) string {
	line := brief.Link(f.title(p.Lang(), u.Component), u.Link) + " " +
		p.Markdown("upkeep.used.line", "pushed", u.Pushed, "opened", u.Opened, "useful", u.Useful)
	if u.Fixed > 0 {
		line += " " + p.Markdown("upkeep.took", "n", u.Fixed, "took", p.Duration(u.Took))
	}
	return line
}

// A list is one part of a summary.
type list struct {
	key   string // of its heading
	lines []string
}

func lines[T any](all []T, write func(T) string) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = write(v)
	}
	return out
}

func sections(p text.Printer, all ...list) []chat.Section {
	var out []chat.Section
	for _, l := range all {
		if len(l.lines) == 0 {
			continue
		}
		shown := l.lines[:min(len(l.lines), listed)]
		text := "- " + strings.Join(shown, "\n- ")
		if more := len(l.lines) - len(shown); more > 0 {
			text += "\n- " + p.Markdown("alerts.more", "n", more)
		}
		out = append(out, chat.Section{Heading: p.Say(l.key), Markdown: text})
	}
	return out
}
