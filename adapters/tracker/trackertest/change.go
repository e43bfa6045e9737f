package trackertest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

func ptr[T any](v T) *T { return &v }

func change(t *testing.T, b *bench) {
	made := b.create(tracker.Draft{Label: "l", Title: "old", Body: "old", Assignee: "tanaka", Component: "disk"})
	got := b.change(made.Key, tracker.Change{
		By: "sato", Status: ptr(tracker.Fixed), Assignee: ptr("suzuki"), Title: ptr("new\ntitle"), Body: ptr("new"),
	})
	want := made
	want.Status, want.Assignee, want.Title, want.Body, want.Updated = tracker.Fixed, "suzuki", "new title", "new", got.Updated
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Change (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, b.ticket(made.Key)); diff != "" {
		t.Errorf("Ticket after Change (-Change +Ticket):\n%s", diff)
	}
	if got.Updated.Before(made.Updated) {
		t.Errorf("updated at %v, before %v", got.Updated, made.Updated)
	}
	for _, s := range []tracker.Status{tracker.Open, tracker.Closed, tracker.Open} {
		if got := b.change(made.Key, tracker.Change{Status: &s}); got.Status != s || got.Assignee != "suzuki" {
			t.Errorf("moved to %v: status %v, assignee %q", s, got.Status, got.Assignee)
		}
	}
	if got := b.change(made.Key, tracker.Change{Assignee: ptr("")}); got.Assignee != "" {
		t.Errorf("taken from everybody, it is %q's", got.Assignee)
	}
}

func repeatedChange(t *testing.T, b *bench) {
	key := b.some(1)[0]
	c := tracker.Change{Status: ptr(tracker.Fixed), Assignee: ptr("suzuki"), Title: ptr("t"), Body: ptr("b")}
	first := b.change(key, c)
	cursor := b.cursor()
	for _, c := range []tracker.Change{c, {}, {Assignee: ptr("suzuki")}} {
		if diff := cmp.Diff(first, b.change(key, c)); diff != "" {
			t.Errorf("a change that already held (-before +after):\n%s", diff)
		}
	}
	if got, _ := b.since(cursor); len(got) != 0 {
		t.Errorf("changes that already held count as %d changes", len(got))
	}
}

func refusedChanges(t *testing.T, b *bench) {
	key := b.some(1)[0]
	before := b.ticket(key)
	for name, c := range map[string]tracker.Change{
		"no such status": {Status: ptr(tracker.Status("done")), Assignee: ptr("suzuki")},
		"an empty title": {Title: ptr(" "), Assignee: ptr("suzuki")},
	} {
		_, err := b.T.Change(t.Context(), key, c)
		b.wantCode(name, err, adapters.Refused)
	}
	if diff := cmp.Diff(before, b.ticket(key)); diff != "" {
		t.Errorf("a refused change was half made (-before +after):\n%s", diff)
	}
	long := b.change(key, tracker.Change{Title: ptr(strings.Repeat("あ", 1000))})
	if n := utf8.RuneCountInString(long.Title); n > 255 || !strings.HasSuffix(long.Title, "…") {
		t.Errorf("a long title is kept with %d characters, ending %q", n, long.Title[len(long.Title)-6:])
	}
}

func comments(t *testing.T, b *bench) {
	keys := b.some(2)
	b.comment(keys[0], tracker.Comment{Label: "c1", Author: "sato", Body: "**seen**"})
	cursor := b.cursor()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := b.T.Comment(t.Context(), keys[0], tracker.Comment{Label: "c1", Author: "sato", Body: "**seen**"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, _ := b.since(cursor); len(got) != 0 {
		t.Errorf("comments that were there count as %d changes", len(got))
	}
	b.comment(keys[0], tracker.Comment{Label: "c2", Body: "another"})
	b.comment(keys[1], tracker.Comment{Label: "c1", Body: "on another ticket"})
	for range 2 {
		b.comment(keys[1], tracker.Comment{Author: "tanaka", Body: "a person says it twice"})
	}
	got, _ := b.since(cursor)
	if changed := keysOf(got); !changed[keys[0]] || !changed[keys[1]] || len(changed) != 2 {
		t.Errorf("comments changed %v, want both tickets", changed)
	}
	b.wantCode("an empty comment", b.T.Comment(t.Context(), keys[0], tracker.Comment{Label: "c3"}), adapters.Refused)
}

func noSuchTicket(t *testing.T, b *bench) {
	key := b.some(1)[0]
	for _, none := range []string{"", key + "0000", strings.ToLower(key) + "x", key + " ", "T-0", "T-01", "T--1", "\x00", "../" + key, strings.Repeat("9", 100)} {
		_, err := b.T.Ticket(t.Context(), none)
		b.wantCode(fmt.Sprintf("Ticket(%q)", none), err, adapters.NotFound)
		_, err = b.T.Subtickets(t.Context(), none)
		b.wantCode(fmt.Sprintf("Subtickets(%q)", none), err, adapters.NotFound)
		_, err = b.T.Change(t.Context(), none, tracker.Change{Assignee: ptr("x")})
		b.wantCode(fmt.Sprintf("Change(%q)", none), err, adapters.NotFound)
		err = b.T.Comment(t.Context(), none, tracker.Comment{Body: "x"})
		b.wantCode(fmt.Sprintf("Comment(%q)", none), err, adapters.NotFound)
	}
	if url := b.T.URL(key); url != b.ticket(key).URL {
		t.Errorf("URL(%q) = %q, the ticket says %q", key, url, b.ticket(key).URL)
	}
}

func keysOf(tickets []tracker.Ticket) map[string]bool {
	keys := map[string]bool{}
	for _, t := range tickets {
		keys[t.Key] = true
	}
	return keys
}
