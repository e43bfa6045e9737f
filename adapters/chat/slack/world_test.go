package slack_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	tanaka = "U0TANAKA"
	sato   = "U0SATO"
	infra  = "C0INFRA"
)

// world is a workspace with the bot in it.
type world struct {
	t  testing.TB
	ws *slacktest.Workspace
	st store.Store
	s  *slack.Slack
	h  *handler
}

func workspace(t testing.TB, more ...slacktest.Option) *slacktest.Workspace {
	return slacktest.New(t, append([]slacktest.Option{
		slacktest.WithRates(slacktest.Rates{}),
		slacktest.WithPeople(
			slacktest.User{ID: tanaka, Name: "tanaka", Email: "tanaka@example.com"},
			slacktest.User{ID: sato, Name: "sato", Email: "sato@example.com"},
		),
		slacktest.WithChannels(slacktest.Channel{ID: infra, Name: "infra-jp", Members: []string{tanaka, sato, slacktest.BotUserID}}),
	}, more...)...)
}

func newWorld(t testing.TB, more ...slacktest.Option) *world {
	w := &world{t: t, ws: workspace(t, more...), st: store.NewMemory(), h: &handler{}}
	w.s = w.open(nil)
	return w
}

// open gives a bot on the same store, as after a restart.
func (w *world) open(change func(*slack.Options)) *slack.Slack {
	w.t.Helper()
	opt := slack.Options{
		BotToken: slacktest.BotToken, AppToken: slacktest.AppToken, SigningSecret: slacktest.SigningSecret,
		APIURL: w.ws.URL(), Store: w.st, Rates: &slack.Rates{}, MaxWait: 2 * time.Second, Timeout: 2 * time.Second,
		Log: discard(), Opens: []string{"/request"},
	}
	if change != nil {
		change(&opt)
	}
	s, err := slack.New(opt)
	if err != nil {
		w.t.Fatal(err)
	}
	s.SetHandler(w.h)
	return s
}

// run connects the bot until the test ends.
func (w *world) run() {
	w.t.Helper()
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.s.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	w.t.Cleanup(func() { end(); <-done })
	w.until("the bot is connected", func() bool { return w.s.Status().Connected && w.ws.Connections() > 0 })
}

// until waits for what comes by a real connection.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(10 * time.Second); !is(); {
		select {
		case <-late:
			w.t.Fatalf("it never came to pass that %s", what)
		case <-tick.C:
		}
	}
}

func (w *world) send(m chat.Message) {
	w.t.Helper()
	if err := w.s.Send(w.t.Context(), m); err != nil {
		w.t.Fatal(err)
	}
}

// sees gives what tanaka has at an address, threads in their place.
func (w *world) sees(to string) (all []slacktest.Message) {
	w.t.Helper()
	p := w.ws.Person(tanaka)
	channel := infra
	switch to {
	case tanaka:
		channel = p.Direct()
	case sato:
		p = w.ws.Person(sato)
		channel = p.Direct()
	}
	for _, m := range p.See(channel) {
		all = append(all, m)
		all = append(all, m.Replies...)
	}
	return all
}

func (w *world) fails(err error, code adapters.Code, words ...string) {
	w.t.Helper()
	if err == nil || adapters.CodeOf(err) != code {
		w.t.Fatalf("got %v, want the code %v", err, code)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			w.t.Errorf("%q does not say %q", err, word)
		}
	}
}

func note(key, title string) chat.Message { return chat.Message{Key: key, To: tanaka, Title: title} }

// blocks are the blocks of a message, as they are written.
type block struct {
	Type string
	Text struct{ Text string }

	Elements []struct{ Text any }
}

func blocksOf(t *testing.T, m slacktest.Message) (out []block) {
	t.Helper()
	if err := json.Unmarshal(m.Blocks, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func newStore() store.Store { return store.NewMemory() }
