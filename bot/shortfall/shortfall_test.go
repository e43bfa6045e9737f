package shortfall

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/roster"
	"tebiki/store"
	"tebiki/store/outbox"
	"tebiki/store/storetest"

	chatconsole "tebiki/adapters/chat/console"
)

// A picky tracker answers as it is told to.
type picky struct {
	tracker.Tracker
	omits []tracker.Omission
	err   error
}

func (p *picky) Create(_ context.Context, d tracker.Draft) (tracker.Ticket, error) {
	return tracker.Ticket{Key: "OPS-" + d.Label, Omitted: p.omits}, p.err
}

func (p *picky) Change(_ context.Context, key string, _ tracker.Change) (tracker.Ticket, error) {
	return tracker.Ticket{Key: key}, p.err
}

func (p *picky) Comment(context.Context, string, tracker.Comment) error { return p.err }

func (p *picky) Since(context.Context, string) (tracker.Batch, error) {
	return tracker.Batch{Cursor: "1"}, p.err
}

func (p *picky) URL(key string) string { return "https://jira.example.jp/browse/" + key }

func code(c adapters.Code, words string) error {
	return &adapters.Error{Op: "create a ticket for secret", Code: c, Err: errors.New(words)}
}

// world is the tracker with a leader who reads.
type world struct {
	*Tracker
	t      *testing.T
	within *picky
	faulty *storetest.Faulty
	inbox  *chatconsole.Console
}

func in(t *testing.T, lang string, test func(w *world)) {
	t.Helper()
	people, err := roster.New([]roster.Person{{ID: "sato", Name: "佐藤", Team: "jp"}}, []roster.Team{{ID: "jp", Leader: "sato", Lang: lang, Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		w := &world{t: t, within: &picky{}, faulty: storetest.NewFaulty(st), inbox: chatconsole.New(st)}
		w.Tracker = &Tracker{Tracker: w.within, Store: w.faulty, Chat: w.inbox, Roster: people, Team: "jp", Site: "http://tebiki", Log: slog.New(slog.DiscardHandler)}
		w.Outbox = outbox.New(st, w.Log, outbox.Destination{Name: "chat", Handle: outbox.Handle("chat", w.Routes())})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = w.Outbox.Run(ctx) }) // it ends with the test
		defer running.Wait()
		defer stop()
		test(w)
	})
}

func (w *world) create(label string) error {
	_, err := w.Create(w.t.Context(), tracker.Draft{Label: label, Title: "web1 *is* full"})
	return err
}

// told is what the leader has, oldest first.
func (w *world) told() (out []chat.Message) {
	w.t.Helper()
	synctest.Wait()
	all, err := w.inbox.Messages(w.t.Context(), "sato", 0, "")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range all {
		out = append([]chat.Message{m.Message}, out...)
	}
	for _, d := range w.Outbox.Stats() {
		if d.Waiting+d.Running > 0 {
			w.t.Errorf("%+v", d)
		}
	}
	return out
}

func TestOmitted(t *testing.T) {
	for lang, want := range map[string][]string{
		"ja": {"一部の項目が入りませんでした: OPS-1 web1 *is* full", `- **Component**: disk\-full \(理由`, "チケットに補って"},
		"en": {"Left out of OPS-1: web1 *is* full", `- **Component**: disk\-full \(the`, "Please complete the ticket"},
	} {
		in(t, lang, func(w *world) {
			w.within.omits = []tracker.Omission{{Field: "Component", Value: "disk-full", Why: "there is no <!channel> [component](http://evil) here\n# so"}, {Field: "Team", Value: "x"}}
			for range 2 {
				if err := w.create("1"); err != nil {
					t.Fatal(err)
				}
			}
			ms := w.told()
			if len(ms) != 1 {
				t.Fatalf("%d messages: %+v", len(ms), ms)
			}
			m, body := ms[0], ms[0].Sections[0].Markdown
			if m.Title != want[0] || m.Link != "https://jira.example.jp/browse/OPS-1" || m.Lang != lang {
				t.Errorf("the leader has %+v", m)
			}
			if !strings.Contains(strings.ReplaceAll(body, "(", `\(`), want[1]) || !strings.Contains(body, want[2]) || !strings.Contains(body, "\n- **Team**: x\n") {
				t.Errorf("it says\n%s", body)
			}
			for _, bad := range []string{"<!channel>", "](http", "\n# so"} {
				if strings.Contains(body, bad) {
					t.Errorf("%q got through:\n%s", bad, body)
				}
			}
			if err := w.create("2"); err != nil || len(w.told()) != 2 {
				t.Errorf("another ticket makes %d messages, error %v", len(w.told()), err)
			}
		})
	}
}

// TestFailures: each cause is told once a day, however many tickets it meets
// and however often they are tried; what may yet succeed is not told.
func TestFailures(t *testing.T) {
	in(t, "en", func(w *world) {
		long := strings.Repeat("長", 10_000)
		for _, err := range []error{
			code(adapters.Refused, "no issue type <Task>"), code(adapters.Denied, "401 token=hunter2"), code(adapters.Unavailable, "away"),
			code(adapters.Throttled, "wait"), code(adapters.NotFound, "no parent"), code(adapters.Refused, long), errors.New("eof"), nil,
		} {
			w.within.err = err
			for _, label := range []string{"1", "1", "2"} {
				if got := w.create(label); !errors.Is(got, err) {
					t.Errorf("Create gives %v, not %v", got, err)
				}
				if got := w.Comment(w.t.Context(), "OPS-1", tracker.Comment{}); !errors.Is(got, err) {
					t.Errorf("Comment gives %v, not %v", got, err)
				}
				if _, got := w.Change(w.t.Context(), "OPS-1", tracker.Change{}); !errors.Is(got, err) {
					t.Errorf("Change gives %v, not %v", got, err)
				}
				_, _ = w.Since(w.t.Context(), "1")
			}
		}
		var titles []string
		for _, m := range w.told() {
			titles = append(titles, m.Title)
			if body := m.Sections[0].Markdown; len(body) > 5000 || strings.Contains(body, "hunter2") || strings.Contains(body, "secret") || strings.Contains(body, "<Task>") {
				t.Errorf("it says %s", body)
			}
		}
		want := []string{"The tracker refused it: web1 *is* full", "The tracker does not permit something to Tebiki", "The tracker's changes cannot be read", "The tracker refused it: web1 *is* full"}
		if d := cmp.Diff(want, titles); d != "" {
			t.Errorf("the leader has (-want +got):\n%s", d)
		}
		time.Sleep(24 * time.Hour)
		w.within.err = code(adapters.Denied, "still")
		_, _ = w.Since(w.t.Context(), "1")
		if n := len(w.told()); n != 5 {
			t.Errorf("the next day it is %d messages", n)
		}
	})
}

// A cause is what an adapter's error says of itself.
type cause struct {
	words string
	login bool
}

func (c cause) Error() string { return c.words + ": token=hunter2" }
func (c cause) Words() string { return c.words }
func (c cause) Login() bool   { return c.login }

func because(code adapters.Code, words string, login bool) error {
	return &adapters.Error{Op: "work on secret", Code: code, Err: cause{words, login}}
}

// TestDeniedApart: a login that is refused and each permission that is missing
// are messages of their own, in the tracker's words; tickets' numbers make no
// new ones, and a day has no more than some.
func TestDeniedApart(t *testing.T) {
	in(t, "ja", func(w *world) {
		for _, err := range []error{
			because(adapters.Denied, "the token has expired", true), because(adapters.Denied, "OPS-1: no permission to comment", false),
			because(adapters.Denied, "OPS-2: no permission to comment", false), because(adapters.Denied, "no permission to assign", false),
		} {
			w.within.err = err
			_ = w.Comment(t.Context(), "OPS-1", tracker.Comment{})
		}
		var got []string
		for _, m := range w.told() {
			got = append(got, m.Title+": "+strings.SplitN(m.Sections[0].Markdown, "\n", 2)[0])
			if strings.Contains(m.Sections[0].Markdown, "hunter2") {
				t.Errorf("it says %s", m.Sections[0].Markdown)
			}
		}
		want := []string{"チケット管理に Tebiki のアカウントでログインできません: 理由: the token has expired", `チケット管理で Tebiki に必要な権限が足りません: 理由: OPS\-1\: no permission to comment`,
			"チケット管理で Tebiki に必要な権限が足りません: 理由: no permission to assign"}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("the leader has (-want +got):\n%s", d)
		}
		for n := range 50 {
			w.within.err = because(adapters.Denied, "no permission "+strings.Repeat("x", n), false)
			_ = w.create("1")
		}
		if n := len(w.told()); n != 1+mostOfDay {
			t.Errorf("%d messages", n)
		}
	})
}

// TestUnread: the leader hears that the tracker shows no changes, at once when
// it is denied, and when it lasts otherwise; a cursor of another tracker is
// nothing to tell.
func TestUnread(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		after  time.Duration
		title  string
		within string
	}{
		"login":      {because(adapters.Denied, "no token", true), 0, "The tracker does not take the login of Tebiki", "no token"},
		"hidden":     {because(adapters.Denied, "the project OPS is archived", false), 0, "The tracker's changes cannot be read", "the project OPS is archived"},
		"refused":    {because(adapters.Refused, "no such project", false), patienceRefused, "The tracker's changes cannot be read", "no such project"},
		"not there":  {because(adapters.NotFound, "gone", false), patienceRefused, "The tracker's changes cannot be read", "Nothing is lost"},
		"away":       {because(adapters.Unavailable, `a page "Proxy"`, false), patienceAway, "The tracker has been away for some minutes", `a page`},
		"plain":      {errors.New("token=hunter2"), patienceAway, "The tracker has been away for some minutes", "Tickets follow"},
		"its cursor": {&adapters.Error{Code: adapters.Refused, Err: tracker.ErrCursor}, -1, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, "en", func(w *world) {
				w.within.err = c.err
				first := time.Duration(-1)
				for at := time.Duration(0); at < 20*time.Minute; at += 30 * time.Second {
					if _, err := w.Since(t.Context(), "1"); !errors.Is(err, c.err) {
						t.Fatal(err)
					}
					if first < 0 && len(w.told()) > 0 {
						first = at
					}
					time.Sleep(30 * time.Second)
				}
				if first != c.after {
					t.Errorf("told after %v, want %v", first, c.after)
				}
				if ms := w.told(); c.title != "" && (len(ms) != 1 || ms[0].Title != c.title || !strings.Contains(ms[0].Sections[0].Markdown, c.within) || strings.Contains(ms[0].Sections[0].Markdown, "hunter2")) {
					t.Errorf("the leader has %+v", ms)
				}
			})
		})
	}
}

// TestUnreadForAMoment: what comes back by itself is nothing to tell, however
// often it is away.
func TestUnreadForAMoment(t *testing.T) {
	in(t, "en", func(w *world) {
		for n := range 40 {
			w.within.err = because(adapters.Unavailable, "away", false)
			if n%2 == 0 {
				w.within.err = nil
			}
			_, _ = w.Since(t.Context(), "1")
			time.Sleep(time.Minute)
		}
		if ms := w.told(); len(ms) != 0 {
			t.Errorf("the leader has %+v", ms)
		}
	})
}

// TestNothingToTell: without a leader, or with a store that takes nothing, the
// flow gets its ticket all the same.
func TestNothingToTell(t *testing.T) {
	for _, full := range []bool{false, true} {
		in(t, "ja", func(w *world) {
			if full {
				w.faulty.Fail(errors.New("full"))
			} else {
				w.Team = "one that is not there"
			}
			w.within.omits = []tracker.Omission{{Field: "Component"}}
			made, err := w.Create(w.t.Context(), tracker.Draft{Label: "1", Title: "x"})
			if err != nil || made.Key != "OPS-1" || len(w.told()) != 0 {
				t.Errorf("%+v, %v, told %+v", made, err, w.told())
			}
			w.faulty.Fail(nil)
			w.Team = "jp"
			if err := w.create("1"); err != nil || full != (len(w.told()) == 1) {
				t.Errorf("with a full store %v it is told later: %+v, %v", full, w.told(), err)
			}
		})
	}
}

func TestChanged(t *testing.T) {
	if (&Tracker{Tracker: &picky{}}).Changed() != nil {
		t.Error("a tracker that knows of no changes tells of some")
	}
}
