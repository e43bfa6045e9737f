package request_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
	"tebiki/bot/request"
	"tebiki/knowhow"
	"tebiki/store"
)

// pressed presses as people do: again, when the answer is that it did not work.
func pressed[T any](w *world, press func() (T, error)) T {
	w.t.Helper()
	for range 3 {
		if got, err := press(); err == nil {
			return got
		}
		w.rest()
	}
	w.t.Fatal("a button never works")
	return *new(T)
}

func (w *world) again(ticket, component string) request.Again {
	w.t.Helper()
	return pressed(w, func() (request.Again, error) {
		return w.flow.CheckAgain(w.t.Context(), ticket, component, "tanaka", time.Now())
	})
}

func (w *world) askLeader(ticket, component, who string) request.Help {
	w.t.Helper()
	asker, _ := people().Person(who)
	return pressed(w, func() (request.Help, error) {
		return w.flow.AskLeader(w.t.Context(), ticket, component, asker, time.Now())
	})
}

// pushed is lee's message about T-1.
func (w *world) pushed() chat.Message {
	w.t.Helper()
	for _, m := range w.messages("lee") {
		if m.Key == "request/T-1/disk-full" {
			return m
		}
	}
	w.t.Fatal("lee has no message")
	return chat.Message{}
}

func TestChecksAgain(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee", Fields: map[string]string{"host": "web1"}})
		w.rest()
		before := w.ticket("T-2").Body
		w.checks.text, w.checks.took = "/dev/sda1 12%", time.Minute
		same(t, "the press", w.again("T-1", "disk-full").State, request.AgainStarted)
		time.Sleep(10 * time.Second)
		same(t, "the second press", w.again("T-1", "disk-full").State, request.AgainRunning)
		time.Sleep(55 * time.Second)
		fresh := w.again("T-1", "disk-full")
		same(t, "the third press", fresh.State, request.AgainFresh)
		want(t, "the message", text(w.pushed()), "/dev/sda1 12%", "Sat 1 Jan 00\\:10", "60\\.0 s")
		if fresh.At.Minute() != 11 {
			t.Errorf("they came to their end at %s", fresh.At)
		}
		w.rest()
		same(t, "checks run", w.checks.runs, []string{"df", "inodes", "df", "inodes"})
		same(t, "messages", titles(w.messages("lee")), []string{"T-1 x"})
		same(t, "the sub-ticket", w.ticket("T-2").Body, before)
		same(t, "a press later", w.again("T-1", "disk-full").State, request.AgainStarted)
		w.rest()
		same(t, "by an alias, as the ticket has it", w.again("T-1", "ディスク").State, request.AgainStarted)
		w.rest()
		same(t, "checks run at the end", len(w.checks.runs), 8)
	})
}

func TestChecksAgainInVain(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "account", Assignee: "lee"})
		w.rest()
		second := w.create(tracker.Draft{Title: "y", Component: "disk", Assignee: "lee"}).Key
		w.rest()
		same(t, "no checks", w.again("T-1", "account").State, request.AgainNone)
		for _, b := range w.messages("lee")[0].Buttons {
			if b.ID == request.ButtonChecks {
				t.Error("a component without checks has the button")
			}
		}
		for _, value := range [][2]string{{"T-1", "disk-full"}, {"T-9", "disk-full"}, {"", ""}, {"T-1", "\x00"}} {
			same(t, "nothing prepared", w.again(value[0], value[1]).State, request.AgainGone)
		}
		w.checks.took = time.Minute
		w.again(second, "disk-full")
		time.Sleep(10 * time.Second)
		w.base.Store(&knowhow.Base{})
		w.rest()
		same(t, "its know-how is gone", w.again(second, "disk-full").State, request.AgainNone)
	})
}

// TestHangingChecks: those that hang when they run again are cut off, hold up
// no new assignee meanwhile, and can be asked for anew.
func TestHangingChecks(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.checks.took = 24 * time.Hour
		w.again("T-1", "disk-full")
		w.assign("T-1", "tanaka")
		time.Sleep(30 * time.Second)
		same(t, "tanaka's messages", len(w.messages("tanaka")), 1)
		same(t, "whose sub-ticket", w.ticket("T-2").Assignee, "tanaka")
		w.rest()
		want(t, "lee's message", text(w.pushed()), "it took longer than it may")
		same(t, "a press later", w.again("T-1", "disk-full").State, request.AgainStarted)
	})
}

func TestAskLeader(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee", Fields: map[string]string{"host": "web1"}})
		w.rest()
		first := w.askLeader("T-1", "disk-full", "lee")
		same(t, "the press", []string{string(first.State), first.Leader.Name}, []string{string(request.HelpSent), "佐藤"})
		same(t, "the second press", w.askLeader("T-1", "disk-full", "lee").State, request.HelpAlready)
		w.rest()
		same(t, "a press after that", w.askLeader("T-1", "disk-full", "lee").State, request.HelpAlready)
		same(t, "somebody else", w.askLeader("T-1", "disk-full", "tanaka").State, request.HelpSent)
		w.rest()
		ms := w.messages("U-SATO")
		same(t, "the leader's", titles(ms), []string{"Hannah Lee さんから相談があります: T-1 x", "田中 さんから相談があります: T-1 x"})
		same(t, "link", ms[0].Link, "http://tebiki/tickets/T-1")
		want(t, "the question", text(ms[0]), "ホスト: web1", "大きいファイルを見つける", "サブチケット", "Hannah Lee さん")
		same(t, "a leader asks another", w.askLeader("T-1", "disk-full", "smith").Leader.ID, "sato")
		same(t, "nothing prepared", w.askLeader("T-1", "account", "lee").State, request.HelpGone)
	})
}

// TestAskLeaders: who leads the component's team asks nobody, unless they are
// of another team.
func TestAskLeaders(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "tr-sato"})
		w.rest()
		same(t, "the leader", w.askLeader("T-1", "disk-full", "sato").State, request.HelpAlone)
		w.rest()
		same(t, "messages", titles(w.messages("U-SATO")), []string{"T-1 x"})
	})
}

// deaf is a chat that does not know the leader.
type deaf struct{ chat.Chat }

func (d deaf) Send(ctx context.Context, m chat.Message) error {
	if m.To == "U-SATO" {
		return &adapters.Error{Op: "send", Code: adapters.NotFound, Err: errors.New("user_not_found")}
	}
	return d.Chat.Send(ctx, m)
}

func TestLeaderUnreachable(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.flow.Chat = deaf{w.inbox}
		w.askLeader("T-1", "disk-full", "lee")
		w.rest()
		ms := w.messages("lee")
		same(t, "lee's", titles(ms), []string{"T-1 x", "佐藤 cannot be reached here about T-1. Please ask in another way."})
		same(t, "its thread", ms[1].Thread, ms[0].Key)
		w.flow.Chat = w.inbox
		same(t, "asked anew", w.askLeader("T-1", "disk-full", "lee").State, request.HelpSent)
		w.rest()
		same(t, "the leader's", len(w.messages("U-SATO")), 1)
	})
}

// TestPressedWhileItDies: the process dies at every call after the press, and
// still the leader has one message and the checks have run.
func TestPressedWhileItDies(t *testing.T) {
	for n := 1; n <= 12; n++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
			w.rest()
			w.checks.text = "/dev/sda1 12%"
			w.gate.Spoil(n, flowtest.Crash)
			for range 2 {
				w.askLeader("T-1", "disk-full", "lee")
				w.again("T-1", "disk-full")
			}
			w.rest()
			same(t, "the leader's", len(w.messages("U-SATO")), 1)
			same(t, "lee's", titles(w.messages("lee")), []string{"T-1 x"})
			want(t, "the message", text(w.pushed()), "/dev/sda1 12%")
		})
	}
}

func TestFullStore(t *testing.T) {
	in(t, func(w *world) {
		w.flow.Store = fullStore{w.st}
		lee, _ := people().Person("lee")
		if _, err := w.flow.CheckAgain(t.Context(), "T-1", "disk-full", "tanaka", time.Now()); err == nil || !strings.Contains(err.Error(), "checks of T-1") {
			t.Errorf("error %v", err)
		}
		if _, err := w.flow.AskLeader(t.Context(), "T-1", "disk-full", lee, time.Now()); err == nil || !strings.Contains(err.Error(), "help with T-1") {
			t.Errorf("error %v", err)
		}
	})
}

type fullStore struct{ store.Store }

func (fullStore) Update(context.Context, func(store.Writer) error) error {
	return errors.New("no space left on device")
}
