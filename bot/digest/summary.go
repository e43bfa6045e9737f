package digest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

// addSummary leaves what a morning did, or what has become of it, for the
// team's channel, if the team has one.
func (f *Flow) addSummary(tx store.Writer, now time.Time, cause, report string) error {
	team, _ := f.Roster.Team(teamIn(report))
	if team.Channel == "" {
		return nil
	}
	it, err := itemOf("chat", "digest/"+report+"/channel", kindSummary, cause+"/channel", now, report)
	if err != nil {
		return err
	}
	return outbox.Add(tx, it)
}

// summary tells a team's channel what the morning did.
func (f *Flow) summary(ctx context.Context, it outbox.Item) error {
	var report string
	if err := json.Unmarshal(it.Body, &report); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	team, ok := f.Roster.Team(teamIn(report))
	if !ok || team.Channel == "" {
		return f.Outbox.Settle(ctx, it, nil)
	}
	var all []made
	var alone int
	err := f.Store.View(ctx, func(tx store.Reader) (err error) {
		all, alone, err = madeIn(tx, report)
		return err
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b made) int { return cmp.Compare(b.Count, a.Count) })
	p := text.For(team.Lang, team.Zone)
	alerts := 0
	for _, m := range all {
		alerts += m.Count
	}
	m := chat.Message{Key: "digest/" + report, To: team.Channel, Lang: p.Lang(), Sent: it.Created, Link: f.URL + "/tickets",
		Title: p.Say("digest.summary", "alerts", alerts, "n", tickets(all))}
	if len(all) > 0 {
		m.Sections = []chat.Section{{Markdown: f.summaryList(p, all)}}
	}
	if alone > 0 {
		m.Sections = append(m.Sections, chat.Section{Markdown: p.Markdown("digest.summary.notes", "n", alone)})
	}
	return f.send(ctx, it, m)
}

// tickets counts those that groups are in.
func tickets(all []made) int {
	seen := map[string]bool{}
	for _, m := range all {
		seen[m.Ticket] = true
	}
	return len(seen)
}

func (f *Flow) summaryList(p text.Printer, all []made) string {
	var b strings.Builder
	for _, m := range all[:min(len(all), listed)] {
		owner := p.Say("digest.summary.nobody")
		if m.Owner != "" {
			owner = f.nameOf(m.Owner)
		}
		link := brief.Link(m.Ticket, brief.Absolute(f.URL, f.Tracker.URL(m.Ticket)))
		fmt.Fprintf(&b, "- %s %s\n", link, p.Markdown("digest.summary.line", "what", m.What, "n", m.Count, "state", stateWord(p, m.States), "name", owner))
	}
	if more := len(all) - listed; more > 0 {
		fmt.Fprintf(&b, "- %s\n", p.Markdown("alerts.more", "n", more))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
