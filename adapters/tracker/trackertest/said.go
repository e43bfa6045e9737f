package trackertest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/tracker"
)

// said: what a person writes in the tracker is read once; what Tebiki writes
// is no news to it.
func said(t *testing.T, b *bench) {
	key := b.some(1)[0]
	b.Say(key, "tanaka", "from before")
	cursor := b.cursor()
	b.comment(key, tracker.Comment{Label: "c1", Body: "by Tebiki"})
	b.Say(key, "tanaka", "/ack")
	b.Say(key, "sato", "on my way <b> *b* ディスク")
	got, end := b.read(cursor)
	want := []tracker.Said{{Ticket: key, Author: "tanaka", Text: "/ack"}, {Ticket: key, Author: "sato", Text: "on my way <b> *b* ディスク"}}
	ids := map[string]bool{}
	for i := range got.Said {
		s := &got.Said[i]
		if s.At.IsZero() || s.ID == "" || ids[s.ID] {
			t.Errorf("comment %d has the time %v and the id %q", i, s.At, s.ID)
		}
		ids[s.ID] = true
		want[min(i, 1)].At, want[min(i, 1)].ID = s.At, s.ID
	}
	if d := cmp.Diff(want, got.Said); d != "" {
		t.Errorf("said (-want +got):\n%s", d)
	}
	b.change(key, tracker.Change{Assignee: ptr("suzuki")})
	if later, _ := b.read(end); len(later.Said) != 0 {
		t.Errorf("a change of the ticket brings its comments again: %+v", later.Said)
	}
}

func deleted(t *testing.T, b *bench) {
	if b.Delete == nil {
		return // nobody can
	}
	keys := b.some(3)
	_, cursor := b.read(b.cursor())
	b.Delete(keys[1])
	b.change(keys[2], tracker.Change{Assignee: ptr("suzuki")})
	got, end := b.read(cursor)
	if !slices.Equal(got.Gone, keys[1:2]) {
		t.Errorf("gone are %v, want %v", got.Gone, keys[1:2])
	}
	if again, _ := b.read(end); len(again.Gone) != 0 {
		t.Errorf("gone again: %v", again.Gone)
	}
}

func history(t *testing.T, b *bench) {
	key := b.some(1)[0]
	b.change(key, tracker.Change{Assignee: ptr("suzuki"), Status: ptr(tracker.Fixed)})
	b.Say(key, "sato", "looks good")
	events, err := b.T.History(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, e := range events {
		got = append(got, fmt.Sprint(e.Kind, " ", e.Text))
		if e.At.IsZero() || i > 0 && e.At.Before(events[i-1].At) {
			t.Errorf("event %d is at %v", i, e.At)
		}
	}
	for _, want := range []string{"created ", "assigned suzuki", "status fixed", "comment looks good"} {
		if !slices.Contains(got, want) {
			t.Errorf("the history lacks %q: %q", want, got)
		}
	}
	if last := events[len(events)-1]; last.By != "sato" || last.Kind != tracker.Commented {
		t.Errorf("the last event is %+v", last)
	}
}

func list(t *testing.T, b *bench) {
	a := b.create(tracker.Draft{Label: "a", Title: "a", Component: "disk", Assignee: "tanaka"})
	c := b.create(tracker.Draft{Label: "c", Title: "c", Assignee: "tanaka"})
	sub := b.create(tracker.Draft{Label: "s", Title: "s", Parent: a.Key})
	b.change(c.Key, tracker.Change{Status: ptr(tracker.Closed)})
	b.settle()
	for _, test := range []struct {
		name string
		f    tracker.Filter
		want []string
	}{
		{"all", tracker.Filter{}, []string{sub.Key, c.Key, a.Key}},
		{"two", tracker.Filter{Limit: 2}, []string{sub.Key, c.Key}},
		{"the next page", tracker.Filter{Limit: 2, Before: c.Key}, []string{a.Key}},
		{"top level", tracker.Filter{TopLevel: true}, []string{c.Key, a.Key}},
		{"open", tracker.Filter{Status: tracker.Open, TopLevel: true}, []string{a.Key}},
		{"closed", tracker.Filter{Status: tracker.Closed}, []string{c.Key}},
		{"of a component", tracker.Filter{Component: "disk", TopLevel: true}, []string{a.Key}},
		{"somebody's", tracker.Filter{Assignee: "tanaka", Status: tracker.Open, TopLevel: true}, []string{a.Key}},
		{"nobody's", tracker.Filter{Assignee: "suzuki", TopLevel: true}, nil},
	} {
		got, err := b.T.List(t.Context(), test.f)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		var keys []string
		for _, ticket := range got {
			keys = append(keys, ticket.Key)
		}
		if d := cmp.Diff(test.want, keys); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}
