// Package usage records what the know-how was used for: pushes, openings,
// ratings, searches, requests without an entry, and how long the work took. A
// record is made in the commit of what it is about, so that the numbers are
// as true as the tickets.
//
// Stored: bucket "usage", key store.Seq(counter), an Event as JSON, version
// 1, only ever added; bucket "usage.count", key the event's kind, the number
// of them as eight bytes, big-endian; bucket "usage.rated", key made of a
// rating's kind, person, ticket and component, nothing: it was counted;
// bucket "usage.pushed", key the person, a zero byte and the event's number
// counted down from the largest, that number: newest first; bucket
// "usage.day", key a day (2006-01-02, UTC), the number of the first event that
// was recorded of it, so that a week's report does not read years.
package usage

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"tebiki/store"
)

const (
	bucket      = "usage"
	bucketCount = "usage.count"
	bucketRated = "usage.rated"
	bucketPush  = "usage.pushed"
	bucketDay   = "usage.day"
)

// A Kind is what happened.
type Kind string

// The kinds.
const (
	Pushed   Kind = "pushed"    // a ticket's know-how went to a person
	Paged    Kind = "paged"     // so did that of an alert, with a page or a ticket of the morning
	NoEntry  Kind = "no entry"  // a ticket has a component without know-how
	Useful   Kind = "useful"    // a person says that it helped
	Outdated Kind = "outdated"  // a person says that it is out of date
	Remarked Kind = "remarked"  // a person says what is out of date
	Answered Kind = "answered"  // /knowhow or the console's search found something
	NotFound Kind = "not found" // neither did
	Opened   Kind = "opened"    // a person looked at an entry
	Fixed    Kind = "fixed"     // the work of a ticket or an incident that had a push is done
)

// Kinds lists all kinds there are.
var Kinds = []Kind{Pushed, Paged, NoEntry, Useful, Outdated, Remarked, Answered, NotFound, Opened, Fixed}

// An Event is one use of the know-how.
type Event struct {
	Kind      Kind      `json:"kind"`
	At        time.Time `json:"at"`
	Person    string    `json:"person,omitempty"`
	Ticket    string    `json:"ticket,omitempty"`
	Component string    `json:"component,omitempty"`
	Doc       string    `json:"doc,omitempty"`   // with Outdated and Remarked, if one was chosen
	State     string    `json:"state,omitempty"` // with the same, which state of the know-how was rated, where no ticket tells
	Words     string    `json:"words,omitempty"` // what was searched for; with Remarked what was written

	Took time.Duration `json:"took,omitempty"` // with Fixed, from the first push
}

// maxWords is how much is kept of what somebody wrote, in bytes. It holds
// every remark; a search may be of any length.
const maxWords = 16 << 10

// Record adds an event.
func Record(tx store.Writer, e Event) error {
	e.Words = strings.ToValidUTF8(e.Words[:min(len(e.Words), maxWords)], "")
	n, err := tx.Next(bucket)
	if err != nil {
		return err
	}
	if err := store.Put(tx, bucket, store.Seq(n), 1, e); err != nil {
		return err
	}
	if e.Kind == Pushed {
		if err := tx.Put(bucketPush, e.Person+"\x00"+store.Seq(^n), []byte(store.Seq(n))); err != nil {
			return err
		}
	}
	if day := dayOf(e.At); tx.Get(bucketDay, day) == nil {
		if err := tx.Put(bucketDay, day, []byte(store.Seq(n))); err != nil {
			return err
		}
	}
	count, err := read(tx, e.Kind)
	if err != nil {
		return err
	}
	return tx.Put(bucketCount, string(e.Kind), []byte(store.Seq(count+1)))
}

// Rate adds a rating, a remark, or whatever else counts once for a person, a
// ticket and a component, however often it is given.
func Rate(tx store.Writer, e Event) error {
	key := fmt.Sprintf("%q %q %q %q", e.Kind, e.Person, e.Ticket, e.Component)
	if e.State != "" {
		key += fmt.Sprintf(" %q %q", e.Doc, e.State)
	}
	if e.Kind == Remarked {
		key += fmt.Sprintf(" %x", sha256.Sum256([]byte(e.Doc+"\x00"+e.Words)))
	}
	if tx.Get(bucketRated, key) != nil {
		return nil
	}
	if err := tx.Put(bucketRated, key, nil); err != nil {
		return err
	}
	return Record(tx, e)
}

func read(tx store.Reader, k Kind) (uint64, error) {
	b := tx.Get(bucketCount, string(k))
	if b == nil {
		return 0, nil
	}
	return store.ParseSeq(string(b))
}

// Counts gives how many events of each kind there ever were.
func Counts(ctx context.Context, st store.Store) (map[Kind]uint64, error) {
	out := map[Kind]uint64{}
	err := st.View(ctx, func(tx store.Reader) error {
		for _, k := range Kinds {
			n, err := read(tx, k)
			if err != nil {
				return err
			}
			out[k] = n
		}
		return nil
	})
	return out, err
}

// Pushes gives what was last pushed to a person, newest first, up to n.
func Pushes(ctx context.Context, st store.Store, person string, n int) ([]Event, error) {
	var out []Event
	err := st.View(ctx, func(tx store.Reader) error {
		out = nil
		for _, number := range tx.Scan(bucketPush, person+"\x00", person+"\x01") {
			var e Event
			if ok, err := store.Get(tx, bucket, string(number), 1, &e); !ok || err != nil {
				return err
			}
			if out = append(out, e); len(out) == n {
				break
			}
		}
		return nil
	})
	return out, err
}

// Between gives the events of the time from from until before to, oldest
// first, and with a Kind only those of the kinds that are named.
func Between(ctx context.Context, st store.Store, from, to time.Time, kinds ...Kind) ([]Event, error) {
	var out []Event
	err := Read(ctx, st, from, to, func(events iter.Seq[Event]) {
		out = nil
		for e := range events {
			if len(kinds) == 0 || slices.Contains(kinds, e.Kind) {
				out = append(out, e)
			}
		}
	})
	return out, err
}

// Read lets do go through the events of a time, as Between does, without ever
// holding all of them: years may hold millions. It may be called again after
// an error, and then begins anew.
func Read(ctx context.Context, st store.Store, from, to time.Time, do func(iter.Seq[Event])) error {
	return st.View(ctx, func(tx store.Reader) (fault error) {
		do(func(yield func(Event) bool) {
			for _, value := range tx.Scan(bucket, begin(tx, from), "") {
				var e Event
				if _, fault = store.Decode(value, 1, &e); fault != nil {
					return
				}
				if !e.At.Before(from) && e.At.Before(to) && !yield(e) {
					return
				}
			}
		})
		return fault
	})
}

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// begin gives the first key that can hold an event of from or later. Events
// come nearly in the order of their times, so the least of the days' first
// numbers is taken. What was recorded before days were noted is read whole.
func begin(tx store.Reader, from time.Time) string {
	least, noted := store.Seq(^uint64(0)), false
	for day, first := range tx.Scan(bucketDay, "", "") {
		noted = noted || day <= dayOf(from)
		if day >= dayOf(from) {
			least = min(least, string(first))
		}
	}
	if !noted {
		return ""
	}
	return least
}
