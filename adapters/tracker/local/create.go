package local

import (
	"context"
	"fmt"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

// Create makes a ticket, or gives the one that has the draft's label, as it
// is now. A person's ticket has a label too: the console makes up one for
// each form it shows, so that a form sent twice is one ticket.
func (t *Tracker) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	op := fmt.Sprintf("create a ticket for label %q", d.Label)
	draft, err := newRecord(d)
	if err != nil {
		return tracker.Ticket{}, named(op, err)
	}
	var made record
	err = t.update(ctx, op, func(tx store.Writer) (bool, error) {
		made = draft
		if seq := tx.Get(labelBucket, d.Label); seq != nil {
			made, err = loadSeq(tx, string(seq))
			return false, err
		}
		return true, insert(tx, &made, d.Parent)
	})
	if err != nil {
		return tracker.Ticket{}, err
	}
	return t.ticket(made), nil
}

// newRecord holds a draft against the limits.
func newRecord(d tracker.Draft) (r record, err error) {
	if d.Label == "" {
		return r, refused("the draft has no label: name its cause, so that making it again makes nothing")
	}
	if err := checkLabel(d.Label); err != nil {
		return r, err
	}
	r = record{Label: d.Label, Status: tracker.Open, Priority: d.Priority}
	if err := checkPriority(d.Priority); err != nil {
		return r, err
	}
	if r.Title, err = title(d.Title); err != nil {
		return r, err
	}
	if r.Body, err = body(d.Body); err != nil {
		return r, err
	}
	if r.Component, err = name("component", d.Component); err != nil {
		return r, err
	}
	if r.Assignee, err = name("assignee", d.Assignee); err != nil {
		return r, err
	}
	if r.Reporter, err = name("reporter", d.Reporter); err != nil {
		return r, err
	}
	r.Fields, err = fields(d.Fields)
	return r, err
}

// insert gives r its number and writes everything that belongs to a new
// ticket.
func insert(tx store.Writer, r *record, parent string) (err error) {
	if parent != "" {
		above, err := load(tx, parent)
		if err != nil {
			return fmt.Errorf("the parent: %w", err)
		}
		r.Parent = above.Number
	}
	if r.Number, err = tx.Next(ticketBucket); err != nil {
		return err
	}
	r.Created = now()
	if r.Parent != 0 {
		if err := tx.Put(childBucket, store.Seq(r.Parent)+store.Seq(r.Number), nil); err != nil {
			return err
		}
	}
	if err := tx.Put(labelBucket, r.Label, []byte(store.Seq(r.Number))); err != nil {
		return err
	}
	if err := move(tx, r.Number, "", r.Status); err != nil {
		return err
	}
	if err := note(tx, r.Number, entry{At: r.Created, By: r.Reporter, Kind: tracker.Created}); err != nil {
		return err
	}
	return save(tx, r, r.Created)
}
