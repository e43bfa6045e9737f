package watch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/store"
)

// batches is a tracker whose changes come in the pieces it holds.
type batches struct {
	tracker.Tracker // what is not used
	all             []tracker.Batch
}

func (b *batches) Since(_ context.Context, cursor string) (tracker.Batch, error) {
	n, _ := strconv.Atoi(cursor) // the first cursor is empty
	if cursor == "" || n == len(b.all) {
		return tracker.Batch{Cursor: strconv.Itoa(n)}, nil
	}
	out := b.all[n]
	out.Cursor, out.More = strconv.Itoa(n+1), n+1 < len(b.all)
	return out, nil
}

// A hearing reader notes comments and deletions too.
type hearing struct{ noting }

func (h *hearing) Said(tx store.Writer, on Seen, s tracker.Said) error {
	return h.note(tx, fmt.Sprintf("%s of %s: %s said %s", s.Ticket, on.Label, s.Author, s.Text))
}

func (h *hearing) Gone(tx store.Writer, key string, was Seen) error {
	return h.note(tx, fmt.Sprintf("%s of %s under %s is gone", key, was.Label, was.Parent))
}

func (h *hearing) note(tx store.Writer, line string) error {
	seq, err := tx.Next("noted")
	if err != nil {
		return err
	}
	return errors.Join(tx.Put("noted", store.Seq(seq), []byte(line)), h.fail)
}

// TestSaidAndGone: readers hear each comment and each deletion once, after
// the changes of their batch and with what was seen of the ticket; of a
// ticket that nobody has seen they hear no end.
func TestSaidAndGone(t *testing.T) {
	st := store.NewMemory()
	one := tracker.Ticket{Key: "T-1", Label: "l1", Status: tracker.Open}
	sub := tracker.Ticket{Key: "T-2", Label: "l2", Parent: "T-1", Status: tracker.Open}
	tr := &batches{all: []tracker.Batch{
		{Tickets: []tracker.Ticket{one, sub, one}, Said: []tracker.Said{{Ticket: "T-2", ID: "1", Author: "a", Text: "x"}, {Ticket: "T-1", ID: "1", Author: "b", Text: "y"}}},
		{Said: []tracker.Said{{Ticket: "T-1", ID: "2", Author: "a", Text: "z"}}, Gone: []string{"T-2", "T-9"}},
		{Gone: []string{"T-2"}},
	}}
	h := &hearing{}
	w := New(st, tr, time.Minute, func() {}, quiet(), &noting{fail: nil}, h)
	if err := w.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.fail = errors.New("full")
	if _, err := w.read(t.Context()); !errors.Is(err, h.fail) {
		t.Errorf("a reader's error becomes %v", err)
	}
	h.fail = nil
	for more := true; more; {
		var err error
		if more, err = w.read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want(t, st,
		"T-1: new ->  open ", "T-1: new ->  open ", "T-2: new ->  open ", "T-2: new ->  open ", "T-1:  open  ->  open ", "T-1:  open  ->  open ",
		"T-2 of l2: a said x", "T-1 of l1: b said y", "T-1 of l1: a said z", "T-2 of l2 under T-1 is gone")
}
