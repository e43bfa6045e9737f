package once

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"tebiki/store"
)

const version = 1 // of record

// instanceKey is no label: those have no zero byte.
const instanceKey = "\x00instance"

// forgotten is how many old records a new one takes along.
const forgotten = 4

func (m *Maker) ages() string { return m.bucket + ".at" }

func (m *Maker) load(ctx context.Context, label string) (rec record, err error) {
	err = m.store.View(ctx, func(tx store.Reader) error {
		rec = record{}
		_, err := store.Get(tx, m.bucket, label, version, &rec)
		return err
	})
	return rec, err
}

func (m *Maker) keep(ctx context.Context, label string, rec record) error {
	return m.store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
		return store.Put(tx, m.bucket, label, version, rec)
	})
}

func (m *Maker) drop(ctx context.Context, label string) error {
	return m.store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error { return m.delete(tx, label) })
}

func (m *Maker) delete(tx store.Writer, label string) error {
	return errors.Join(tx.Delete(m.bucket, label), tx.Delete(m.notes(), label))
}

// made keeps a key even when the caller no longer waits, and forgets what is
// too old.
func (m *Maker) made(ctx context.Context, label, key string) error {
	now := time.Now()
	return m.store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
		if err := errors.Join(m.forget(tx, now.Add(-Keep)), m.renew(tx, label, now)); err != nil {
			return err
		}
		if err := tx.Put(m.ages(), store.Seq(uint64(now.Unix()))+label, nil); err != nil {
			return err
		}
		return store.Put(tx, m.bucket, label, version, record{Key: key})
	})
}

func (m *Maker) forget(tx store.Writer, before time.Time) error {
	var old []string
	for k := range tx.Scan(m.ages(), "", store.Seq(uint64(max(0, before.Unix())))) {
		if old = append(old, k); len(old) == forgotten {
			break
		}
	}
	for _, k := range old {
		if err := tx.Delete(m.ages(), k); err != nil {
			return err
		}
		if err := m.delete(tx, k[len(store.Seq(0)):]); err != nil {
			return err
		}
	}
	return nil
}

// Instance gives a short mark of lower-case letters and digits, made once and
// kept: two data folders do not have the same.
func (m *Maker) Instance(ctx context.Context) (mark string, err error) {
	fresh := strings.ToLower(rand.Text()[:8])
	err = m.store.Update(ctx, func(tx store.Writer) error {
		mark = fresh
		if kept := tx.Get(m.bucket, instanceKey); kept != nil {
			mark = string(kept)
			return nil
		}
		return tx.Put(m.bucket, instanceKey, []byte(fresh))
	})
	return mark, err
}
