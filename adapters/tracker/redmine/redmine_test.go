package redmine

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/redmine/redminetest"
	"tebiki/adapters/tracker/trackertest"
	"tebiki/store"
)

var shared redminetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Run(m)) }

// A bench is a project of the shared Redmine and the tracker in it.
type bench struct {
	*redminetest.Server
	*redminetest.Project
	opt             Options
	settle, overlap time.Duration // overlap is Redmine's own when it is 0
	known           *place        // what open need not ask for, unless it is nil
	page            int           // 20 when it is 0
	t               testing.TB
}

// setUp gives a project that has the suite's components.
func setUp(t testing.TB, change func(*Options)) *bench {
	t.Helper()
	s := shared.Server(t)
	b := &bench{Server: s, Project: s.Project(t, "disk", "new-subdomain"), t: t}
	b.opt = Options{
		Address: s.URL, Key: s.Bot.Key, Project: b.Identifier, Store: store.NewMemory(),
		Transport: http.DefaultTransport, SweepEvery: time.Nanosecond, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&b.opt)
	}
	return b
}

// open starts Tebiki's side: again with the same store after a death.
func (b *bench) open() *Redmine {
	b.t.Helper()
	r, err := New(b.opt)
	if err != nil {
		b.t.Fatal(err)
	}
	r.page, r.place = cmp.Or(b.page, 20), b.known
	r.lag, r.settle = 0, b.settle // 0: this Redmine does one thing after the other
	if b.overlap != 0 {
		r.overlap = b.overlap
	}
	return r
}

func (b *bench) id(login string) string { return strconv.Itoa(b.People[login].ID) }

func TestConformance(t *testing.T) {
	trackertest.Run(t, func(t *testing.T) trackertest.Subject {
		b := setUp(t, nil)
		b.page = 8
		id := func(key string) int { n, _ := strconv.Atoi(key); return n }
		return trackertest.Subject{
			Tracker: people{b.open(), b}, Markup: true, NoReporter: true, Coarse: true, Many: 10,
			Say:    func(key, author, text string) { b.As(t, b.People[author]).Note(id(key), text) },
			Delete: func(key string) { b.Admin(t).Delete(id(key)) },
			Classify: func(key, component string) {
				b.As(t, b.People["sato"]).Update(id(key), redminetest.Fields{"category_id": b.Categories[component]})
			},
			Answered: func(a trackertest.Answer) tracker.Tracker {
				if b.known == nil {
					var err error
					if b.known, err = b.open().ready(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				way := *b
				way.opt.Transport = a
				return way.open()
			},
		}
	})
}

// people is a tracker whose people have names, as the suite wants them.
type people struct {
	tracker.Tracker
	b *bench
}

func (p people) out(name string) string {
	if who, ok := p.b.People[name]; ok {
		return strconv.Itoa(who.ID)
	}
	if strings.HasPrefix(name, "p") {
		return p.b.id("tanaka")
	}
	return name
}

func (p people) in(id string) string {
	for name, who := range p.b.People {
		if strconv.Itoa(who.ID) == id {
			return name
		}
	}
	return id
}

func (p people) ticket(t tracker.Ticket, err error) (tracker.Ticket, error) {
	t.Assignee = p.in(t.Assignee)
	return t, err
}

func (p people) all(list []tracker.Ticket) {
	for i := range list {
		list[i], _ = p.ticket(list[i], nil)
	}
}

func (p people) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	return p.ticket(p.Tracker.Ticket(ctx, key))
}

func (p people) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	d.Assignee = p.out(d.Assignee)
	return p.ticket(p.Tracker.Create(ctx, d))
}

func (p people) Change(ctx context.Context, key string, c tracker.Change) (tracker.Ticket, error) {
	if c.Assignee != nil {
		who := p.out(*c.Assignee)
		c.Assignee = &who
	}
	return p.ticket(p.Tracker.Change(ctx, key, c))
}

func (p people) Subtickets(ctx context.Context, key string) ([]tracker.Ticket, error) {
	out, err := p.Tracker.Subtickets(ctx, key)
	p.all(out)
	return out, err
}

func (p people) List(ctx context.Context, f tracker.Filter) ([]tracker.Ticket, error) {
	f.Assignee = p.out(f.Assignee)
	out, err := p.Tracker.List(ctx, f)
	p.all(out)
	return out, err
}

func (p people) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	out, err := p.Tracker.Since(ctx, cursor)
	p.all(out.Tickets)
	for i := range out.Said {
		out.Said[i].Author = p.in(out.Said[i].Author)
	}
	return out, err
}

func (p people) History(ctx context.Context, key string) ([]tracker.Event, error) {
	out, err := p.Tracker.History(ctx, key)
	for i, e := range out {
		out[i].By = p.in(e.By)
		if e.Kind == tracker.Assigned {
			out[i].Text = p.in(e.Text)
		}
	}
	return out, err
}
