package slack_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

// Whatever happens to a call or its answer on the way, there is one message,
// and it gets to its last state. A post that the network repeats is left out:
// Slack takes it for two, and nobody can tell; TLS does not let it happen.
func TestOneMessageWhateverHappensOnTheWay(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"users.lookupByEmail", "conversations.open", "chat.postMessage", "chat.update"} {
		for _, what := range mishaps {
			for _, answer := range []bool{false, true} {
				if method == "chat.postMessage" && what == repeat && !answer {
					continue
				}
				f := planned{method, answer, what}
				t.Run(f.String(), func(t *testing.T) { t.Parallel(); oneMessage(t, f) })
			}
		}
	}
}

func (f planned) String() string {
	if f.answer {
		return fmt.Sprint(f.what, " answer of ", f.name)
	}
	return fmt.Sprint(f.what, " ", f.name)
}

func oneMessage(t *testing.T, f planned) {
	w := newWorld(t)
	p := newProxy(t, strings.TrimSuffix(w.ws.URL(), "/api/"), 0)
	w.s = w.open(func(o *slack.Options) { o.APIURL, o.Timeout = p.URL+"/api/", 500*time.Millisecond })
	p.plan(f)
	for _, title := range []string{"open", "acknowledged", "resolved"} {
		m := chat.Message{Key: "a", To: "tanaka@example.com", Title: title}
		err := w.s.Send(t.Context(), m)
		for i := 0; err != nil && i < 5; i++ {
			err = w.s.Send(t.Context(), m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := w.sees(tanaka); len(got) != 1 || got[0].Text != "resolved" {
		t.Errorf("tanaka sees %+v", got)
	}
	if !p.happened() {
		t.Error("nothing happened on the way: the test tries nothing")
	}
}

// Whatever happens on the way to an event or its receipt, it is handled once
// and answered once, and TestMain finds no goroutine left. Slack repeats what
// it has no receipt for.
func TestOneHandlingWhateverHappensOnTheWay(t *testing.T) {
	t.Parallel()
	for _, mode := range []slack.Mode{slack.Socket, slack.HTTP} {
		for _, what := range mishaps {
			for _, answer := range []bool{false, true} {
				t.Run(fmt.Sprint(mode, " ", planned{"event", answer, what}), func(t *testing.T) {
					t.Parallel()
					if mode == slack.Socket {
						oneHandlingBySocket(t, what, answer)
					} else {
						oneHandlingByHTTP(t, what, answer)
					}
				})
			}
		}
	}
}

// quickly is a Slack that is less patient, and repeats sooner.
func quickly() slacktest.Option {
	retries := []time.Duration{0}
	for range 50 {
		retries = append(retries, 20*time.Millisecond)
	}
	return slacktest.WithTimings(slacktest.Timings{Ack: 250 * time.Millisecond, Retries: retries})
}

func oneHandlingBySocket(t *testing.T, what mishap, answer bool) {
	w := newWorld(t, quickly())
	p := newProxy(t, strings.TrimSuffix(w.ws.URL(), "/api/"), 400*time.Millisecond)
	w.s = w.open(func(o *slack.Options) { o.APIURL = p.URL + "/api/" })
	w.run()
	w.oneHandling(p, planned{envelopes, answer, what})
}

func oneHandlingByHTTP(t *testing.T, what mishap, answer bool) {
	w := newWorld(t, quickly())
	p := newProxy(t, w.serve().URL, 0)
	if err := w.ws.Deliver(p.URL + "/events"); err != nil {
		t.Fatal(err)
	}
	w.oneHandling(p, planned{"events", answer, what})
}

// oneHandling says something that meets a mishap, and then something that
// does not: when that was answered, all the rest is.
func (w *world) oneHandling(p *proxy, f planned) {
	w.t.Helper()
	p.plan(f)
	w.ws.Person(tanaka).DM("first")
	w.until("the mishap came to pass", p.happened)
	w.lastSeen(tanaka, "heard first")
	w.until("the bot hears again", func() bool {
		w.ws.Person(tanaka).DM("last")
		return strings.Contains(fmt.Sprint(w.sees(tanaka)), "heard last")
	})
	handled, answered := 0, 0
	for _, c := range w.h.heard() {
		if c.Line == "first" {
			handled++
		}
	}
	for _, m := range w.sees(tanaka) {
		if m.Text == "heard first" {
			answered++
		}
	}
	if handled != 1 || answered != 1 {
		w.t.Errorf("handled %d times, answered %d times", handled, answered)
	}
}
