package once

import (
	"bytes"
	"context"
	"time"

	"tebiki/store"
)

// KeepNote is how long after something was made its note can be had: for whoever
// asks again because the answer was lost, or the process died before anybody
// had heard it.
const KeepNote = time.Hour

// note is what its maker has to say of a thing, and when it was known to be
// made.
type note struct {
	Text []byte    `json:"text"`
	At   time.Time `json:"at"`
}

func (m *Maker) notes() string { return m.bucket + ".note" }

// Note keeps what is to be said of what a label is about to make, before it is
// made: afterwards it might be too late.
func (m *Maker) Note(ctx context.Context, label string, text []byte) error {
	was, err := m.Noted(ctx, label)
	if err != nil || bytes.Equal(was, text) {
		return err
	}
	return m.store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
		return store.Put(tx, m.notes(), label, version, note{text, time.Now()})
	})
}

// Noted gives the note of what a label has made; nil when there is none.
func (m *Maker) Noted(ctx context.Context, label string) (text []byte, err error) {
	err = m.store.View(ctx, func(tx store.Reader) error {
		n, found, err := m.loadNote(tx, label)
		if text = nil; found && time.Since(n.At) < KeepNote {
			text = n.Text
		}
		return err
	})
	return text, err
}

func (m *Maker) loadNote(tx store.Reader, label string) (n note, found bool, err error) {
	found, err = store.Get(tx, m.notes(), label, version, &n)
	return n, found, err
}

// renew counts a note's age from when it is known that the thing was made.
func (m *Maker) renew(tx store.Writer, label string, now time.Time) error {
	n, found, err := m.loadNote(tx, label)
	if err != nil || !found {
		return err
	}
	n.At = now
	return store.Put(tx, m.notes(), label, version, n)
}
