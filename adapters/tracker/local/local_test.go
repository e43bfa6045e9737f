package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/adapters/tracker/trackertest"
	"tebiki/store"
)

// subject says what people do on the console's pages.
func subject(t *testing.T, l *local.Tracker) trackertest.Subject {
	return trackertest.Subject{Tracker: l, Say: func(key, author, text string) {
		if err := l.Comment(t.Context(), key, tracker.Comment{Author: author, Body: text}); err != nil {
			t.Fatal(err)
		}
	}}
}

func TestConformance(t *testing.T) {
	trackertest.Run(t, func(t *testing.T) trackertest.Subject { return subject(t, local.New(store.NewMemory(), "")) })
}

// rerun is a store that runs every function of an Update twice, as the port
// allows; the first run is rolled back.
type rerun struct{ store.Store }

var errFirst = errors.New("the first run is rolled back")

func (s rerun) Update(ctx context.Context, fn func(store.Writer) error) error {
	_ = s.Store.Update(ctx, func(tx store.Writer) error {
		_ = fn(tx)
		return errFirst
	})
	return s.Store.Update(ctx, fn)
}

func TestConformanceWhenUpdatesRunAgain(t *testing.T) {
	trackertest.Run(t, func(t *testing.T) trackertest.Subject { return subject(t, local.New(rerun{store.NewMemory()}, "/")) })
}

func create(t *testing.T, l *local.Tracker, d tracker.Draft) tracker.Ticket {
	t.Helper()
	if d.Title == "" {
		d.Title = "about " + d.Label
	}
	got, err := l.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKeysAndURLs(t *testing.T) {
	l := local.New(store.NewMemory(), "https://tebiki.example/")
	parent := create(t, l, tracker.Draft{Label: "a"})
	sub := create(t, l, tracker.Draft{Label: "b", Parent: parent.Key})
	if parent.Key != "T-1" || sub.Key != "T-2" || sub.Parent != "T-1" {
		t.Errorf("keys %q and %q with the parent %q", parent.Key, sub.Key, sub.Parent)
	}
	if want := "https://tebiki.example/tickets/T-2"; sub.URL != want {
		t.Errorf("URL %q, want %q", sub.URL, want)
	}
	if got := l.URL("T-2/../../x"); got != "" {
		t.Errorf("the URL of no key is %q", got)
	}
}

func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := local.New(store.NewMemory(), "")
		start := time.Now()
		key := create(t, l, tracker.Draft{Label: "a", Reporter: "sato"}).Key
		create(t, l, tracker.Draft{Label: "b"})
		time.Sleep(time.Minute)
		for range 2 { // the second time changes nothing
			closed, nobody, title, text := tracker.Closed, "tanaka", "new", "text"
			if _, err := l.Change(t.Context(), key, tracker.Change{By: "suzuki", Status: &closed, Assignee: &nobody, Title: &title, Body: &text}); err != nil {
				t.Fatal(err)
			}
			if err := l.Comment(t.Context(), key, tracker.Comment{Label: "c", Author: "lee", Body: "done"}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := l.History(t.Context(), key)
		later := start.Add(time.Minute)
		want := []tracker.Event{
			{At: start, By: "sato", Kind: tracker.Created},
			{At: later, By: "suzuki", Kind: tracker.Assigned, Text: "tanaka"},
			{At: later, By: "suzuki", Kind: tracker.Moved, Text: "closed"},
			{At: later, By: "suzuki", Kind: tracker.Retitled, Text: "new"},
			{At: later, By: "suzuki", Kind: tracker.Rewritten, Text: "text"},
			{At: later, By: "lee", Kind: tracker.Commented, Text: "done"},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("History (-want +got): %v\n%s", err, diff)
		}
	})
}

func TestList(t *testing.T) {
	l := local.New(store.NewMemory(), "")
	for i := range 10 {
		d := tracker.Draft{Label: fmt.Sprint(i), Component: []string{"disk", "mail"}[i%2], Assignee: []string{"sato", "tanaka", ""}[i%3]}
		if i >= 8 {
			d.Parent = "T-1"
		}
		create(t, l, d)
	}
	fixed := tracker.Fixed
	if _, err := l.Change(t.Context(), "T-3", tracker.Change{Status: &fixed}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		filter tracker.Filter
		want   string
	}{
		{"all", tracker.Filter{}, "T-10 T-9 T-8 T-7 T-6 T-5 T-4 T-3 T-2 T-1"},
		{"a page", tracker.Filter{Limit: 3, Before: "T-9"}, "T-8 T-7 T-6"},
		{"the end", tracker.Filter{Before: "T-1"}, ""},
		{"status", tracker.Filter{Status: tracker.Fixed}, "T-3"},
		{"no longer open", tracker.Filter{Status: tracker.Open, Before: "T-6"}, "T-5 T-4 T-2 T-1"},
		{"the newest open", tracker.Filter{Status: tracker.Open, Limit: 2, TopLevel: true}, "T-8 T-7"},
		{"closed", tracker.Filter{Status: tracker.Closed}, ""},
		{"no such status", tracker.Filter{Status: "x"}, ""},
		{"component", tracker.Filter{Component: "mail", TopLevel: true}, "T-8 T-6 T-4 T-2"},
		{"assignee", tracker.Filter{Assignee: "tanaka"}, "T-8 T-5 T-2"},
	} {
		got, err := l.List(t.Context(), c.filter)
		var keys []string
		for _, ticket := range got {
			keys = append(keys, ticket.Key)
		}
		if strings.Join(keys, " ") != c.want || err != nil {
			t.Errorf("%s: %v (%v), want %s", c.name, keys, err, c.want)
		}
	}
	if _, err := l.List(t.Context(), tracker.Filter{Before: "T-99"}); adapters.CodeOf(err) != adapters.NotFound {
		t.Errorf("a page before no ticket: %v", err)
	}
}

// TestStatusIndex moves tickets to and fro and holds each list against what
// the tickets say.
func TestStatusIndex(t *testing.T) {
	l := local.New(store.NewMemory(), "")
	all := []tracker.Status{tracker.Open, tracker.Fixed, tracker.Closed}
	for i := range 12 {
		create(t, l, tracker.Draft{Label: fmt.Sprint(i)})
	}
	for i := range 200 {
		key := fmt.Sprint("T-", 1+i*7%12)
		if _, err := l.Change(t.Context(), key, tracker.Change{Status: &all[i*5%3]}); err != nil {
			t.Fatal(err)
		}
	}
	listed := 0
	for _, status := range all {
		got, err := l.List(t.Context(), tracker.Filter{Status: status})
		if err != nil {
			t.Fatal(err)
		}
		for _, ticket := range got {
			if ticket.Status != status {
				t.Errorf("%s is %s and listed as %s", ticket.Key, ticket.Status, status)
			}
		}
		listed += len(got)
	}
	if listed != 12 {
		t.Errorf("the lists hold %d tickets of 12", listed)
	}
}

// TestChangeLogStaysSmall holds the log to one entry for each ticket.
func TestChangeLogStaysSmall(t *testing.T) {
	st := store.NewMemory()
	l := local.New(st, "")
	for i := range 3 {
		create(t, l, tracker.Draft{Label: fmt.Sprint(i)})
	}
	for i := range 100 {
		if err := l.Comment(t.Context(), "T-2", tracker.Comment{Body: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	entries := 0
	_ = st.View(t.Context(), func(tx store.Reader) error {
		for range tx.Scan("ticket.change", "", "") {
			entries++
		}
		return nil
	})
	if entries != 3 {
		t.Errorf("the log holds %d entries for 3 tickets", entries)
	}
}

func TestRestart(t *testing.T) {
	st := store.NewMemory()
	first := local.New(st, "")
	create(t, first, tracker.Draft{Label: "a"})
	batch, err := first.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	create(t, first, tracker.Draft{Label: "b"})
	second := local.New(st, "")
	create(t, second, tracker.Draft{Label: "b"})
	got, err := second.Since(t.Context(), batch.Cursor)
	if err != nil || len(got.Tickets) != 1 || got.Tickets[0].Key != "T-2" {
		t.Errorf("after a restart Since gives %+v, %v", got, err)
	}
}

func TestBrokenStore(t *testing.T) {
	st := store.NewMemory()
	l := local.New(st, "")
	create(t, l, tracker.Draft{Label: "a"})
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := l.Create(t.Context(), tracker.Draft{Label: "b", Title: "t"})
	if !errors.Is(err, store.ErrClosed) || adapters.CodeOf(err) != adapters.Unavailable || adapters.Lasting(err) {
		t.Errorf("Create on a closed store: %v", err)
	}
}

func TestLimits(t *testing.T) {
	l := local.New(store.NewMemory(), "")
	many := map[string]string{}
	for i := range 101 {
		many[fmt.Sprint(i)] = "x"
	}
	long := strings.Repeat("x", 300<<10)
	for name, d := range map[string]tracker.Draft{
		"body":      {Body: long},
		"component": {Component: long},
		"assignee":  {Assignee: long},
		"reporter":  {Reporter: long},
		"field":     {Fields: map[string]string{"host": long}},
		"fields":    {Fields: many},
		"priority":  {Priority: "soon"},
	} {
		d.Label, d.Title = "l", "t"
		if _, err := l.Create(t.Context(), d); adapters.CodeOf(err) != adapters.Refused {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	for _, label := range []string{long, "\xff"} {
		if _, err := l.Create(t.Context(), tracker.Draft{Label: label, Title: "t"}); adapters.CodeOf(err) != adapters.Refused {
			t.Errorf("label %.10q: %v, want it refused", label, err)
		}
	}
}
