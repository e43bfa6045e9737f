package urgent

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/outbox"
)

// kindFixed is the item that tells the core of a ticket fixed in the tracker.
const kindFixed = "incident fixed"

type fixedItem struct {
	Incident escalation.ID `json:"incident"`
	Person   string        `json:"person"`
}

// Ticket ends the incident of a ticket that somebody has fixed or closed.
func (f *Flow) Ticket(tx store.Writer, was *watch.Seen, t tracker.Ticket) error {
	id, ok := IncidentOf(t)
	if !ok {
		return nil
	}
	if err := regain(tx, id, t.Key); err != nil {
		return err
	}
	if t.Status == tracker.Open || was != nil && was.Status != tracker.Open {
		return nil
	}
	person := t.Key // nobody knows who it was: the ticket stands for them
	if p, ok := f.Roster.ByTracker(t.Assignee); ok {
		person = p.ID
	}
	body, err := json.Marshal(fixedItem{id, person})
	if err != nil {
		return err
	}
	return outbox.Add(tx, outbox.Item{Dest: runner.Tracker, Lane: id.String(), Kind: kindFixed,
		Key: fmt.Sprintf("%s/fixed/%d", id, t.Updated.UnixNano()), Created: t.Updated, Body: body})
}

func (f *Flow) fixed(ctx context.Context, it outbox.Item) error {
	var body fixedItem
	if err := json.Unmarshal(it.Body, &body); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	inc, gone, err := f.incident(ctx, it, body.Incident)
	if gone || err != nil {
		return err
	}
	if reopenedAfter(&inc, it.Created) {
		return f.Outbox.Settle(ctx, it, nil)
	}
	_, err = f.Core.SubmitWith(ctx, it.Remove, escalation.Fix{Incident: body.Incident, Person: body.Person})
	return err
}

// reopenedAfter tells whether the incident came back after a time. A fix from
// before then, which was read late, is no reason to stop paging.
func reopenedAfter(inc *escalation.Incident, t time.Time) bool {
	n := len(inc.Times)
	return inc.Reopened > 0 && n > 0 && inc.Times[n-1].After(t)
}

// IncidentOf gives the incident whose ticket, not sub-ticket, t is.
func IncidentOf(t tracker.Ticket) (escalation.ID, bool) {
	id, sub, ok := incidentOf(t.Label)
	if !ok || sub {
		return 0, false
	}
	return id, true
}

// incidentOf gives the incident of a ticket or sub-ticket that has a label.
func incidentOf(label string) (id escalation.ID, sub, ok bool) {
	rest, ours := strings.CutPrefix(label, LabelPrefix)
	name, what, _ := strings.Cut(rest, "/")
	id, err := escalation.ParseID(name)
	if !ours || err != nil || id.String() != name {
		return 0, false, false
	}
	sub = strings.HasPrefix(what, "alert/")
	return id, sub, sub || what == "ticket"
}
