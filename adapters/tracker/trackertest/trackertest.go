// Package trackertest is the conformance suite of the port tracker: what
// every flow relies on, whatever the vendor. An implementation's test calls
// Run with a function that opens an empty tracker; each test opens its own.
package trackertest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

// A Subject is a tracker under test, and what is peculiar to it. Who is to
// have tickets in it are "tanaka", "sato" and "suzuki", its components are
// "disk" and "new-subdomain", its request fields "host" and "name".
type Subject struct {
	tracker.Tracker
	// Say is a person's comment, made in the tracker itself.
	Say func(key, author, text string)
	// Delete is what a person does in the tracker; nil where nobody can.
	Delete func(key string)
	// Classify gives a ticket another component, as a person does in the
	// tracker; nil where nobody can.
	Classify func(key, component string)
	// Settle waits until what was written can be found; nil where that is
	// at once.
	Settle func()
	// Answered is the same tracker with all that it asks answered so, after
	// it has learned what it must know; nil where nothing is in between.
	Answered func(a Answer) tracker.Tracker

	Markup     bool // bodies are kept in a markup of its own: only their words come back
	NoReporter bool // whoever writes is the reporter
	Coarse     bool // changes within a second have no order
	Many       int  // how many tickets are more than any batch; 0 means 450
}

// Run holds the trackers that open gives against the contract of the port.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *bench)
	}{
		{"create keeps everything", createKeepsEverything},
		{"a label makes one ticket", labelMakesOne},
		{"a label makes one ticket at once", labelMakesOneAtOnce},
		{"drafts that are refused", refusedDrafts},
		{"sub-tickets", subtickets},
		{"change", change},
		{"a repeated change is no change", repeatedChange},
		{"changes that are refused", refusedChanges},
		{"comments", comments},
		{"what people say", said},
		{"a ticket that is deleted", deleted},
		{"history", history},
		{"list", list},
		{"no such ticket", noSuchTicket},
		{"since begins at now", sinceBeginsAtNow},
		{"since misses nothing", sinceMissesNothing},
		{"since in order of change", sinceInOrder},
		{"since tells of another component", sinceClassified},
		{"since while others write", sinceWhileWriting},
		{"cursors that are refused", refusedCursors},
		{"answers that are no cursor's fault", answersAreNoCursors},
		{"hostile text", hostileText},
		{"an ended context", endedContext},
		{"changed wakes", changedWakes},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			c.test(t, &bench{T: s.Tracker, Subject: s, t: t})
		})
	}
}

// bench is the tracker under test with the calls that must succeed.
type bench struct {
	Subject
	T tracker.Tracker
	t *testing.T
}

func (b *bench) create(d tracker.Draft) tracker.Ticket {
	b.t.Helper()
	got, err := b.T.Create(b.t.Context(), d)
	if err != nil {
		b.t.Fatalf("Create(%q): %v", d.Label, err)
	}
	return got
}

// some creates n tickets.
func (b *bench) some(n int) (keys []string) {
	b.t.Helper()
	for i := range n {
		keys = append(keys, b.create(tracker.Draft{Label: fmt.Sprint("some-", i), Title: fmt.Sprint("ticket ", i)}).Key)
	}
	return keys
}

func (b *bench) ticket(key string) tracker.Ticket {
	b.t.Helper()
	got, err := b.T.Ticket(b.t.Context(), key)
	if err != nil {
		b.t.Fatalf("Ticket(%q): %v", key, err)
	}
	return got
}

func (b *bench) change(key string, c tracker.Change) tracker.Ticket {
	b.t.Helper()
	got, err := b.T.Change(b.t.Context(), key, c)
	if err != nil {
		b.t.Fatalf("Change(%q): %v", key, err)
	}
	return got
}

func (b *bench) comment(key string, c tracker.Comment) {
	b.t.Helper()
	if err := b.T.Comment(b.t.Context(), key, c); err != nil {
		b.t.Fatalf("Comment(%q): %v", key, err)
	}
}

// cursor gives the place from which changes are to come.
func (b *bench) cursor() string {
	b.t.Helper()
	b.settle()
	got, err := b.T.Since(b.t.Context(), "")
	if err != nil {
		b.t.Fatalf("Since from now: %v", err)
	}
	return got.Cursor
}

// since reads all that changed, batch by batch.
func (b *bench) since(cursor string) ([]tracker.Ticket, string) {
	b.t.Helper()
	all, cursor := b.read(cursor)
	return all.Tickets, cursor
}

func (b *bench) settle() {
	if b.Settle != nil {
		b.Settle()
	}
}

// read reads all that happened, batch by batch.
func (b *bench) read(cursor string) (all tracker.Batch, end string) {
	b.t.Helper()
	b.settle()
	for {
		got, err := b.T.Since(b.t.Context(), cursor)
		if err != nil {
			b.t.Fatalf("Since(%q): %v", cursor, err)
		}
		if got.More && got.Cursor == cursor {
			b.t.Fatalf("Since(%q): says there is more and does not go on", cursor)
		}
		all.Tickets, all.Said, all.Gone = append(all.Tickets, got.Tickets...), append(all.Said, got.Said...), append(all.Gone, got.Gone...)
		cursor = got.Cursor
		if !got.More {
			return all, cursor
		}
	}
}

// wantCode holds an error against the contract of errors.
func (b *bench) wantCode(what string, err error, code adapters.Code) {
	b.t.Helper()
	if err == nil || adapters.CodeOf(err) != code {
		b.t.Errorf("%s: got %v, want the code %v", what, err, code)
	}
}

func endedContext(t *testing.T, b *bench) {
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := b.T.Create(ctx, tracker.Draft{Label: "l", Title: "t"}); err == nil {
		t.Error("Create succeeded although its context had ended")
	}
	if got := b.create(tracker.Draft{Label: "l", Title: "again"}); got.Title != "again" {
		t.Errorf("the attempt that failed left a ticket: %+v", got)
	}
}

func changedWakes(t *testing.T, b *bench) {
	w, ok := b.T.(tracker.Waker)
	if !ok {
		return // it does not know when something changes
	}
	changed := w.Changed()
	select {
	case <-changed:
		t.Fatal("Changed fired before anything changed")
	default:
	}
	cursor := b.cursor()
	var writer sync.WaitGroup
	defer writer.Wait()
	writer.Go(func() {
		if _, err := b.T.Create(t.Context(), tracker.Draft{Label: "l", Title: "t"}); err != nil {
			t.Error(err)
		}
	})
	<-changed
	if got, _ := b.since(cursor); len(got) != 1 {
		t.Errorf("after Changed Since gives %d tickets, want the one that was made", len(got))
	}
}
