package upkeep

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A Broken is know-how that does not load.
type Broken struct {
	Commit string   `json:"commit,omitempty"` // in full; "" where there are none
	Author string   `json:"author,omitempty"`
	Mail   string   `json:"mail,omitempty"` // the author's
	Link   string   `json:"link,omitempty"` // where the commit is seen
	Faults []string `json:"faults"`         // file:line: what, or why nothing could be read; none: it loads again
}

// broken is what is remembered of the last that was told.
type broken struct {
	Broken
	Person string    `json:"person"` // id of who was told
	Since  time.Time `json:"since"`
}

// State tells whoever wrote it that the know-how does not load or, without
// faults, that it does again. The same state twice is told once.
func (f *Flow) State(ctx context.Context, b Broken, now time.Time) error {
	defer f.Outbox.Wake()
	err := f.Store.Update(ctx, func(tx store.Writer) error {
		var last broken
		if _, err := store.Get(tx, bucket, "fault", 1, &last); err != nil {
			return err
		}
		if slices.Equal(last.Faults, b.Faults) && (last.Commit == b.Commit || len(b.Faults) == 0) {
			return nil
		}
		next := broken{b, f.author(b.Mail), now}
		if next.Person == last.Person && len(last.Faults) > 0 {
			next.Since = last.Since // one message follows the attempts of one person
		}
		if len(last.Faults) > 0 && (len(b.Faults) == 0 || next.Person != last.Person) {
			over := last
			over.Faults = nil
			if err := addFault(tx, over, now); err != nil {
				return err
			}
		}
		if len(b.Faults) > 0 {
			if err := addFault(tx, next, now); err != nil {
				return err
			}
		}
		return store.Put(tx, bucket, "fault", 1, next)
	})
	if err != nil {
		return fmt.Errorf("tell who wrote it that the know-how does not load: %w", err)
	}
	return nil
}

func addFault(tx store.Writer, b broken, now time.Time) error {
	return add(tx, kindFault, fmt.Sprintf("%s/%s/%d", kindFault, b.Person, now.UnixNano()), now, b)
}

// author gives who is told: the person with the mail address, or else the
// leader of the team that what nobody owns belongs to.
func (f *Flow) author(mail string) string {
	if p, ok := f.Roster.ByMail(mail); ok {
		return p.ID
	}
	leader, _ := f.Roster.Leader(f.Team)
	return leader.ID
}

// How much of the faults is shown.
const maxFaults, maxFault = 20, 400

func (f *Flow) tellFault(ctx context.Context, it outbox.Item, b broken) error {
	person, ok := f.Roster.Person(b.Person)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := printer(person)
	m := chat.Message{Key: fmt.Sprintf("%s/%d", kindFault, b.Since.UnixNano()), Link: f.Places.Site + "/knowhow", Title: p.Say("upkeep.loads")}
	if len(b.Faults) > 0 {
		m.Title = p.Say("upkeep.broken", "n", len(b.Faults))
		m.Sections = f.faults(person, b)
	}
	return f.send(ctx, it, person, m)
}

func (f *Flow) faults(reader roster.Person, b broken) []chat.Section {
	p := printer(reader)
	var out strings.Builder
	for _, fault := range b.Faults[:min(len(b.Faults), maxFaults)] {
		fmt.Fprintf(&out, "- %s\n", chat.Line(brief.Plain(fault, maxFault)))
	}
	if more := len(b.Faults) - maxFaults; more > 0 {
		fmt.Fprintf(&out, "- %s\n", p.Markdown("alerts.more", "n", more))
	}
	why := p.Markdown("upkeep.broken.stays")
	if b.Commit != "" {
		why += " " + p.Markdown("upkeep.broken.commit", "author", brief.Plain(b.Author, maxFault)) + " " + brief.Link(b.Commit[:min(len(b.Commit), 12)], b.Link)
	}
	return []chat.Section{{Markdown: strings.TrimSuffix(out.String(), "\n")}, {Markdown: why}}
}
