// Package urgent delivers what the escalation decides: tickets and
// sub-tickets, messages and calls about incidents. It is the outside half of
// the urgent flow; the deciding half is escalation, the loop escalation/runner.
//
//	runner ─commit─► outbox ─► a handler here ─► tracker, chat or phone
//	   ▲                            │
//	   └── result, in one commit with the item's removal
//
// A handler makes what it sends from the incident as it is at that moment,
// not as it was when the effect was decided: a message that had to wait for
// the chat says what is true when it arrives, and a page of an incident that
// has been acknowledged meanwhile is not sent at all.
//
// What people do in the tracker comes back by the watch: a ticket that is
// fixed or closed ends its incident, a comment /ack acknowledges it, and one
// that is deleted ends nothing, but is no longer written to.
//
// Stored: bucket "urgent.gone", key the incident's id, a Gone as JSON,
// version 1: the ticket that the incident had. It is kept, since the messages
// about the incident are: tickets of incidents are seldom deleted.
package urgent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/phone"
	"tebiki/adapters/tracker"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/outbox"
)

// Core is what is needed of escalation/runner.
type Core interface {
	Incident(context.Context, escalation.ID) (escalation.Incident, bool, error)
	Alert(context.Context, escalation.ID, uint32) (escalation.Member, bool, error)
	Alerts(context.Context, escalation.ID, int) ([]escalation.Member, error)
	SubmitWith(context.Context, func(store.Writer) error, ...escalation.Event) ([]escalation.Receipt, error)
	Changed(escalation.ID) <-chan struct{}
	History(context.Context, escalation.ID) ([]escalation.Line, error)
}

// A Flow is what the handlers need.
type Flow struct {
	Core    Core
	Store   store.Store
	Outbox  *outbox.Outbox
	Tracker tracker.Tracker
	Chat    chat.Chat
	Phone   phone.Phone
	Roster  *roster.Roster
	Rules   *escalation.Rules
	Guide   *guide.Guide
	URL     string        // of the console, without a slash at its end
	Ring    time.Duration // how long a phone rings
	Repeat  int           // how often a prompt is said again
	Log     *slog.Logger

	lists written
}

// Routes lists what the flow delivers.
func (f *Flow) Routes() []outbox.Route {
	at := func(dest string, kind escalation.EffectKind, h func(context.Context, outbox.Item, escalation.Effect) error) outbox.Route {
		return outbox.Route{Dest: dest, Kind: string(kind), Handle: decoded(h)}
	}
	return []outbox.Route{
		at(runner.Tracker, escalation.OpenTicket, f.openTicket),
		at(runner.Tracker, escalation.AddSubticket, f.addSubticket),
		at(runner.Tracker, escalation.Comment, f.comment),
		at(runner.Tracker, escalation.ListAlerts, f.list),
		at(runner.Chat, escalation.Reach, f.reach),
		at(runner.Chat, escalation.Refresh, f.refresh),
		at(runner.Chat, escalation.Tell, f.tell),
		at(runner.Chat, escalation.Announce, f.announce),
		at(runner.Phone, escalation.Reach, f.call),
		{Dest: runner.Tracker, Kind: kindFixed, Handle: f.fixed},
		{Dest: runner.Tracker, Kind: kindSaid, Handle: f.said},
	}
}

func decoded(h func(context.Context, outbox.Item, escalation.Effect) error) outbox.Handler {
	return func(ctx context.Context, it outbox.Item) error {
		var e escalation.Effect
		if err := json.Unmarshal(it.Body, &e); err != nil {
			return fmt.Errorf("read the effect %s: %w", it.Key, err)
		}
		return h(ctx, it, e)
	}
}

// incident reads the incident an effect is about. One that is forgotten needs
// nothing more: its item is removed, and gone is true.
func (f *Flow) incident(ctx context.Context, it outbox.Item, id escalation.ID) (inc escalation.Incident, gone bool, err error) {
	inc, ok, err := f.Core.Incident(ctx, id)
	if err != nil || ok {
		return inc, false, err
	}
	return inc, true, f.Outbox.Settle(ctx, it, nil)
}

// team gives the team that an incident's policy belongs to.
func (f *Flow) team(inc *escalation.Incident) roster.Team {
	t, _ := f.Roster.Team(f.Rules.PolicyOf(inc).Team)
	return t
}

// printer writes for a team: what is on tickets is in the team's language.
func (f *Flow) printer(inc *escalation.Incident) text.Printer {
	t := f.team(inc)
	return text.For(t.Lang, t.Zone).Fixed()
}

// guide gives the know-how that serves an incident.
func (f *Flow) guide(ctx context.Context, inc *escalation.Incident) (guide.Choice, bool) {
	return f.Guide.For(ctx, &inc.Root)
}

func (f *Flow) link(inc *escalation.Incident) string {
	return f.URL + "/incidents/" + inc.ID.String()
}
