package redmine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/redmine/redminetest"
	"tebiki/store"
)

// A breaker stands between the adapter and Redmine. It counts, and treats one
// request as its fault does.
type breaker struct {
	mu    sync.Mutex
	asked []string // "GET /issues.json"
	at    int      // the request that it treats; -1 for none
	fault fault
	give  context.CancelFunc // ends the caller's patience
}

// A fault answers a request, which it may carry out.
type fault struct {
	name string
	do   func(b *breaker, r *http.Request) (*http.Response, error)
}

func (b *breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	n := len(b.asked)
	b.asked = append(b.asked, r.Method+" "+r.URL.Path)
	treat := b.at == n && b.fault.do != nil
	b.mu.Unlock()
	if treat {
		return b.fault.do(b, r)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// arm has the request of this number from now treated.
func (b *breaker) arm(n int, f fault, give context.CancelFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked, b.at, b.fault, b.give = nil, n, f, give
}

// count gives how many requests there were since arm.
func (b *breaker) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

var errCut = errors.New("the connection was cut")

func carryOut(r *http.Request) {
	if resp, err := http.DefaultTransport.RoundTrip(r.Clone(context.WithoutCancel(r.Context()))); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func answer(r *http.Request, status int, header http.Header, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

const proxyPage = "<!DOCTYPE html><title>Sign in</title>"

// says is an answer that says no, as Redmine does: without a word.
func says(status int) fault {
	return fault{fmt.Sprint(status), func(_ *breaker, r *http.Request) (*http.Response, error) { return answer(r, status, http.Header{}, "") }}
}

// pages is a proxy's page.
func pages(status int) fault {
	return fault{fmt.Sprintf("a page with %d", status), func(_ *breaker, r *http.Request) (*http.Response, error) {
		return answer(r, status, http.Header{"Content-Type": {"text/html"}}, proxyPage)
	}}
}

var (
	cutBefore  = fault{"cut before", func(*breaker, *http.Request) (*http.Response, error) { return nil, errCut }}
	answerLost = fault{"answer lost", func(_ *breaker, r *http.Request) (*http.Response, error) { carryOut(r); return nil, errCut }}
	tooOften   = fault{"429", func(_ *breaker, r *http.Request) (*http.Response, error) {
		return answer(r, 429, http.Header{"Retry-After": {"30"}}, "")
	}}
	halfAnswer = fault{"half an answer", func(_ *breaker, r *http.Request) (*http.Response, error) {
		carryOut(r)
		return answer(r, 200, http.Header{"Content-Type": {"application/json"}}, `{"issue":{"id":`)
	}}
	hangs = fault{"hangs", func(b *breaker, r *http.Request) (*http.Response, error) { b.give(); return nil, r.Context().Err() }}
)

// faults of what writes, each of which meets each such request; and of what
// reads, where two in turn are enough, since nothing can be half done. That
// something is not there is believed of what reads, and no fault.
var (
	faults = []fault{
		cutBefore, answerLost, tooOften, halfAnswer, hangs, says(401), says(403), says(404), says(409), says(410), says(413), says(500), says(503), pages(200), pages(400),
		{"502 after it was done", func(_ *breaker, r *http.Request) (*http.Response, error) {
			carryOut(r)
			return answer(r, 502, http.Header{"Content-Type": {"text/html"}}, proxyPage)
		}},
		{"hangs after it was done", func(b *breaker, r *http.Request) (*http.Response, error) {
			carryOut(r)
			b.give()
			return nil, r.Context().Err()
		}},
	}
	reading = []fault{cutBefore, tooOften, pages(200), hangs, says(401), says(409), says(413), pages(400), says(500), halfAnswer, pages(404), says(503)}
)

// met are the faults of the n-th request.
func met(n int, request string) []fault {
	if !strings.HasPrefix(request, "GET ") {
		return faults
	}
	at := 2 * n % len(reading)
	return reading[at : at+2]
}

// at tries an operation with its every request meeting faults, once it has
// been seen which requests those are. The operation may fail; then do repeats
// it after a death, and check sees what came of it.
func at(t *testing.T, b *bench, do func(ctx context.Context, r *Redmine, name string) error, check func(t *testing.T, name string)) {
	t.Helper()
	known, err := b.open().ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	try := func(name string, n int, f fault) (asked []string) {
		t.Helper()
		broken := &breaker{at: -1}
		b.opt.Transport, b.known = broken, known
		r := b.open()
		ctx, give := context.WithCancel(t.Context())
		defer give()
		broken.arm(n, f, give)
		err := do(ctx, r, name)
		b.opt.Transport = http.DefaultTransport
		if b.opt.LabelField != "" {
			b.known = nil // a new process must learn where labels are
		}
		if err != nil {
			err = do(t.Context(), b.open(), name)
		}
		if err != nil {
			t.Errorf("%s: repeated: %v", name, err)
		}
		check(t, name)
		return broken.asked
	}
	for n, request := range try("no fault", -1, fault{}) {
		for _, f := range met(n, request) {
			try(fmt.Sprintf("%s at request %d", f.name, n), n, f)
		}
	}
}

func TestCreateWithFaults(t *testing.T) {
	b := setUp(t, func(o *Options) { o.LabelField, o.Fields = "Server", nil })
	b.Category(t, "dns", b.People["suzuki"])
	bot := b.As(t, b.Bot)
	parent := formatKey(bot.Create(b.Project, "parent", nil).ID)
	at(t, b, func(ctx context.Context, r *Redmine, name string) error {
		got, err := r.Create(ctx, tracker.Draft{Label: "tebiki/" + name, Title: name, Parent: parent, Component: "dns", Body: "b"})
		if err == nil && (got.Title != name || got.Assignee != "" || got.Label != "tebiki/"+name) {
			t.Errorf("%s: made %+v", name, got)
		}
		return err
	}, func(t *testing.T, name string) {
		t.Helper()
		if got := bot.Find("project_id=" + b.Identifier + "&status_id=*&subject=" + strings.ReplaceAll(name, " ", "+")); len(got) != 1 {
			t.Errorf("%s: there are %d tickets", name, len(got))
		}
	})
}

func TestCommentWithFaults(t *testing.T) {
	b := setUp(t, nil)
	bot := b.As(t, b.Bot)
	id := bot.Create(b.Project, "t", nil).ID
	at(t, b, func(ctx context.Context, r *Redmine, name string) error {
		return r.Comment(ctx, formatKey(id), tracker.Comment{Label: name, Body: name})
	}, func(t *testing.T, name string) {
		t.Helper()
		n := 0
		for _, j := range bot.Issue(id).Journals {
			if j.Notes == name {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: there are %d notes", name, n)
		}
	})
}

func TestChangeWithFaults(t *testing.T) {
	b := setUp(t, nil)
	bot := b.As(t, b.Bot)
	id := bot.Create(b.Project, "t", nil).ID
	fixed := true
	at(t, b, func(ctx context.Context, r *Redmine, name string) error {
		status, who := tracker.Open, b.id("sato")
		if fixed {
			status, who = tracker.Fixed, b.id("tanaka")
		}
		got, err := r.Change(ctx, formatKey(id), tracker.Change{Status: &status, Assignee: &who, Title: &name})
		if err == nil && (got.Status != status || got.Assignee != who || got.Title != name) {
			t.Errorf("%s: changed to %+v", name, got)
		}
		return err
	}, func(t *testing.T, name string) {
		t.Helper()
		fixed = !fixed
		var entries []redminetest.Journal
		for _, j := range bot.Issue(id).Journals {
			for _, d := range j.Details {
				if d.Name == "subject" && d.New == name {
					entries = append(entries, j)
				}
			}
		}
		if len(entries) != 1 || len(entries[0].Details) != 3 {
			t.Errorf("%s: the history has %+v", name, entries)
		}
	})
}

// TestSinceWithFaults reads on through faults. Nothing is missed and nothing
// repeated of tickets, comments and deletions.
func TestSinceWithFaults(t *testing.T) {
	b := setUp(t, nil)
	sato := b.As(t, b.People["sato"])
	var deleted int
	var pool []int // made before, so that their notes are later
	for range 50 {
		pool = append(pool, sato.Create(b.Project, "old", nil).ID)
	}
	b.overlap = time.Nanosecond
	var begin tracker.Batch
	for range 2 { // the second begins behind the pool, so that lists are short
		var err error
		b.opt.Store = store.NewMemory()
		deleted = sato.Create(b.Project, "old", nil).ID
		if begin, err = b.open().Since(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	b.settle = -5 * time.Second // no issue changes twice
	cursor, round := begin.Cursor, ""
	var made int
	var got, want tracker.Batch
	at(t, b, func(ctx context.Context, r *Redmine, name string) error {
		if round != name {
			round = name
			if made != 0 { // in the round before
				deleted = made
			}
			noted := pool[0]
			pool = pool[1:]
			sato.Note(noted, name)
			made = sato.Create(b.Project, name, nil).ID
			b.Admin(t).Delete(deleted)
			want = tracker.Batch{Tickets: []tracker.Ticket{{Key: formatKey(noted)}, {Key: formatKey(made)}},
				Said: []tracker.Said{{Ticket: formatKey(noted), Text: name}}, Gone: []string{formatKey(deleted)}}
		}
		batch, err := r.Since(ctx, cursor)
		if err == nil {
			cursor, got = batch.Cursor, batch
		}
		return err
	}, func(t *testing.T, name string) {
		t.Helper()
		short := cmp.Transformer("short", func(b tracker.Batch) (out []string) {
			for _, t := range b.Tickets {
				out = append(out, "ticket "+t.Key)
			}
			for _, s := range b.Said {
				out = append(out, "said "+s.Ticket+" "+s.Text)
			}
			return append(out, b.Gone...)
		})
		if d := cmp.Diff(want, got, short); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	})
}

// The first requests learn what the project is; a fault of theirs is an error,
// and nothing is half known.
func TestPlaceWithFaults(t *testing.T) {
	b := setUp(t, nil)
	key := formatKey(b.As(t, b.Bot).Create(b.Project, "t", nil).ID)
	for n := range 4 {
		for _, f := range met(n, "GET ") {
			ctx, give := context.WithCancel(t.Context())
			broken := &breaker{at: n, fault: f, give: give}
			b.opt.Transport = broken
			r := b.open()
			if _, err := r.Ticket(ctx, key); err == nil {
				t.Errorf("%s at request %d: no error", f.name, n)
			}
			give()
			if f.name == "429" || f.name == "401" {
				continue // the client waits
			}
			if got, err := r.Ticket(t.Context(), key); err != nil || got.Status != tracker.Open {
				t.Errorf("%s at request %d, again: %+v, %v", f.name, n, got, err)
			}
		}
	}
}

// Death between what was made and its note in the store makes nothing twice:
// a store that fails from some write on stands for it.
func TestDeath(t *testing.T) {
	b := setUp(t, nil)
	bot := b.As(t, b.Bot)
	kept := b.opt.Store
	for dies := range 3 {
		name := fmt.Sprint("dies at write ", dies)
		b.opt.Store = &mortal{Store: kept, left: dies}
		r := b.open()
		r.mark, _ = b.mark(t, kept)
		_, _ = r.Create(t.Context(), tracker.Draft{Label: name, Title: name})
		b.opt.Store = kept
		got, err := b.open().Create(t.Context(), tracker.Draft{Label: name, Title: name})
		found := bot.Find("project_id=" + b.Identifier + "&status_id=*&subject=" + strings.ReplaceAll(name, " ", "+"))
		if err != nil || len(found) != 1 || formatKey(found[0].ID) != got.Key {
			t.Errorf("%s: %v, %d tickets", name, err, len(found))
		}
	}
}

func (b *bench) mark(t *testing.T, st store.Store) (string, error) {
	t.Helper()
	o := b.opt
	o.Store = st
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r.instance(t.Context())
}

// mortal is a store that dies.
type mortal struct {
	store.Store
	left int
}

func (m *mortal) Update(ctx context.Context, fn func(store.Writer) error) error {
	if m.left--; m.left < 0 {
		return errors.New("the process died")
	}
	return m.Store.Update(ctx, fn)
}
