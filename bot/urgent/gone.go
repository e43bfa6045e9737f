package urgent

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tebiki/adapters"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/outbox"
)

const bucketGone = "urgent.gone"

// A Gone is the ticket of an incident that was deleted in the tracker, or
// moved where Tebiki does not see it.
type Gone struct {
	Ticket string    `json:"ticket"`
	At     time.Time `json:"at"` // when it was found out
}

// TicketGone tells whether an incident's ticket is gone.
func TicketGone(ctx context.Context, st store.Store, id escalation.ID) (g Gone, gone bool, err error) {
	err = st.View(ctx, func(tx store.Reader) error {
		gone, err = store.Get(tx, bucketGone, id.String(), 1, &g)
		return err
	})
	return g, gone, err
}

// Gone notes that an incident has lost its ticket. That ends nothing: people
// are paged for the alert, not for the ticket.
func (f *Flow) Gone(tx store.Writer, key string, was watch.Seen) error {
	id, sub, ok := incidentOf(was.Label)
	if !ok || sub {
		return nil
	}
	return lose(tx, id, key)
}

// lose notes a lost ticket, once, and has the messages say so.
func lose(tx store.Writer, id escalation.ID, ticket string) error {
	var known Gone
	found, err := store.Get(tx, bucketGone, id.String(), 1, &known)
	if err != nil || found {
		return err
	}
	now := time.Now()
	if err := store.Put(tx, bucketGone, id.String(), 1, Gone{ticket, now}); err != nil {
		return err
	}
	return updateMessages(tx, id, now)
}

// regain forgets that a ticket was lost: it is back.
func regain(tx store.Writer, id escalation.ID, ticket string) error {
	var lost Gone
	found, err := store.Get(tx, bucketGone, id.String(), 1, &lost)
	if err != nil || !found || lost.Ticket != ticket {
		return err
	}
	if err := tx.Delete(bucketGone, id.String()); err != nil {
		return err
	}
	return updateMessages(tx, id, time.Now())
}

// updateMessages has everybody's message and the channel's say what is known
// besides the incident's history, each in the lane of its other news.
func updateMessages(tx store.Writer, id escalation.ID, now time.Time) error {
	for _, u := range []struct {
		kind escalation.EffectKind
		lane string
	}{{escalation.Refresh, id.String()}, {escalation.Announce, id.String() + "/team"}} {
		e := escalation.Effect{Kind: u.kind, Key: fmt.Sprintf("%s/%s/ticket/%d", id, u.kind, now.UnixNano()), Incident: id, At: now}
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := outbox.Add(tx, outbox.Item{Dest: runner.Chat, Lane: u.lane, Kind: string(u.kind), Key: e.Key, Created: now, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

// abandon settles an item whose ticket the tracker does not find: what it is
// about is on the incident's page.
func (f *Flow) abandon(ctx context.Context, it outbox.Item, inc *escalation.Incident, err error) error {
	f.Log.Warn("an incident's ticket is gone; what is news is on the incident's page", "incident", inc.ID, "ticket", inc.Ticket, "err", err)
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error { return lose(tx, inc.ID, inc.Ticket) })
}

func notFound(err error) bool { return err != nil && adapters.CodeOf(err) == adapters.NotFound }
