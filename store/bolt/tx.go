package bolt

import (
	"bytes"
	"fmt"
	"iter"

	bbolt "go.etcd.io/bbolt"

	"tebiki/store"
)

type reader struct{ tx *bbolt.Tx }

func (r reader) Get(bucket, key string) []byte {
	b := r.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get([]byte(key))
}

func (r reader) Scan(bucket, from, to string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		b := r.tx.Bucket([]byte(bucket))
		if b == nil {
			return
		}
		c, end := b.Cursor(), []byte(to)
		for key, value := c.Seek([]byte(from)); key != nil; key, value = c.Next() {
			if to != "" && bytes.Compare(key, end) >= 0 || !yield(string(key), value) {
				return
			}
		}
	}
}

func (r reader) Last(bucket string) (key string, value []byte, ok bool) {
	b := r.tx.Bucket([]byte(bucket))
	if b == nil {
		return "", nil, false
	}
	c := b.Cursor()
	// Bolt's Last never returns from a bucket of several pages that this same
	// transaction has emptied. First does.
	if k, _ := c.First(); k == nil {
		return "", nil, false
	}
	k, v := c.Last()
	return string(k), v, true
}

// writer is one function's hold on the transaction that it shares with
// others. It logs what it changes, so that it can be taken back.
type writer struct {
	reader
	log []change
}

// change is how to restore what was before one call.
type change struct {
	bucket  *bbolt.Bucket
	key     []byte // nil: the counter was changed
	old     []byte // nil: the key was not there
	counter uint64
}

func (w *writer) Put(bucket, key string, value []byte) error {
	if err := store.CheckKey(bucket, key); err != nil {
		return err
	}
	b, err := w.bucket(bucket)
	if err != nil {
		return err
	}
	k := []byte(key)
	w.log = append(w.log, change{bucket: b, key: k, old: b.Get(k)})
	// Bolt keeps the value until the commit, which is later than the caller
	// promised to leave it as it is. Never nil: that would read as no key.
	if err := b.Put(k, append(make([]byte, 0, len(value)), value...)); err != nil {
		return fmt.Errorf("put %s/%x: %w", bucket, key, err)
	}
	return nil
}

func (w *writer) Delete(bucket, key string) error {
	if err := store.CheckKey(bucket, key); err != nil {
		return err
	}
	b, k := w.tx.Bucket([]byte(bucket)), []byte(key)
	if b == nil {
		return nil
	}
	old := b.Get(k)
	if old == nil {
		return nil
	}
	w.log = append(w.log, change{bucket: b, key: k, old: old})
	if err := b.Delete(k); err != nil {
		return fmt.Errorf("delete %s/%x: %w", bucket, key, err)
	}
	return nil
}

// fillInOrder is how full pages become in a bucket that counts: its keys come
// in the order of their numbers, so what bolt leaves free for keys between
// (half of each page) would never be used.
const fillInOrder = 0.9

func (w *writer) Next(bucket string) (uint64, error) {
	b, err := w.bucket(bucket)
	if err != nil {
		return 0, err
	}
	w.log = append(w.log, change{bucket: b, counter: b.Sequence()})
	b.FillPercent = fillInOrder
	n, err := b.NextSequence()
	if err != nil {
		return 0, fmt.Errorf("the next number of %s: %w", bucket, err)
	}
	return n, nil
}

// bucket gives the bucket of that name, made when there is none. Undoing does
// not remove it: an empty one looks like none.
func (w *writer) bucket(name string) (*bbolt.Bucket, error) {
	if b := w.tx.Bucket([]byte(name)); b != nil {
		return b, nil
	}
	b, err := w.tx.CreateBucket([]byte(name))
	if err != nil {
		return nil, fmt.Errorf("make bucket %q: %w", name, err)
	}
	return b, nil
}

// undo takes back every change, the last first. None of it can fail: each
// puts back what the same open transaction held.
func (w *writer) undo() {
	for i := len(w.log) - 1; i >= 0; i-- {
		c := w.log[i]
		switch {
		case c.key == nil:
			_ = c.bucket.SetSequence(c.counter)
		case c.old == nil:
			_ = c.bucket.Delete(c.key)
		default:
			_ = c.bucket.Put(c.key, c.old)
		}
	}
	w.log = nil
}
