package jira

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/tracker/jira/jiratest/contract"
	"tebiki/store"
)

// A bench is an instance with what the team has there, and a tracker on it.
type bench struct {
	*jiratest.Jira
	t     *testing.T
	tr    *Jira
	store store.Store
	wire  *wire
	set   func(*Options)

	lasting bool // what goes wrong is believed: something optional may be left out
}

// The lag of the index on a bench, and what the tracker is told of it.
const (
	benchLag  = 3 * time.Second
	toldOfLag = 5 * time.Second
)

// newBench opens a tracker on a fake with a workflow's project. What passes is
// held against the vendor's documents, save for answers that a test injects.
func newBench(t *testing.T, kind jiratest.Kind, set func(*Options), options ...jiratest.Option) *bench {
	t.Helper()
	options = append([]jiratest.Option{jiratest.WithoutNetwork(), people3(), jiratest.WithLag(benchLag)}, options...)
	fake := jiratest.New(t, kind, options...)
	way := fake.Transport()
	if contract.Known(kind) || os.Getenv("CI") != "" { // or else only the test of the contract itself is skipped
		way = contract.Transport(t, kind, way)
	}
	b := &bench{Jira: fake, t: t, store: store.NewMemory(), wire: &wire{to: way, fault: -1}, set: set}
	b.reopen()
	return b
}

// unheld takes the vendor's documents away from a bench that repeats what
// another one has held against them, thousands of times.
func (b *bench) unheld() *bench {
	b.wire.to = b.Transport()
	return b
}

// reopen is the next process on the same data.
func (b *bench) reopen() {
	b.t.Helper()
	b.tr = open(b.t, b.Jira, func(o *Options) {
		o.Store, o.Transport, o.Lag = b.store, b.wire, toldOfLag
		if b.set != nil {
			b.set(o)
		}
	})
}

// settle waits until the index knows everything.
func (b *bench) settle() { time.Sleep(benchLag + time.Millisecond) } // in the bubble's time

// warm lets the tracker ask for its facts.
func (b *bench) warm() {
	b.t.Helper()
	if _, err := b.tr.know(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.tr.instance(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) create(d tracker.Draft) tracker.Ticket {
	b.t.Helper()
	got, err := b.tr.Create(b.t.Context(), d)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

func (b *bench) change(key string, c tracker.Change) tracker.Ticket {
	b.t.Helper()
	got, err := b.tr.Change(b.t.Context(), key, c)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

func (b *bench) ticket(key string) tracker.Ticket {
	b.t.Helper()
	got, err := b.tr.Ticket(b.t.Context(), key)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

// since reads all that there is.
func (b *bench) since(cursor string) (all tracker.Batch) {
	b.t.Helper()
	all.Cursor = cursor
	for n := 0; ; n++ {
		got, err := b.tr.Since(b.t.Context(), all.Cursor)
		if err != nil || n > 500 {
			b.t.Fatalf("Since, for the %dth time: %v", n, err)
		}
		all.Tickets, all.Said, all.Gone = append(all.Tickets, got.Tickets...), append(all.Said, got.Said...), append(all.Gone, got.Gone...)
		all.Cursor, all.Skipped = got.Cursor, all.Skipped+got.Skipped
		if !got.More {
			return all
		}
	}
}

// only gives the one issue that there is.
func (b *bench) only() *jiratest.Issue {
	b.t.Helper()
	all := b.Issues()
	if len(all) != 1 {
		b.t.Fatalf("there are %d issues, want one", len(all))
	}
	return all[0]
}

// A wire counts what goes over it, lets something happen at one request, and
// knows which answers were not closed.
type wire struct {
	to     http.RoundTripper
	n      int    // requests so far
	method string // of the last request
	fault  int    // number of the request at which something happens
	happen func() // before it goes out
	open   int    // answers that were not closed
}

// at lets something happen at the i-th request from now on.
func (w *wire) at(i int, happen func()) { w.n, w.fault, w.happen = 0, i, happen }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.method = r.Method
	if w.n == w.fault {
		w.happen()
	}
	w.n++
	resp, err := w.to.RoundTrip(r)
	if err == nil {
		w.open++
		resp.Body = &counted{resp.Body, w}
	}
	return resp, err
}

type counted struct {
	io.ReadCloser
	w *wire
}

func (c *counted) Close() error {
	c.w.open--
	return c.ReadCloser.Close()
}

// bothKinds runs a test on both, in a bubble of time each.
func bothKinds(t *testing.T, test func(t *testing.T, kind jiratest.Kind)) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, kind) })
		})
	}
}

func ptr[T any](v T) *T { return &v }

// has tells whether a text has all words.
func has(text string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// ended is a context that is over when end is called.
func ended(t *testing.T) (context.Context, func()) { return context.WithCancel(t.Context()) }

func errorOf(err error) (*adapters.Error, bool) { return errors.AsType[*adapters.Error](err) }
