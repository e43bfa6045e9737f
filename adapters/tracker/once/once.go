// Package once makes things exactly once at a place that has no idempotency
// of its own.
//
// Before something is made the intent is committed, under the label of its
// cause; afterwards the key of what was made. So a label is in one of three
// states, whenever the process dies and whatever answer is lost:
//
//	nothing is known    nothing was asked for: it is made
//	there is a key      it is made: the key is given
//	there is an intent  it may be made or not: the place is searched, until
//	                    long enough after the last attempt that what was made
//	                    would be found; then it is made
//
// A place that says no has made nothing, and the intent is taken back.
//
// Labels must not be found in a place because another data folder used them
// there: Instance gives a mark that is this folder's own.
//
// Stored: bucket Bucket, key label, a record as JSON, version 1; bucket
// Bucket+".at", key seconds since 1970 as store.Seq and label, no value, by
// which records are forgotten; bucket Bucket+".note", key label, a note as
// JSON, version 1; bucket Bucket, key "instance" behind a zero
// byte, the mark.
package once

import (
	"context"
	"fmt"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/lanes"
	"tebiki/store"
)

// Keep is how long it is remembered what was made.
const Keep = 400 * 24 * time.Hour

// A Maker makes things at one place. It is safe for concurrent use.
type Maker struct {
	store  store.Store
	bucket string
	lanes  lanes.Lanes
}

// New gives a maker that remembers in a bucket of the store.
func New(s store.Store, bucket string) *Maker { return &Maker{store: s, bucket: bucket} }

// A Thing is how something is made.
type Thing struct {
	// Make makes it and gives its key. What is to be said of it later it
	// gives to Note before.
	Make func(ctx context.Context) (key string, err error)
	// Undone tells that an error of Make means that nothing was made.
	Undone func(err error) bool
	// Find searches for what attempts since a time have made; "" when there
	// is nothing.
	Find func(ctx context.Context, since time.Time) (key string, err error)
	// Lag is how long after an attempt Find may not see yet what it made.
	Lag time.Duration
}

// record is what is known of a label.
type record struct {
	Key   string    `json:"key,omitempty"`
	Began time.Time `json:"began,omitzero"` // the first attempt whose end is not known
	Tried time.Time `json:"tried,omitzero"` // the last one
}

// Make gives the key of what a label has made, and makes it if need be; made
// tells that it was made by this call.
func (m *Maker) Make(ctx context.Context, label string, t Thing) (key string, made bool, err error) {
	unlock, err := m.lanes.Lock(ctx, label)
	if err != nil {
		return "", false, err
	}
	defer unlock()
	rec, err := m.load(ctx, label)
	if err != nil || rec.Key != "" {
		return rec.Key, false, err
	}
	if !rec.Began.IsZero() {
		if key, err := m.search(ctx, label, rec, t); key != "" || err != nil {
			return key, false, err
		}
	}
	key, err = m.attempt(ctx, label, rec, t)
	return key, err == nil, err
}

// attempt makes it. When the answer is lost it looks for it, as long as ctx
// lasts: whoever waits is served, and whoever comes later goes on with that.
func (m *Maker) attempt(ctx context.Context, label string, rec record, t Thing) (string, error) {
	now := time.Now()
	if rec.Began.IsZero() {
		rec.Began = now
	}
	rec.Tried = now
	if err := m.keep(ctx, label, rec); err != nil {
		return "", fmt.Errorf("note what is about to be made: %w", err)
	}
	key, err := t.Make(ctx)
	switch {
	case err == nil:
		return key, m.made(ctx, label, key)
	case t.Undone(err):
		if dropped := m.drop(ctx, label); dropped != nil {
			return "", fmt.Errorf("%w (and the store failed: %w)", err, dropped)
		}
		return "", err
	}
	rec.Tried = time.Now()
	if kept := m.keep(ctx, label, rec); kept != nil {
		return "", fmt.Errorf("%w (and the store failed: %w)", err, kept)
	}
	found, searched := m.search(ctx, label, rec, t)
	if searched != nil || found == "" {
		return "", err
	}
	return found, nil
}

// How long to wait between two looks.
const (
	firstLook = time.Second
	lastLook  = 8 * time.Second
)

// search looks for what an attempt may have made, until it would be found.
func (m *Maker) search(ctx context.Context, label string, rec record, t Thing) (string, error) {
	end := rec.Tried.Add(t.Lag)
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		left := time.Until(end)
		key, err := t.Find(ctx, rec.Began)
		if err != nil {
			return "", fmt.Errorf("look for what an earlier attempt may have made: %w", err)
		}
		if key != "" {
			return key, m.made(ctx, label, key)
		}
		if left <= 0 {
			return "", nil
		}
		if err := adapters.Sleep(ctx, min(pause, left)); err != nil {
			return "", fmt.Errorf("wait until it is certain whether an earlier attempt has made it: %w", err)
		}
	}
}

// Forget takes back what is known of a label, when what it made is no more.
func (m *Maker) Forget(ctx context.Context, label string) error {
	unlock, err := m.lanes.Lock(ctx, label)
	if err != nil {
		return err
	}
	defer unlock()
	return m.drop(ctx, label)
}
