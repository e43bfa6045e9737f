// Package audit keeps which checks were run where, for whom, and how they
// ended. The log only grows: nothing in it is changed or removed, and a check
// whose beginning cannot be kept does not run.
//
// Stored: bucket "audit.check", key store.Seq(counter), a Record as JSON,
// version 1; bucket "audit.check.name", key a check's name, a Tally as JSON,
// version 1.
package audit

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"tebiki/knowhow/check"
	"tebiki/store"
)

const (
	bucket     = "audit.check"
	bucketName = "audit.check.name"
)

// A Record is the beginning or the end of one run of a check.
type Record struct {
	Number  uint64        `json:"-"`
	At      time.Time     `json:"at"`
	Who     string        `json:"who,omitempty"` // id of a person; "" is Tebiki by itself
	Ticket  string        `json:"ticket,omitempty"`
	Check   string        `json:"check"`
	Command string        `json:"command"` // with secrets masked
	Where   string        `json:"where"`
	Host    string        `json:"host,omitempty"` // "" for the bot's own
	Started time.Time     `json:"started"`        // the same of beginning and end
	Ended   bool          `json:"ended,omitempty"`
	Took    time.Duration `json:"took,omitempty"`
	Reason  check.Reason  `json:"reason,omitempty"` // why it did not come to its end
	Exit    int           `json:"exit,omitempty"`
}

// A Tally is how often a check of a name was run.
type Tally struct {
	Ran   int `json:"ran"`             // begun
	Well  int `json:"well"`            // came to its end
	Tried int `json:"tried,omitempty"` // was not let begin: refused, denied, its server unknown
}

// A Log is the audit log in a store.
type Log struct {
	Store store.Store
	Log   *slog.Logger
}

// Keep adds a record. It is a check.Auditor.
func (l *Log) Keep(ctx context.Context, r check.Run) error {
	rec := Record{At: time.Now(), Who: r.Who, Ticket: r.Ticket, Check: r.Check, Command: r.Command, Where: r.Where, Host: r.Host,
		Started: r.Started, Ended: r.Ended, Took: r.Took, Reason: r.Reason, Exit: r.Exit}
	// The end of what was begun is kept although the bot is being stopped.
	err := l.Store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error { return add(tx, rec, r.Began) })
	switch {
	case err == nil:
		return nil
	case r.Ended:
		l.Log.Error("the end of a check is missing in the audit log", "check", r.Check, "host", r.Host, "ticket", r.Ticket, "reason", r.Reason, "err", err)
	}
	return fmt.Errorf("write the audit log: %w", err)
}

// add keeps a record and counts it; began tells of an end whether its
// beginning was kept.
func add(tx store.Writer, r Record, began bool) error {
	n, err := tx.Next(bucket)
	if err != nil {
		return err
	}
	if err := store.Put(tx, bucket, store.Seq(n), 1, r); err != nil {
		return err
	}
	var t Tally
	if _, err := store.Get(tx, bucketName, r.Check, 1, &t); err != nil {
		return err
	}
	switch {
	case !r.Ended:
		t.Ran++
	case r.Reason == check.Ran:
		t.Well++
	case !began && r.Reason != check.Stopped: // whoever asked did not wait until its turn had come
		t.Tried++
	default:
		return nil
	}
	return store.Put(tx, bucketName, r.Check, 1, t)
}

// After gives up to n records that follow the one with a number, oldest
// first; 0 begins with the first of all.
func (l *Log) After(ctx context.Context, number uint64, n int) (out []Record, err error) {
	if number == math.MaxUint64 {
		return nil, nil // none can follow
	}
	err = l.Store.View(ctx, func(tx store.Reader) error {
		out = nil
		for key, value := range tx.Scan(bucket, store.Seq(number+1), "") {
			var r Record
			if _, err := store.Decode(value, 1, &r); err != nil {
				return err
			}
			if r.Number, err = store.ParseSeq(key); err != nil {
				return err
			}
			if out = append(out, r); len(out) == n {
				break
			}
		}
		return nil
	})
	return out, err
}

// Tallies gives how often each check was run, by its name.
func (l *Log) Tallies(ctx context.Context) (out map[string]Tally, err error) {
	err = l.Store.View(ctx, func(tx store.Reader) error {
		out = map[string]Tally{}
		for name, value := range tx.Scan(bucketName, "", "") {
			var t Tally
			if _, err := store.Decode(value, 1, &t); err != nil {
				return err
			}
			out[name] = t
		}
		return nil
	})
	return out, err
}
