package upkeep

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"
)

// settled is how long ago a rating must have been given to be told: one that
// is just being committed is told the next time.
const settled = time.Minute

// firstLook is how far back ratings are told when none were told before.
const firstLook = 7 * 24 * time.Hour

// An owned is what one owner's documents were rated. It is the body of an
// item.
type owned struct {
	Owner    string    `json:"owner"` // id of a person
	Outdated []Outdate `json:"outdated"`
}

// rated leaves each owner in a team one message with what was said of their
// documents since the last.
func (f *Flow) rated(ctx context.Context, t roster.Team, now time.Time) error {
	from, to, err := f.untold(ctx, t.ID, now)
	if err != nil {
		return err
	}
	events, err := usage.Between(ctx, f.Store, from, to, usage.Outdated, usage.Remarked)
	if err != nil {
		return fmt.Errorf("read what was rated out of date: %w", err)
	}
	mine := f.byOwner(t.ID, Make(f.KnowHow(), slices.Values(events), from, to, f.Places, All).Outdated)
	defer f.Outbox.Wake()
	return f.Store.Update(ctx, func(tx store.Writer) error {
		for _, owner := range slices.Sorted(maps.Keys(mine)) {
			key := fmt.Sprintf("%s/%s/%d", kindRated, owner, to.Unix())
			if err := add(tx, kindRated, key, now, owned{owner, mine[owner]}); err != nil {
				return err
			}
		}
		return tx.Put(bucket, "rated/"+t.ID, []byte(to.Format(time.RFC3339Nano)))
	})
}

// untold gives the time whose ratings a team's owners have not heard of.
func (f *Flow) untold(ctx context.Context, team string, now time.Time) (from, to time.Time, err error) {
	from, to = now.Add(-firstLook), now.Add(-settled)
	err = f.Store.View(ctx, func(tx store.Reader) error {
		told := tx.Get(bucket, "rated/"+team)
		if told == nil {
			return nil
		}
		at, err := time.Parse(time.RFC3339Nano, string(told))
		if err != nil {
			return fmt.Errorf("read up to when the owners in %s were told: %w", team, err)
		}
		from = at
		return nil
	})
	return from, to, err
}

// byOwner gives each owner in a team what was said of their documents. A
// remark about one document is for its owner; what names none is for all
// whose documents the component has.
func (f *Flow) byOwner(team string, all []Outdate) map[string][]Outdate {
	out := map[string][]Outdate{}
	for _, o := range all {
		entry, ok := f.KnowHow().Entry(o.Component)
		if !ok {
			continue
		}
		for owner, docs := range f.owners(entry) {
			if person, ok := f.Roster.Person(owner); !ok || person.Team != team {
				continue
			}
			mine := o
			mine.Remarks = slices.DeleteFunc(slices.Clone(o.Remarks), func(r Remark) bool { return r.Doc != "" && !docs[r.Doc] })
			if len(mine.Remarks) > 0 || len(o.Remarks) == 0 {
				out[owner] = append(out[owner], mine)
			}
		}
	}
	return out
}

// owners gives the people whose documents an entry has, each with which. A
// team's documents are its leader's, and those of somebody who has left are
// the leader's of the entry's team.
func (f *Flow) owners(e *knowhow.Entry) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, sub := range e.Subtickets {
		d, ok := f.KnowHow().Doc(sub.Doc, "")
		if !ok {
			continue
		}
		owner := f.keeper(d.Owner, e)
		if out[owner] == nil {
			out[owner] = map[string]bool{}
		}
		out[owner][d.Name] = true
	}
	return out
}

// keeper gives the person who answers for an entry's document of an owner.
func (f *Flow) keeper(owner string, e *knowhow.Entry) string {
	if leader, ok := f.Roster.Leader(owner); ok {
		return leader.ID
	}
	if _, ok := f.Roster.Person(owner); ok {
		return owner
	}
	leader, _ := f.Roster.Leader(cmp.Or(e.Team, f.Team))
	return leader.ID
}

func (f *Flow) tellOwner(ctx context.Context, it outbox.Item, o owned) error {
	person, ok := f.Roster.Person(o.Owner)
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	p := printer(person)
	title := p.Say("upkeep.rated.title", "n", len(o.Outdated))
	if len(o.Outdated) == 1 {
		title = p.Say("upkeep.rated.title.one")
	}
	m := chat.Message{Key: it.Key, Title: title, Link: f.Places.Site + "/reports/knowhow"}
	for _, one := range o.Outdated {
		var b strings.Builder
		if one.Count > 0 {
			fmt.Fprintf(&b, "%s\n", p.Markdown("upkeep.rated.count", "n", one.Count))
		}
		for _, r := range one.Remarks {
			fmt.Fprintf(&b, "\n- %s", chat.Line(f.remark(p, r)))
		}
		fmt.Fprintf(&b, "\n\n%s", brief.Link(p.Say("upkeep.propose"), one.Link))
		m.Sections = append(m.Sections, chat.Section{Heading: f.title(person.Lang, one.Component), Markdown: strings.TrimSpace(b.String())})
	}
	return f.send(ctx, it, person, m)
}

// title names a component as its readers do.
func (f *Flow) title(lang, component string) string {
	if e, ok := f.KnowHow().Entry(component); ok {
		return e.Title.In(lang)
	}
	return component
}
