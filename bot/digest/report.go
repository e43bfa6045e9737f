package digest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/request"
	"tebiki/bot/watch"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A message is the body of a message's item: one person's part of a report.
// Without an owner it is the leader's, about what nobody owns.
type message struct {
	Report string `json:"report"`
	Owner  string `json:"owner,omitempty"`
}

// report leaves a message for everybody who has tickets in it.
func (f *Flow) report(ctx context.Context, it outbox.Item) error {
	var report string
	if err := json.Unmarshal(it.Body, &report); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	return f.Outbox.Settle(ctx, it, func(tx store.Writer) error {
		all, _, err := madeIn(tx, report)
		if err != nil {
			return err
		}
		owners := map[string]bool{}
		for _, m := range all {
			owners[m.Owner] = true
		}
		if err := addMessages(tx, it.Created, it.Key, report, slices.Sorted(maps.Keys(owners))...); err != nil {
			return err
		}
		if err := f.addSummary(tx, it.Created, it.Key, report); err != nil {
			return err
		}
		return forget(tx, teamIn(report), it.Created)
	})
}

// addMessages leaves a report's messages to owners, "" being the leader, for
// a cause that is told apart by its name.
func addMessages(tx store.Writer, now time.Time, cause, report string, owners ...string) error {
	for _, owner := range owners {
		it, err := itemOf("chat", "digest/"+report+"/"+owner, kindMessage, cause+"/"+owner, now, message{report, owner})
		if err != nil {
			return err
		}
		if err := outbox.Add(tx, it); err != nil {
			return err
		}
	}
	return nil
}

// Ticket brings the messages up to date when a ticket of the morning goes to
// somebody else: who gets it is told, and the leader's question is settled.
// Who fixed it, and when, is remembered of its kind.
func (f *Flow) Ticket(tx store.Writer, was *watch.Seen, t tracker.Ticket) error {
	team, kind, ok := kindIn(t.Label)
	if !ok {
		return nil
	}
	if err := f.remember(tx, was, t, team, kind); err != nil {
		return err
	}
	ids, err := placesOf(tx, team, kind, t.Key, t.Label)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := f.moved(tx, id, t); err != nil {
			return err
		}
	}
	return nil
}

// moved notes whose a day's ticket is now.
func (f *Flow) moved(tx store.Writer, id string, t tracker.Ticket) error {
	var m made
	found, err := store.Get(tx, bucketMade, id, 1, &m)
	owner := f.ownerOf(t)
	if err != nil || !found || m.Ticket != t.Key || m.Owner == owner {
		return err
	}
	before := m.Owner
	m.Owner = owner
	if err := store.Put(tx, bucketMade, id, 1, m); err != nil {
		return err
	}
	cause := fmt.Sprintf("%s/%d", id, t.Updated.UnixNano())
	if err := addMessages(tx, t.Updated, cause, m.Report, before, owner); err != nil {
		return err
	}
	return f.addSummary(tx, t.Updated, cause, m.Report)
}

// TeamOf gives the team whose morning made a ticket, from its label.
func TeamOf(label string) (team string, ok bool) {
	team, _, ok = kindIn(label)
	return team, ok
}

// kindIn takes a ticket's label apart.
func kindIn(label string) (team, kind string, ok bool) {
	id, ok := strings.CutPrefix(label, labelPrefix)
	parts := strings.Split(id, "/")
	if !ok || len(parts) != 3 {
		return "", "", false
	}
	return parts[0], parts[2], true
}

// placesOf gives the ids of a kind's groups that may be in a ticket: that of
// its label, and those of other days that went on in it.
func placesOf(tx store.Reader, team, kind, ticket, label string) ([]string, error) {
	h, err := loadKind(tx, team, kind)
	days := h.Days // what was noted before tickets had days of their own
	for _, p := range h.Past {
		if p.Ticket == ticket {
			days = slices.Concat(days, p.Days)
		}
	}
	ids := []string{strings.TrimPrefix(label, labelPrefix)}
	for _, day := range days {
		if id := groupID(team, day, kind); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// Gone forgets a ticket of the morning that was deleted. The message of whoever
// had it lists it no longer, and alerts of its kind and day get a new one.
func (f *Flow) Gone(tx store.Writer, key string, was watch.Seen) error {
	team, kind, ok := kindIn(was.Label)
	if !ok {
		return nil
	}
	ids, err := placesOf(tx, team, kind, key, was.Label)
	if err != nil {
		return err
	}
	if err := forgetPast(tx, team, kind, key); err != nil {
		return err
	}
	for _, id := range ids {
		if err := f.lost(tx, id, key); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flow) lost(tx store.Writer, id, key string) error {
	var m made
	found, err := store.Get(tx, bucketMade, id, 1, &m)
	if err != nil || !found || m.Ticket != key {
		return err
	}
	if err := tx.Delete(bucketMade, id); err != nil {
		return err
	}
	now := time.Now()
	cause := fmt.Sprintf("%s/gone/%d", id, now.UnixNano())
	if err := addMessages(tx, now, cause, m.Report, m.Owner); err != nil {
		return err
	}
	return f.addSummary(tx, now, cause, m.Report)
}

// madeIn gives the tickets of a report, and how many notes made none. Those of
// a month are looked through, partly in the transaction that alerts wait for:
// what does not name the report is not even decoded.
func madeIn(tx store.Reader, report string) (out []made, notes int, err error) {
	name, err := json.Marshal(report)
	if err != nil {
		return nil, 0, err
	}
	team := teamIn(report)
	for _, value := range tx.Scan(bucketMade, team+"/", team+"0") { // 0 follows the slash
		if !bytes.Contains(value, name) {
			continue
		}
		var m made
		if _, err := store.Decode(value, 1, &m); err != nil {
			return nil, 0, err
		}
		switch {
		case m.Report != report:
		case m.Ticket == "":
			notes += m.Notes
		default:
			out = append(out, m)
		}
	}
	return out, notes, nil
}

func teamIn(report string) string {
	i := strings.LastIndexByte(report, '/')
	return report[:max(i, 0)]
}

// tell sends one person's part of a report.
func (f *Flow) tell(ctx context.Context, it outbox.Item) error {
	var body message
	if err := json.Unmarshal(it.Body, &body); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	person, ok := f.Roster.Person(body.Owner)
	if body.Owner == "" {
		person, ok = f.Roster.Leader(teamIn(body.Report))
	}
	if !ok {
		return f.Outbox.Settle(ctx, it, nil)
	}
	tickets, err := f.ticketsOf(ctx, body)
	if err != nil {
		return err
	}
	var bench *request.Bench
	if body.Owner == "" { // whom the leader may choose
		if bench, err = request.Look(ctx, f.Store, f.Roster, f.Rules, time.Now()); err != nil {
			return err
		}
	}
	m := f.message(body, person, tickets, bench)
	m.Sent = it.Created
	return f.send(ctx, it, m)
}

// send delivers a message. One that the chat will never take is for the log.
func (f *Flow) send(ctx context.Context, it outbox.Item, m chat.Message) error {
	if err := f.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	} else if err != nil {
		f.Log.Warn("the chat does not take a message of the morning", "to", m.To, "message", m.Key, "err", err)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

func (f *Flow) ticketsOf(ctx context.Context, body message) (out []made, err error) {
	err = f.Store.View(ctx, func(tx store.Reader) error {
		all, _, err := madeIn(tx, body.Report)
		out = slices.DeleteFunc(all, func(m made) bool { return m.Owner != body.Owner })
		return err
	})
	return out, err
}
