package local

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

const version = 1 // of the shapes in this file

// record is a ticket as it is stored.
type record struct {
	Number    uint64            `json:"number"`
	Parent    uint64            `json:"parent,omitempty"`
	Change    uint64            `json:"change"`         // its place in the log of changes
	Said      uint64            `json:"said,omitempty"` // the change that was a person's last comment
	Label     string            `json:"label,omitempty"`
	Component string            `json:"component,omitempty"`
	Title     string            `json:"title"`
	Body      string            `json:"body,omitempty"`
	Status    tracker.Status    `json:"status"`
	Assignee  string            `json:"assignee,omitempty"`
	Reporter  string            `json:"reporter,omitempty"`
	Priority  tracker.Priority  `json:"priority,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`
	Created   time.Time         `json:"created"`
	Updated   time.Time         `json:"updated"`
}

// entry is a line of a ticket's history as it is stored.
type entry struct {
	At     time.Time    `json:"at"`
	By     string       `json:"by,omitempty"`
	Kind   tracker.Kind `json:"kind"`
	Text   string       `json:"text,omitempty"`
	Change uint64       `json:"change,omitempty"` // with a person's comment: its place in the log of changes
}

// now is the time as it is read back from the store.
func now() time.Time { return time.Now().UTC().Round(0) }

func (t *Tracker) ticket(r record) tracker.Ticket {
	key := formatKey(r.Number)
	out := tracker.Ticket{
		Key: key, Component: r.Component, Title: r.Title, Body: r.Body,
		Status: r.Status, Assignee: r.Assignee, Reporter: r.Reporter, Priority: r.Priority,
		Fields: maps.Clone(r.Fields), Label: r.Label, Created: r.Created, Updated: r.Updated,
		URL: t.URL(key),
	}
	if r.Parent != 0 {
		out.Parent = formatKey(r.Parent)
	}
	return out
}

func formatKey(number uint64) string { return keyPrefix + strconv.FormatUint(number, 10) }

// parseKey takes only what formatKey makes, so that each ticket has one name.
func parseKey(key string) (number uint64, ok bool) {
	digits, ok := strings.CutPrefix(key, keyPrefix)
	if !ok {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil && number != 0 && formatKey(number) == key
}

func load(tx store.Reader, key string) (record, error) {
	number, ok := parseKey(key)
	if !ok {
		return record{}, notFound(key)
	}
	return loadSeq(tx, store.Seq(number))
}

func loadSeq(tx store.Reader, seq string) (record, error) {
	var r record
	found, err := store.Get(tx, ticketBucket, seq, version, &r)
	if err == nil && !found {
		number, _ := store.ParseSeq(seq)
		err = notFound(formatKey(number))
	}
	return r, err
}

// save writes r and moves it to the end of the log of changes.
func save(tx store.Writer, r *record, at time.Time) error {
	if err := take(tx, r); err != nil {
		return err
	}
	return write(tx, r, at)
}

// take gives r the next number of the log of changes in place of its own.
func take(tx store.Writer, r *record) (err error) {
	if r.Change != 0 {
		if err := tx.Delete(changeBucket, store.Seq(r.Change)); err != nil {
			return err
		}
	}
	r.Change, err = tx.Next(changeBucket)
	return err
}

func write(tx store.Writer, r *record, at time.Time) error {
	r.Updated = at
	if err := tx.Put(changeBucket, store.Seq(r.Change), []byte(store.Seq(r.Number))); err != nil {
		return err
	}
	return store.Put(tx, ticketBucket, store.Seq(r.Number), version, r)
}

// move keeps the index by status; from is "" for a new ticket.
func move(tx store.Writer, number uint64, from, to tracker.Status) error {
	if from == to {
		return nil
	}
	if from != "" {
		if err := tx.Delete(statusBucket, statusKey(from, number)); err != nil {
			return err
		}
	}
	return tx.Put(statusBucket, statusKey(to, number), nil)
}

func statusKey(s tracker.Status, number uint64) string {
	return string(s) + "\x00" + store.Seq(^number)
}

func note(tx store.Writer, number uint64, e entry) error {
	n, err := tx.Next(historyBucket)
	if err != nil {
		return err
	}
	return store.Put(tx, historyBucket, store.Seq(number)+store.Seq(n), version, e)
}

// span bounds the keys that begin with a number.
func span(number uint64) (from, to string) {
	return store.Seq(number), store.Seq(number + 1)
}
