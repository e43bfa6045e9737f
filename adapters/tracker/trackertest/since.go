package trackertest

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

func sinceBeginsAtNow(t *testing.T, b *bench) {
	b.some(3)
	b.settle()
	got, err := b.T.Since(t.Context(), "")
	if err != nil || len(got.Tickets) != 0 || got.More || got.Cursor == "" {
		t.Fatalf("from now on: %+v, %v", got, err)
	}
	if later, cursor := b.since(got.Cursor); len(later) != 0 || cursor != got.Cursor {
		t.Errorf("nothing happened, and Since gives %d tickets and the cursor %q after %q", len(later), cursor, got.Cursor)
	}
}

// sinceMissesNothing makes more than any adapter puts in one batch.
func sinceMissesNothing(t *testing.T, b *bench) {
	cursor := b.cursor()
	keys := b.some(cmp.Or(b.Many, 450))
	got, end := b.since(cursor)
	if seen := keysOf(got); len(seen) != len(keys) {
		t.Errorf("Since gives %d tickets of %d", len(seen), len(keys))
	}
	again, _ := b.since(cursor)
	if diff := gocmp.Diff(got, again); diff != "" {
		t.Errorf("the same cursor read again (-first +second):\n%s", diff)
	}
	b.change(keys[7], tracker.Change{Assignee: ptr("suzuki")})
	news, _ := b.since(end)
	if len(news) != 1 || news[0].Key != keys[7] || news[0].Assignee != "suzuki" {
		t.Errorf("after one change Since gives %+v", news)
	}
}

func sinceInOrder(t *testing.T, b *bench) {
	cursor := b.cursor()
	keys := b.some(4)
	b.comment(keys[2], tracker.Comment{Body: "first"})
	b.change(keys[0], tracker.Change{Status: ptr(tracker.Closed)})
	sub := b.create(tracker.Draft{Label: "sub", Title: "sub", Parent: keys[1]})
	got, _ := b.since(cursor)
	last := map[string]int{}
	for i, ticket := range got {
		last[ticket.Key] = i
		if diff := gocmp.Diff(b.ticket(ticket.Key), ticket); diff != "" {
			t.Errorf("%s is not as it is now (-now +Since):\n%s", ticket.Key, diff)
		}
	}
	order := []string{keys[1], keys[3], keys[2], keys[0], sub.Key}
	for i := 1; i < len(order) && !b.Coarse; i++ {
		if last[order[i-1]] >= last[order[i]] {
			t.Errorf("%s changed before %s, and Since has it later: %v", order[i-1], order[i], last)
		}
	}
}

// sinceClassified gives a ticket another component, which makes another
// request of it.
func sinceClassified(t *testing.T, b *bench) {
	if b.Classify == nil {
		return // nobody can
	}
	key := b.create(tracker.Draft{Label: "l", Title: "t", Component: "disk"}).Key
	cursor := b.cursor()
	b.Classify(key, "new-subdomain")
	got, cursor := b.since(cursor)
	if len(got) != 1 || got[0].Key != key || got[0].Component != "new-subdomain" {
		t.Errorf("Since gives %+v", got)
	}
	if got, _ := b.since(cursor); len(got) != 0 {
		t.Errorf("then Since gives %+v", got)
	}
}

// sinceWhileWriting reads on and on while tickets are made, changed and
// commented; at the end the reader must know every ticket as it is.
func sinceWhileWriting(t *testing.T, b *bench) {
	const writers = 4
	people := []string{"tanaka", "sato", "suzuki"}
	each := min(40, cmp.Or(b.Many, 450)/writers)
	cursor := b.cursor()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				made, err := b.T.Create(t.Context(), tracker.Draft{Label: fmt.Sprint(w, "/", i), Title: "t"})
				if err == nil {
					_, err = b.T.Change(t.Context(), made.Key, tracker.Change{Assignee: &people[i%len(people)]})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	known := map[string]tracker.Ticket{}
	for finished := false; ; {
		var news []tracker.Ticket
		news, cursor = b.since(cursor)
		for _, n := range news {
			known[n.Key] = n
		}
		if finished {
			break
		}
		select {
		case <-done:
			finished = true
		default:
		}
	}
	if len(known) != writers*each {
		t.Errorf("the reader knows %d tickets of %d", len(known), writers*each)
	}
	for key, seen := range known {
		if diff := gocmp.Diff(b.ticket(key), seen); diff != "" {
			t.Errorf("%s (-as it is +as last read):\n%s", key, diff)
		}
	}
}

func refusedCursors(t *testing.T, b *bench) {
	b.some(1)
	for _, cursor := range []string{"x", "-1", "\x00", "18446744073709551616"} {
		_, err := b.T.Since(t.Context(), cursor)
		b.wantCode(fmt.Sprintf("Since(%q)", cursor), err, adapters.Refused)
		if !errors.Is(err, tracker.ErrCursor) {
			t.Errorf("Since(%q): %v is no ErrCursor", cursor, err)
		}
	}
	if _, err := b.T.Since(t.Context(), b.cursor()); err != nil {
		t.Errorf("a cursor of its own: %v", err)
	}
}
