package upkeep

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"tebiki/bot/brief"
	"tebiki/bot/usage"
	"tebiki/knowhow"
)

// A Report says how the know-how was used in a time. Its lists begin with
// what most deserves a look, and each line has the address where somebody can
// do something about it.
type Report struct {
	From, To time.Time

	Used     []Use     // components that were used, the most used first
	Unused   []Unused  // components that nobody used
	Outdated []Outdate // components that were rated out of date
	Missed   []Miss    // searches that found nothing
	NoEntry  []Gap     // components that tickets have and the know-how has not
	Written  []Writing // documents by author and month of their last change
}

// A Use is how one component's know-how was used.
type Use struct {
	Component                        string
	Link                             string // its page
	Pushed, Opened, Useful, Outdated int
	Fixed                            int           // tickets whose work was done
	Took                             time.Duration // the median from push to fix; 0 without any
}

// Unused is a component that nobody used.
type Unused struct{ Component, Link string }

// An Outdate is a component that people rated out of date.
type Outdate struct {
	Component string
	Link      string // where a change is proposed, or its page
	Count     int
	Remarks   []Remark // oldest first
}

// A Remark is what somebody says is out of date.
type Remark struct {
	At     time.Time
	Person string
	Doc    string // "" when none was chosen
	Words  string
}

// A Miss is a search that found nothing.
type Miss struct {
	Words string // as it was written last
	Link  string // the search
	Count int
}

// A Gap is a component without an entry.
type Gap struct {
	Component string
	Link      string // the ticket
	Count     int    // tickets
	Ticket    string // the newest of them
}

// A Writing counts documents that somebody changed last in a month.
type Writing struct {
	Author string
	Month  string // 2006-01, UTC
	Link   string // history of the one that was changed last, or its page
	Docs   int
}

// Places is where things are to be found.
type Places struct {
	Site   string                  // of the console, without a slash at its end
	Ticket func(key string) string // page of a ticket, perhaps within the console
}

func (p Places) entry(component string) string { return brief.EntryPage(p.Site, component) }

// Make counts events, which are of the time from from until before to, about
// the entries that mine holds; what has no entry is everybody's.
func Make(base *knowhow.Base, events iter.Seq[usage.Event], from, to time.Time, at Places, mine func(*knowhow.Entry) bool) Report {
	c := counter{base: base, at: at, uses: map[string]*tally{}, misses: map[string]*Miss{}, asked: map[[3]string]bool{}, gaps: map[string]*Gap{}}
	for _, e := range base.Components() {
		if mine(e) {
			c.uses[e.Name] = &tally{use: Use{Component: e.Name, Link: at.entry(e.Name)}}
		}
	}
	for e := range events {
		c.count(&e)
	}
	r := Report{From: from, To: to, Missed: slices.SortedFunc(values(c.misses), func(a, b Miss) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Words, b.Words))
	}), NoEntry: slices.SortedFunc(values(c.gaps), func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Component, b.Component))
	}), Written: written(base, at, mine)}
	c.components(&r)
	return r
}

// All takes every entry.
func All(*knowhow.Entry) bool { return true }

// A tally is what is known of a component while events are counted.
type tally struct {
	use     Use
	took    []time.Duration
	remarks []Remark
}

func (t *tally) used() int { return t.use.Pushed + t.use.Opened }

type counter struct {
	base   *knowhow.Base
	at     Places
	uses   map[string]*tally
	misses map[string]*Miss   // by the words as they are compared
	asked  map[[3]string]bool // by words, person and day
	gaps   map[string]*Gap
}

func (c *counter) count(e *usage.Event) {
	switch e.Kind {
	case usage.NotFound:
		c.miss(e)
		return
	case usage.NoEntry:
		c.gap(e)
		return
	}
	entry, ok := c.base.Entry(e.Component)
	if !ok || c.uses[entry.Name] == nil {
		return // it is no more, or another team's
	}
	c.uses[entry.Name].add(e)
}

func (t *tally) add(e *usage.Event) {
	switch e.Kind {
	case usage.Pushed, usage.Paged:
		t.use.Pushed++
	case usage.Opened, usage.Answered:
		t.use.Opened++
	case usage.Useful:
		t.use.Useful++
	case usage.Outdated:
		t.use.Outdated++
	case usage.Remarked:
		t.remarks = append(t.remarks, Remark{e.At, e.Person, e.Doc, e.Words})
	case usage.Fixed:
		t.use.Fixed++
		t.took = append(t.took, e.Took)
	}
}

// miss counts a search once a day for each person: a page that is looked at
// again, perhaps from the report itself, is no further question.
func (c *counter) miss(e *usage.Event) {
	key := knowhow.Fold(strings.Join(strings.Fields(e.Words), " "))
	asked := [3]string{key, e.Person, e.At.UTC().Format(time.DateOnly)}
	if key == "" || c.asked[asked] {
		return
	}
	c.asked[asked] = true
	if c.misses[key] == nil {
		c.misses[key] = &Miss{}
	}
	c.misses[key].Words = e.Words
	c.misses[key].Link = c.at.Site + "/knowhow?from=report&q=" + url.QueryEscape(e.Words) // which does not count
	c.misses[key].Count++
}

// gap leaves out a component that has got an entry since.
func (c *counter) gap(e *usage.Event) {
	if _, ok := c.base.Entry(e.Component); ok {
		return
	}
	if c.gaps[e.Component] == nil {
		c.gaps[e.Component] = &Gap{Component: e.Component}
	}
	c.gaps[e.Component].Count++
	c.gaps[e.Component].Ticket = e.Ticket
	c.gaps[e.Component].Link = brief.Absolute(c.at.Site, c.at.Ticket(e.Ticket))
}

// components sorts the components into the report's lists.
func (c *counter) components(r *Report) {
	for _, e := range c.base.Components() {
		t := c.uses[e.Name]
		if t == nil {
			continue
		}
		t.use.Took = median(t.took)
		if t.used() == 0 {
			r.Unused = append(r.Unused, Unused{e.Name, t.use.Link})
		} else {
			r.Used = append(r.Used, t.use)
		}
		if t.use.Outdated > 0 || len(t.remarks) > 0 {
			r.Outdated = append(r.Outdated, Outdate{e.Name, c.propose(e, t.remarks), t.use.Outdated, t.remarks})
		}
	}
	slices.SortStableFunc(r.Used, func(a, b Use) int { return cmp.Compare(b.Pushed+b.Opened, a.Pushed+a.Opened) })
	slices.SortStableFunc(r.Outdated, func(a, b Outdate) int { return cmp.Compare(b.Count, a.Count) })
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// propose gives where a change of an entry is proposed: of the document that
// was remarked on last, or of its only one.
func (c *counter) propose(e *knowhow.Entry, remarks []Remark) string {
	doc := ""
	if len(e.Subtickets) == 1 {
		doc = e.Subtickets[0].Doc
	}
	for _, r := range remarks {
		doc = cmp.Or(r.Doc, doc)
	}
	if d, ok := c.base.Doc(doc, ""); ok {
		return cmp.Or(d.Changed.Propose, c.at.entry(e.Name))
	}
	return c.at.entry(e.Name)
}

// written counts the documents of the entries by who changed them last and
// when, as far as the know-how's source tells.
func written(base *knowhow.Base, at Places, mine func(*knowhow.Entry) bool) []Writing {
	counts := map[[2]string]*Writing{}
	newest := map[*Writing]time.Time{}
	for _, d := range docsOf(base, mine) {
		by := [2]string{d.Changed.Author, d.Changed.At.UTC().Format("2006-01")}
		if d.Changed.At.IsZero() || d.Changed.Author == "" {
			continue
		}
		w := counts[by]
		if w == nil {
			w = &Writing{Author: by[0], Month: by[1]}
			counts[by] = w
		}
		if w.Docs++; d.Changed.At.After(newest[w]) {
			newest[w], w.Link = d.Changed.At, cmp.Or(d.Changed.History, at.Site+"/knowhow")
		}
	}
	return slices.SortedFunc(values(counts), func(a, b Writing) int {
		return cmp.Or(cmp.Compare(b.Month, a.Month), cmp.Compare(a.Author, b.Author))
	})
}

func values[K comparable, T any](all map[K]*T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, v := range all {
			if !yield(*v) {
				return
			}
		}
	}
}

// docsOf gives the documents that the entries use, each once.
func docsOf(base *knowhow.Base, mine func(*knowhow.Entry) bool) []*knowhow.Doc {
	used := map[string]bool{}
	for _, e := range base.Components() {
		for _, sub := range e.Subtickets {
			used[sub.Doc] = used[sub.Doc] || mine(e)
		}
	}
	return slices.DeleteFunc(base.Docs(), func(d *knowhow.Doc) bool { return !used[d.Name] })
}
