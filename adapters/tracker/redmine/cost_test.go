package redmine

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/redmine/redminetest"
)

// promised reads the figures in the package's comment.
func promised(t *testing.T) map[string]int {
	t.Helper()
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^//\t(\S.*\S) {2,}(\d+)$`).FindAllStringSubmatch(string(src), -1) {
		out[m[1]], _ = strconv.Atoi(m[2])
	}
	return out
}

// TestRequests counts the requests of each step.
func TestRequests(t *testing.T) {
	count := &breaker{at: -1}
	b := setUp(t, func(o *Options) { o.Transport, o.SweepEvery = count, time.Hour })
	b.Category(t, "dns", b.People["suzuki"])
	outsider := formatKey(b.Outsider(t).ID)
	sato := b.As(t, b.People["sato"])
	var olds []int
	for i := range 7 {
		olds = append(olds, sato.Create(b.Project, fmt.Sprint("old ", i), nil).ID)
	}
	if _, err := b.open().Since(t.Context(), ""); err != nil { // waits until their second is over
		t.Fatal(err)
	}
	r := b.open()
	r.page = pageSize
	want, used := promised(t), map[string]bool{}
	step := func(name string, do func() error) {
		t.Helper()
		count.arm(-1, fault{}, nil)
		if err := do(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, ok := want[name]; !ok || n != count.count() {
			t.Errorf("%s: %d requests, the comment says %d: %q", name, count.count(), n, count.asked)
		}
		used[name] = true
	}
	create := func(d tracker.Draft) func() error {
		return func() error { _, err := r.Create(t.Context(), d); return err }
	}
	cursor := ""
	poll := func() error {
		got, err := r.Since(t.Context(), cursor)
		cursor = got.Cursor
		return err
	}

	step("the first use", func() error { _, err := r.ready(t.Context()); return err })
	// Nothing is hot: a poll that waits is not what is counted.
	r.settle = -5 * time.Second
	step("the first poll", poll)
	r.swept = time.Now()
	step("a poll, nothing changed", poll)
	var made string
	step("a ticket or a sub-ticket made", func() error {
		got, err := r.Create(t.Context(), tracker.Draft{Label: "a", Title: "a", Component: "disk", Assignee: b.id("tanaka"), Fields: map[string]string{"host": "x"}})
		made = got.Key
		return err
	})
	step("a ticket or a sub-ticket made", create(tracker.Draft{Label: "s", Title: "s", Parent: made}))
	step("... that a category gave to somebody", create(tracker.Draft{Label: "b", Title: "b", Component: "dns"}))
	step("... whose label is known", create(tracker.Draft{Label: "a", Title: "a"}))
	step("... of which Redmine refuses the assignee", create(tracker.Draft{Label: "c", Title: "c", Assignee: outsider}))
	step("... whose answer was lost", func() error {
		count.arm(0, answerLost, nil)
		return create(tracker.Draft{Label: "d", Title: "d"})()
	})
	step("a comment", func() error { return r.Comment(t.Context(), made, tracker.Comment{Label: "c", Body: "b"}) })
	who := b.id("sato")
	for _, name := range []string{"a change", "a change that holds already"} {
		step(name, func() error { _, err := r.Change(t.Context(), made, tracker.Change{Assignee: &who}); return err })
	}
	step("a ticket, its sub-tickets, a list, a history", func() error {
		_, err1 := r.Ticket(t.Context(), made)
		_, err2 := r.Subtickets(t.Context(), made)
		_, err3 := r.List(t.Context(), tracker.Filter{Limit: 10})
		_, err4 := r.History(t.Context(), made)
		return firstError(err1, err2, err3, err4)
	})
	if err := poll(); err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		sato.Create(b.Project, fmt.Sprint("new ", i), nil)
	}
	step("a poll, 7 tickets are new", poll)
	for _, id := range olds {
		sato.Note(id, "x")
	}
	step("a poll, 7 tickets changed", poll)
	r.swept = time.Time{}
	step("looking for what is gone", func() error {
		p, err := r.ready(t.Context())
		if err == nil {
			_, err = r.sweep(t.Context(), p, &cursorOfNone)
		}
		return err
	})

	r.opt.Fields = map[string]string{"host": "Server"}
	step("... with custom fields, the first", create(tracker.Draft{Label: "e", Title: "e", Fields: map[string]string{"host": "web1"}}))
	for name := range want {
		if !used[name] {
			t.Errorf("nothing measures %q", name)
		}
	}
}

var cursorOfNone cursor

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestTicketsOfAnHour is a storm in the tracker: tickets that appear at polls
// cost a request for a hundred, not one each.
func TestTicketsOfAnHour(t *testing.T) {
	count := &breaker{at: -1}
	b := setUp(t, func(o *Options) { o.Transport, o.SweepEvery = count, time.Hour })
	r := b.open()
	r.page = pageSize
	begin, err := r.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	sato := b.As(t, b.People["sato"])
	for i := range 83 { // 10,000 in an hour of polls every 30 s
		sato.Create(b.Project, fmt.Sprint("t", i), redminetest.Fields{"category_id": b.Categories["disk"]})
	}
	r.settle, r.swept = -5*time.Second, time.Now()
	count.arm(-1, fault{}, nil)
	got, err := r.Since(t.Context(), begin.Cursor)
	if err != nil || len(got.Tickets) != 83 || count.count() != 1 {
		t.Errorf("%d tickets by %d requests, %v", len(got.Tickets), count.count(), err)
	}
	if n := strings.Count(strings.Join(count.asked, " "), http.MethodGet); n != 1 {
		t.Errorf("%q", count.asked)
	}
}
