// Package upkeep is how the know-how gets better by being used: what it was
// used for is counted, and whoever can do something about it is told.
//
//	ratings and remarks ─► each morning ─► one message to the owner of the documents
//	all that was recorded ─► each week ─► a summary to every team's leader
//	know-how that does not load ─► its author, at once; the message says when it loads again
//	Report ─► the console's page and `tebiki report knowhow`
//
// What is to be told is decided in one commit with how far it was told, and
// left in the outbox: so an owner hears of a remark once, wherever the
// process dies.
//
// Stored: buckets "upkeep.rated" and "upkeep.weekly", as package daily does;
// bucket "upkeep", key "rated/" and the team's id, the time (RFC 3339) up to
// which ratings were told; key "weekly/" and the team's id, the Monday
// (2006-01-02) before which the last summary ended; key "fault", a broken as JSON, version 1:
// what whoever broke the know-how was told last.
package upkeep

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/daily"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"
)

const bucket = "upkeep"

const (
	kindRated  = "upkeep rated"
	kindWeekly = "upkeep weekly"
	kindFault  = "upkeep fault"
)

// A Flow is what the messages need.
type Flow struct {
	Store   store.Store
	Outbox  *outbox.Outbox
	Chat    chat.Chat
	Roster  *roster.Roster
	KnowHow func() *knowhow.Base
	Team    string // whose entries are that name no team, and who hears of what nobody owns
	Places  Places
	Log     *slog.Logger
}

// Routes lists what the flow delivers.
func (f *Flow) Routes() []outbox.Route {
	return []outbox.Route{
		{Dest: "chat", Kind: kindRated, Handle: decoded(f.tellOwner)},
		{Dest: "chat", Kind: kindWeekly, Handle: decoded(f.tellWeek)},
		{Dest: "chat", Kind: kindFault, Handle: decoded(f.tellFault)},
	}
}

// Works are what the flow does in each team's morning.
func (f *Flow) Works() []daily.Work {
	return []daily.Work{
		{Name: "what was rated out of date", Bucket: "upkeep.rated", Do: f.rated},
		{Name: "the week's summary", Bucket: "upkeep.weekly", Do: f.weekly},
	}
}

// Report counts what was recorded in a time.
func (f *Flow) Report(ctx context.Context, from, to time.Time, mine func(*knowhow.Entry) bool) (r Report, err error) {
	err = usage.Read(ctx, f.Store, from, to, func(events iter.Seq[usage.Event]) {
		r = Make(f.KnowHow(), events, from, to, f.Places, mine)
	})
	if err != nil {
		return Report{}, fmt.Errorf("read what the know-how was used for: %w", err)
	}
	return r, nil
}

// teams gives the entries of a team.
func (f *Flow) teams(id string) func(*knowhow.Entry) bool {
	return func(e *knowhow.Entry) bool { return e.Team == id || e.Team == "" && id == f.Team }
}

// decoded reads the body of an item for its handler.
func decoded[T any](h func(context.Context, outbox.Item, T) error) outbox.Handler {
	return func(ctx context.Context, it outbox.Item) error {
		var body T
		if err := json.Unmarshal(it.Body, &body); err != nil {
			return fmt.Errorf("read the item %s: %w", it.Key, err)
		}
		return h(ctx, it, body)
	}
}

func add(tx store.Writer, kind, key string, now time.Time, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode the item %s: %w", key, err)
	}
	return outbox.Add(tx, outbox.Item{Dest: "chat", Lane: kind, Kind: kind, Key: key, Created: now, Body: b})
}

// send delivers a message to a person. One that the chat will never take is
// for the log.
func (f *Flow) send(ctx context.Context, it outbox.Item, to roster.Person, m chat.Message) error {
	m.To, m.Lang, m.Sent = to.Chat, printer(to).Lang(), it.Created
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	} else if err != nil {
		f.Log.Warn("the chat does not take a message about the know-how", "person", to.ID, "message", m.Key, "err", err)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

func printer(to roster.Person) text.Printer { return text.For(to.Lang, to.Zone) }
