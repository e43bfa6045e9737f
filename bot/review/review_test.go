package review_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/bot/daily"
	"tebiki/bot/flowtest"
	"tebiki/bot/review"
	"tebiki/bot/roster"
	"tebiki/bot/watch"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"

	chatconsole "tebiki/adapters/chat/console"
)

// world is the flow at work in a synctest bubble.
type world struct {
	t     *testing.T
	st    store.Store
	human *local.Tracker
	tools *flowtest.Deleter // what people do to the tracker besides
	inbox *chatconsole.Console
	gate  *flowtest.Gate
	flow  *review.Flow
	down  context.Context
	stop  func()
}

func people(t *testing.T) *roster.Roster {
	t.Helper()
	r, err := roster.New([]roster.Person{
		{ID: "sato", Name: "佐藤", Team: "jp"}, {ID: "tanaka", Name: "田中", Team: "jp", Tracker: "tr-tanaka"},
		{ID: "smith", Name: "Emma", Team: "en"}, {ID: "lee", Name: "Hannah", Team: "en"},
	}, []roster.Team{{ID: "jp", Name: "インフラ", Leader: "sato", Lang: "ja", Zone: time.UTC}, {ID: "en", Name: "Platform", Leader: "smith", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func in(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		tr := local.New(st, "")
		w := &world{t: t, st: st, human: tr, tools: &flowtest.Deleter{Tracker: tr}, inbox: chatconsole.New(st), gate: &flowtest.Gate{}}
		w.start()
		defer func() { w.stop() }()
		f(w)
	})
}

func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.down = ctx
	w.gate.Start(cancel)
	st, tr := w.gate.Store(w.st), w.gate.Tracker(w.tools)
	w.flow = &review.Flow{Store: st, Tracker: tr, Chat: w.gate.Chat(w.inbox), Roster: people(w.t), Team: "en", URL: "http://tebiki",
		KnowHow: func() *knowhow.Base { return &knowhow.Base{} }, Patient: 8 * time.Hour, Log: slog.New(slog.DiscardHandler)}
	w.flow.Outbox = outbox.New(st, slog.New(slog.DiscardHandler), outbox.Destination{Name: "chat", Handle: outbox.Handle("chat", w.flow.Routes())})
	if err := watch.New(w.st, w.tools, time.Second, func() {}, slog.New(slog.DiscardHandler)).Begin(ctx); err != nil {
		w.t.Fatal(err)
	}
	watcher := watch.New(st, tr, 9*time.Minute, w.flow.Outbox.Wake, slog.New(slog.DiscardHandler), w.flow)
	var running sync.WaitGroup
	running.Go(func() { _ = w.flow.Outbox.Run(ctx) })
	running.Go(func() { _ = watcher.Run(ctx) })
	clock := &daily.Clock{Store: st, Roster: w.flow.Roster, Log: slog.New(slog.DiscardHandler)}
	running.Go(func() { _ = clock.Run(ctx, w.flow.Work()) })
	w.stop = func() { cancel(); running.Wait() }
}

func (w *world) rest() {
	for w.down.Err() != nil || w.sleep() {
		w.stop()
		w.start()
	}
}

// sleep tells whether the process died meanwhile.
func (w *world) sleep() bool {
	time.Sleep(20 * time.Minute) // of the bubble
	synctest.Wait()
	return w.down.Err() != nil
}

func (w *world) create(assignee, parent string) string {
	w.t.Helper()
	t, err := w.human.Create(w.t.Context(), tracker.Draft{Label: fmt.Sprint("x", time.Now().UnixNano(), parent), Parent: parent, Title: "work *now*", Assignee: assignee})
	if err != nil {
		w.t.Fatal(err)
	}
	w.rest()
	return t.Key
}

func (w *world) move(key string, to tracker.Status) {
	w.t.Helper()
	if _, err := w.human.Change(w.t.Context(), key, tracker.Change{Status: &to}); err != nil {
		w.t.Fatal(err)
	}
	w.rest()
}

// sees is what a person has before them: title and buttons of each message.
func (w *world) sees(who string) string {
	w.t.Helper()
	all, err := w.inbox.Messages(w.t.Context(), who, 0, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, m := range all {
		lines = append(lines, strings.Join(append([]string{m.Title}, labels(m.Buttons)...), " | "))
	}
	return strings.Join(lines, "\n")
}

func labels(buttons []chat.Button) (out []string) {
	for _, b := range buttons {
		out = append(out, b.ID)
	}
	return out
}

func (w *world) want(who, what string) {
	w.t.Helper()
	if got := w.sees(who); got != what {
		w.t.Errorf("%s sees\n%s\nwant\n%s", who, got, what)
	}
}

func TestFixedAndClosed(t *testing.T) {
	in(t, func(w *world) {
		key := w.create("lee", "")
		w.move(key, tracker.Fixed)
		w.want("smith", "T-1 is fixed, please look: work *now* | close | back")
		w.move(key, tracker.Closed)
		w.want("smith", "T-1 is closed: work *now*")
		w.want("lee", "")
		w.want("sato", "")
	})
}

func TestSentBack(t *testing.T) {
	in(t, func(w *world) {
		key := w.create("tr-tanaka", "")
		for range 2 {
			w.move(key, tracker.Fixed)
			w.want("sato", "T-1 の確認をお願いします: work *now* | close | back")
			w.move(key, tracker.Open)
			w.want("sato", "T-1 を差し戻しました: work *now*")
		}
		w.want("tanaka", "T-1 が差し戻されました: work *now*\nT-1 が差し戻されました: work *now*")
		w.move(key, tracker.Fixed)
		w.move(key, tracker.Closed)
		w.move(key, tracker.Open) // opened again after the end
		if n := strings.Count(w.sees("tanaka"), "\n"); n != 2 {
			t.Errorf("tanaka was told %d times, want 3", n+1)
		}
	})
}

func TestNobodyIsAsked(t *testing.T) {
	in(t, func(w *world) {
		parent := w.create("lee", "")
		sub := w.create("lee", parent)
		w.move(sub, tracker.Fixed) // a sub-ticket
		w.move(parent, tracker.Closed)
		w.want("smith", "")
	})
}

func TestUnassigned(t *testing.T) {
	in(t, func(w *world) {
		key := w.create("", "")
		w.move(key, tracker.Fixed)
		w.want("smith", "T-1 is fixed, please look: work *now* | close | back")
		w.move(key, tracker.Open)
		w.want("smith", "T-1 went back: work *now*")
	})
}

func TestEveryFault(t *testing.T) {
	story := func(w *world) string {
		key := w.create("lee", "")
		w.move(key, tracker.Fixed)
		w.move(key, tracker.Open)
		w.move(key, tracker.Fixed)
		w.move(key, tracker.Closed)
		return w.sees("smith") + "\n" + w.sees("lee")
	}
	const whole = "T-1 is closed: work *now*\nT-1 came back to you: work *now*"
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
				in(t, func(w *world) {
					begun := w.gate.Calls()
					w.gate.Spoil(n, m)
					if got := story(w); got != whole {
						t.Errorf("after call %d people see\n%s\nwant\n%s", n, got, whole)
					}
					calls = w.gate.Calls() - begun
				})
			}
		})
	}
}

func TestLeads(t *testing.T) {
	r, err := roster.New([]roster.Person{{ID: "a", Name: "A", Team: "one"}, {ID: "b", Name: "B", Team: "one"}},
		[]roster.Team{{ID: "one", Name: "One", Leader: "a", Zone: time.UTC}, {ID: "two", Name: "Two", Leader: "b", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	for person, want := range map[string]bool{"a": true, "b": true, "c": false, "": false} {
		if got := review.Leads(r, person); got != want {
			t.Errorf("%q leads: %v", person, got)
		}
	}
}
