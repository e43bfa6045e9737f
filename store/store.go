// Package store is the port to what must survive a crash: named buckets of
// ordered keys, read and write transactions, and a lease that says which
// replica may write.
//
// The contract every implementation keeps, and storetest checks:
//
//   - When Update returns nil, what its function wrote is on stable storage.
//     When it returns an error, nothing of it is.
//   - Updates that wait at the same time may share one commit (and so one
//     disk sync). A function may therefore be called more than once, and must
//     have no effect but through its transaction.
//   - Transactions are serialisable: a function sees every commit that
//     returned before it began, and none in part.
//   - Keys are ordered bytewise. A bucket exists as soon as something is put
//     into it. Writing under a key that CheckKey refuses is an error; reading
//     there finds nothing. An empty value is a value, and read back not nil.
//   - A function must not call its own store again: it would wait for itself.
//     When it panics nothing of it is written, and the panic goes on in the
//     caller of Update.
//   - Bytes handed out are valid until the function returns and are never
//     written to; bytes handed in must not be changed before then.
//
// The buckets and the shape of their keys are documented by the package that
// owns them: escalation/runner, store/outbox, bot/request, bot/digest,
// bot/urgent, bot/watch, bot/hotline, bot/mailbox, adapters/tracker/local (jira,
// redmine), adapters/chat/console (slack). A bucket's name begins with its owner's short
// name ("incident", "outbox", "request.done").
package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// ErrClosed is returned by every call on a closed store.
var ErrClosed = errors.New("the store is closed")

// ErrLost is wrapped by an Update that was refused because another replica
// holds the lease. Nothing was written.
var ErrLost = errors.New("another replica holds the lease")

// ErrFull is wrapped by an Update that found no room on the disk (or in the
// server's quota). Nothing was written, and reading goes on working.
var ErrFull = errors.New("no space left for the store")

// MaxKey is the length in bytes that a key may have.
const MaxKey = 32 << 10

// CheckKey tells why nothing can be stored under a key, or nil.
func CheckKey(bucket, key string) error {
	switch {
	case bucket == "":
		return fmt.Errorf("key %q: the bucket has no name", key)
	case key == "":
		return fmt.Errorf("bucket %s: the key is empty", bucket)
	case len(key) > MaxKey:
		return fmt.Errorf("bucket %s: the key has %d bytes, at most %d are possible: store a hash of it", bucket, len(key), MaxKey)
	}
	return nil
}

// A Reader reads within a transaction.
type Reader interface {
	// Get gives the value under key, or nil when there is none.
	Get(bucket, key string) []byte
	// Scan walks the keys of a bucket from `from` (included) in ascending
	// order to `to` (excluded; "" means to the end). The bucket must not be
	// written to during the walk.
	Scan(bucket, from, to string) iter.Seq2[string, []byte]
	// Last gives the greatest key of a bucket with its value; ok is false
	// when the bucket is empty.
	Last(bucket string) (key string, value []byte, ok bool)
}

// A Writer reads and writes within a transaction. A fault of the storage
// underneath is returned by Put or Delete or by the Update around them.
type Writer interface {
	Reader
	Put(bucket, key string, value []byte) error
	// Delete removes a key; one that is not there is no error.
	Delete(bucket, key string) error
	// Next gives the next number of a bucket's own counter, from 1. Numbers
	// of committed transactions ascend in the order of the commits.
	Next(bucket string) (uint64, error)
}

// A Store keeps buckets of keys.
type Store interface {
	View(ctx context.Context, fn func(Reader) error) error
	// Update runs fn in a write transaction and commits it. It returns fn's
	// error as it is. A context that ends while waiting gives its error,
	// and then nothing of fn was written; once a commit has begun Update
	// waits for its end.
	Update(ctx context.Context, fn func(Writer) error) error
	// Lead blocks until this process may write, and returns a context that
	// ends when it no longer may. A store of one process gives at once a
	// context that lasts until Close or until ctx ends.
	Lead(ctx context.Context) (context.Context, error)
	Close() error
}

// LeadAlone is Lead for a store of one process that is open as long as life
// lasts.
func LeadAlone(ctx, life context.Context) (context.Context, error) {
	if life.Err() != nil {
		return nil, ErrClosed
	}
	term, end := context.WithCancelCause(ctx)
	stop := context.AfterFunc(life, func() { end(ErrClosed) })
	context.AfterFunc(term, func() { stop() })
	return term, nil
}

// Seq is a key made of a number, ordered as the numbers are.
func Seq(n uint64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	return string(b[:])
}

// ParseSeq reads back what Seq made.
func ParseSeq(key string) (uint64, error) {
	if len(key) != 8 {
		return 0, fmt.Errorf("key %q: want 8 bytes, it has %d", key, len(key))
	}
	return binary.BigEndian.Uint64([]byte(key)), nil
}

// Encode gives the stored form of v: one byte with the version of its shape,
// then JSON.
func Encode(version byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return append([]byte{version}, b...), nil
}

// Decode reads what Encode made into v and gives the version it was written
// with, so that the caller can upgrade an old shape. A version above newest
// is an error: it was written by a newer program.
func Decode(data []byte, newest byte, v any) (byte, error) {
	if len(data) == 0 {
		return 0, fmt.Errorf("decode %T: the value is empty", v)
	}
	if data[0] == 0 || data[0] > newest {
		return data[0], fmt.Errorf("decode %T: written in version %d, this program reads up to %d: start the newer program again, or restore a backup", v, data[0], newest)
	}
	if err := json.Unmarshal(data[1:], v); err != nil {
		return data[0], fmt.Errorf("decode %T: %w", v, err)
	}
	return data[0], nil
}

// Put encodes v and puts it.
func Put(tx Writer, bucket, key string, version byte, v any) error {
	b, err := Encode(version, v)
	if err != nil {
		return fmt.Errorf("%s/%x: %w", bucket, key, err)
	}
	return tx.Put(bucket, key, b)
}

// Get decodes the value under key into v; found is false, and v untouched,
// when there is none.
func Get(tx Reader, bucket, key string, newest byte, v any) (found bool, err error) {
	b := tx.Get(bucket, key)
	if b == nil {
		return false, nil
	}
	if _, err := Decode(b, newest, v); err != nil {
		return true, fmt.Errorf("%s/%x: %w", bucket, key, err)
	}
	return true, nil
}
