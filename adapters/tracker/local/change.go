package local

import (
	"context"
	"strconv"
	"strings"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

// Comment adds to a ticket's history. A comment whose label the ticket has
// already is there, and nothing is added.
func (t *Tracker) Comment(ctx context.Context, key string, c tracker.Comment) error {
	op := "comment on ticket " + strconv.Quote(key)
	text, err := body(c.Body)
	if err == nil && strings.TrimSpace(text) == "" {
		err = refused("the comment is empty")
	}
	if err == nil {
		err = checkLabel(c.Label)
	}
	if err != nil {
		return named(op, err)
	}
	return t.update(ctx, op, func(tx store.Writer) (bool, error) {
		r, err := load(tx, key)
		if err != nil {
			return false, err
		}
		if known, err := mark(tx, r.Number, c.Label); known || err != nil {
			return false, err
		}
		e := entry{At: now(), By: c.Author, Kind: tracker.Commented, Text: text}
		if err := take(tx, &r); err != nil {
			return false, err
		}
		if c.Label == "" {
			e.Change, r.Said = r.Change, r.Change
		}
		if err := note(tx, r.Number, e); err != nil {
			return false, err
		}
		return true, write(tx, &r, e.At)
	})
}

// mark remembers the label of a comment and tells whether it was known.
func mark(tx store.Writer, number uint64, label string) (known bool, err error) {
	if label == "" {
		return false, nil
	}
	key := store.Seq(number) + label
	if tx.Get(commentBucket, key) != nil {
		return true, nil
	}
	return false, tx.Put(commentBucket, key, nil)
}

// Change alters a ticket and notes each thing that really changed.
func (t *Tracker) Change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	op := "change ticket " + strconv.Quote(key)
	c, err := checkChange(c)
	if err != nil {
		return tracker.Ticket{}, named(op, err)
	}
	var r record
	err = t.update(ctx, op, func(tx store.Writer) (bool, error) {
		r, err = load(tx, key)
		if err != nil {
			return false, err
		}
		at, before := now(), r.Status
		news := r.apply(c)
		for _, e := range news {
			e.At, e.By = at, c.By
			if err := note(tx, r.Number, e); err != nil {
				return false, err
			}
		}
		if len(news) == 0 {
			return false, nil
		}
		if err := move(tx, r.Number, before, r.Status); err != nil {
			return false, err
		}
		return true, save(tx, &r, at)
	})
	if err != nil {
		return tracker.Ticket{}, err
	}
	return t.ticket(r), nil
}

// checkChange gives c with its texts cleaned, in new places: the caller's are
// not written to.
func checkChange(c tracker.Change) (tracker.Change, error) {
	if c.Status != nil {
		if err := checkStatus(*c.Status); err != nil {
			return c, err
		}
	}
	var err error
	clean := func(text **string, rule func(string) (string, error)) {
		if *text == nil || err != nil {
			return
		}
		var s string
		s, err = rule(**text)
		*text = &s
	}
	clean(&c.Title, title)
	clean(&c.Body, body)
	clean(&c.Assignee, func(s string) (string, error) { return name("assignee", s) })
	return c, err
}

// apply alters r and gives a line of history for each thing that is now
// different.
func (r *record) apply(c tracker.Change) (news []entry) {
	set := func(kind tracker.Kind, field, to *string) {
		if to != nil && *to != *field {
			*field = *to
			news = append(news, entry{Kind: kind, Text: *to})
		}
	}
	set(tracker.Assigned, &r.Assignee, c.Assignee)
	set(tracker.Moved, (*string)(&r.Status), (*string)(c.Status))
	set(tracker.Retitled, &r.Title, c.Title)
	set(tracker.Rewritten, &r.Body, c.Body)
	return news
}
