// Package request is the request flow: a ticket with a component appears, and
// whoever gets it has the know-how before looking for anything.
//
//	tracker ─► watch ─► Flow.Ticket ─► "check" ─► "subtickets" ─► "push" to the assignee
//	                                     │            │       └─► "assign": the leader chooses one
//	                                     │            └─ one for each piece of work, by label
//	                                     └─ runs the checks; their results are stored
//
//	"subtickets" ─► "late": checks that the push did not wait for ─┬─ "refresh"
//	                                                               └─ "note"
//
//	a sub-ticket's status ─► "refresh": the messages are brought up to date
//	CheckAgain ─► "again" ─┬─ "refresh"
//	                       └─ "note": the sub-tickets get the new results as comments
//	AskLeader ─► "help" to the team's leader
//	a ticket that is gone ─► "gone": its messages say so, and it is forgotten
//
// Each arrow after Flow.Ticket is an item in the outbox, added in the commit
// that holds the result of the one before. So a crash repeats a step and
// never leaves one out; the sub-tickets show the checks as they were when
// they first ran, and are made once by their labels.
//
// Stored: bucket "request", key the ticket's, a record as JSON, version 1:
// what was prepared for which component, and who has got it. That record is
// why an entry is handled once for each ticket, however often the process is
// restarted, the ticket moved to and fro, or its component named by an alias.
package request

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/bot/roster"
	"tebiki/bot/usage"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/outbox"
)

// Dest is the destination of the flow's own steps: checks that take long hold
// up neither the tracker's other work nor anybody's messages.
const Dest = "request"

// The kinds of the flow's items.
const (
	kindCheck      = "request check"
	kindSubtickets = "request subtickets"
	kindFollow     = "request follow"
	kindPush       = "request push"
	kindAssign     = "request assign"
	kindAgain      = "request again"
	kindLate       = "request late"
	kindNote       = "request note"
	kindRefresh    = "request refresh"
	kindHelp       = "request help"
	kindGone       = "request gone"
)

const bucket = "request"

// A Checker runs checks.
type Checker interface {
	Run(ctx context.Context, o check.Order) []check.Result
}

// A Flow is what the steps need.
type Flow struct {
	Store   store.Store
	Outbox  *outbox.Outbox
	Tracker tracker.Tracker
	Chat    chat.Chat
	Roster  *roster.Roster
	Checks  Checker
	KnowHow func() *knowhow.Base

	Rules     *escalation.Rules   // who is on call; nil: nobody is
	Inventory inventory.Inventory // whose servers are; nil: nobody's

	Team string // whose requests are that the know-how gives to no team
	URL  string // of the console, without a slash at its end
	Log  *slog.Logger
}

// A record is what is remembered of a ticket.
type record struct {
	Component string                  `json:"component"`          // as canonical gives it
	Title     string                  `json:"title,omitempty"`    // for when the ticket is gone
	Assignee  string                  `json:"assignee,omitempty"` // the tracker's id
	Prepared  map[string]*preparation `json:"prepared"`           // by component
	Asked     []string                `json:"asked,omitempty"`    // teams whose leaders were asked to assign it
	Helped    []string                `json:"helped,omitempty"`   // ids of people who asked their leader for help
}

// A preparation is what was made for one component.
type preparation struct {
	Ready   bool           `json:"ready,omitempty"`
	Results []check.Result `json:"results,omitempty"` // of the entry's checks, each once
	Pushed  []string       `json:"pushed,omitempty"`  // tracker ids of who has it
	First   time.Time      `json:"first,omitzero"`    // when the first of them got it
	Fixed   bool           `json:"fixed,omitempty"`   // the work was done once; how long it took is recorded, if it is known
	Given   string         `json:"given,omitempty"`   // tracker id of whom the sub-tickets were made for, or are to follow
	Again   bool           `json:"again,omitempty"`   // the checks are to run again, or do
	News    int            `json:"news,omitempty"`    // changes that the messages do not show yet
	AllDone bool           `json:"allDone,omitempty"` // as the messages say of the sub-tickets
	Rounds  int            `json:"rounds,omitempty"`  // how often they became all done
}

// A step is the body of the flow's items.
type step struct {
	Ticket    string `json:"ticket"`
	Component string `json:"component"`
	Person    string `json:"person,omitempty"` // with kindPush the tracker's id, with kindHelp and kindAgain the roster's
	Team      string `json:"team,omitempty"`   // with kindAssign, and kindGone of such a message
	Cause     string `json:"cause,omitempty"`  // tells apart what may have to be done repeatedly
	Title     string `json:"title,omitempty"`  // with kindGone

	Checks []string `json:"checks,omitempty"` // with kindLate, and kindNote of it: only these
}

// Routes lists the flow's steps.
func (f *Flow) Routes() []outbox.Route {
	return []outbox.Route{
		{Dest: Dest, Kind: kindCheck, Handle: decoded(f.check)},
		{Dest: Dest, Kind: kindSubtickets, Handle: decoded(f.subtickets)},
		{Dest: Dest, Kind: kindFollow, Handle: decoded(f.follow)},
		{Dest: Slow, Kind: kindAgain, Handle: decoded(f.again)},
		{Dest: Slow, Kind: kindLate, Handle: decoded(f.late)},
		{Dest: Dest, Kind: kindAgain, Handle: decoded(f.again)}, // as earlier versions stored it
		{Dest: Dest, Kind: kindNote, Handle: decoded(f.note)},
		{Dest: "chat", Kind: kindPush, Handle: decoded(f.push)},
		{Dest: "chat", Kind: kindAssign, Handle: decoded(f.assign)},
		{Dest: "chat", Kind: kindRefresh, Handle: decoded(f.refresh)},
		{Dest: "chat", Kind: kindHelp, Handle: decoded(f.help)},
		{Dest: "chat", Kind: kindGone, Handle: decoded(f.gone)},
	}
}

func decoded(h func(context.Context, outbox.Item, step) error) outbox.Handler {
	return func(ctx context.Context, it outbox.Item) error {
		var s step
		if err := json.Unmarshal(it.Body, &s); err != nil {
			return fmt.Errorf("read the item %s: %w", it.Key, err)
		}
		return h(ctx, it, s)
	}
}

// item makes the item of a step. Its key is unique among those of its kind.
func item(dest, kind string, s step, now time.Time) (outbox.Item, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return outbox.Item{}, err
	}
	key := strings.TrimRight(strings.Join([]string{kind, s.Ticket, s.Component, s.Person + s.Team + s.Cause}, "/"), "/")
	return outbox.Item{Dest: dest, Lane: s.Ticket, Kind: kind, Key: key, Created: now, Body: body}, nil
}

func add(tx store.Writer, dest, kind string, s step, now time.Time) error {
	it, err := item(dest, kind, s, now)
	if err != nil {
		return err
	}
	return outbox.Add(tx, it)
}

// Ticket decides what follows from a ticket's change.
func (f *Flow) Ticket(tx store.Writer, was *watch.Seen, t tracker.Ticket) error {
	if t.Parent != "" {
		return f.subticket(tx, was, t)
	}
	if t.Component == "" || strings.HasPrefix(t.Label, "tebiki/") {
		return nil
	}
	rec, found, err := load(tx, t.Key)
	if err != nil || !found && t.Status != tracker.Open {
		return err
	}
	s := step{Ticket: t.Key, Component: f.canonical(t.Component)}
	news := rec.Component != s.Component || rec.Assignee != t.Assignee || was == nil || was.Status != t.Status
	rec.Component, rec.Assignee, rec.Title = s.Component, t.Assignee, t.Title
	prep := rec.Prepared[s.Component]
	switch {
	case prep == nil:
		rec.Prepared[s.Component] = &preparation{}
		err = add(tx, Dest, kindCheck, s, t.Updated)
	case prep.Ready && news:
		err = f.handOver(tx, rec, prep, s, t.Updated)
	}
	if err != nil {
		return err
	}
	if err := prep.time(tx, t, s.Component); err != nil {
		return err
	}
	return store.Put(tx, bucket, t.Key, 1, rec)
}

// time records, once, how long it took from the first push to when the work
// was done. Work that was done before a push came has no such time, and none
// that a later move of the ticket would give it.
func (p *preparation) time(tx store.Writer, t tracker.Ticket, component string) error {
	if p == nil || p.Fixed || t.Status == tracker.Open {
		return nil
	}
	p.Fixed = true
	if p.First.IsZero() {
		return nil
	}
	return usage.Record(tx, usage.Event{Kind: usage.Fixed, At: t.Updated, Ticket: t.Key, Component: component, Took: max(0, t.Updated.Sub(p.First))})
}

// canonical gives the one name of a component that may be named by an alias.
func (f *Flow) canonical(component string) string {
	if e, ok := f.KnowHow().Entry(component); ok {
		return e.Name
	}
	return component
}

// handOver brings a prepared ticket to whoever has it now, and the questions
// to leaders up to date. Done again, it changes nothing.
func (f *Flow) handOver(tx store.Writer, rec *record, prep *preparation, s step, now time.Time) error {
	if err := f.ask(tx, rec, s, now); err != nil || rec.Assignee == "" {
		return err
	}
	if prep.Given != rec.Assignee {
		prep.Given = rec.Assignee
		if err := add(tx, Dest, kindFollow, s, now); err != nil {
			return err
		}
	}
	if slices.Contains(prep.Pushed, rec.Assignee) {
		return nil
	}
	prep.Pushed = append(prep.Pushed, rec.Assignee)
	s.Person = rec.Assignee
	return add(tx, "chat", kindPush, s, now)
}

// ask asks the leader of the component's team when the ticket has nobody.
// Leaders asked before, of another component's team too, see how it stands.
func (f *Flow) ask(tx store.Writer, rec *record, s step, now time.Time) error {
	entry, _ := f.KnowHow().Entry(s.Component)
	if team := f.teamOf(entry); rec.Assignee == "" && !slices.Contains(rec.Asked, team) {
		rec.Asked = append(rec.Asked, team)
	}
	for _, s.Team = range rec.Asked {
		if err := add(tx, "chat", kindAssign, s, now); err != nil {
			return err
		}
	}
	return nil
}

func load(tx store.Reader, ticket string) (*record, bool, error) {
	rec := &record{}
	found, err := store.Get(tx, bucket, ticket, 1, rec)
	if rec.Prepared == nil {
		rec.Prepared = map[string]*preparation{}
	}
	return rec, found, err
}

// change alters a ticket's record within a transaction. One that is gone was
// forgotten, and stays so.
func change(tx store.Writer, s step, fn func(*record, *preparation) error) error {
	rec, found, err := load(tx, s.Ticket)
	if err != nil || !found {
		return err
	}
	prep := rec.Prepared[s.Component]
	if prep == nil {
		prep = &preparation{}
		rec.Prepared[s.Component] = prep
	}
	if err := fn(rec, prep); err != nil {
		return err
	}
	return store.Put(tx, bucket, s.Ticket, 1, rec)
}

// ticket reads the ticket of a step. One that was deleted needs nothing more:
// its item is removed, and gone is true.
func (f *Flow) ticket(ctx context.Context, it outbox.Item, s step) (t tracker.Ticket, gone bool, err error) {
	t, err = f.Tracker.Ticket(ctx, s.Ticket)
	if err != nil && adapters.CodeOf(err) == adapters.NotFound {
		return t, true, f.Outbox.Settle(ctx, it, nil)
	}
	return t, false, err
}
