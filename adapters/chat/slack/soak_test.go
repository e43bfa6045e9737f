package slack_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/slacktest"
)

// Many incidents go through their states while Slack loses answers, cuts
// connections and breaks: in the end each has one message, in its last state,
// with its news below it in order.
func TestManyIncidentsThroughFaults(t *testing.T) {
	const incidents, workers = 150, 6
	w := newWorld(t)
	r := rand.New(rand.NewPCG(1, 2))
	faults := []slacktest.Fault{{LoseAnswer: true}, {Cut: true}, {Status: 502}, slacktest.Garbage(), {Code: "internal_error"}}
	for range incidents {
		w.ws.Break([]string{"chat.postMessage", "chat.update"}[r.IntN(2)], 1, faults[r.IntN(len(faults))])
	}
	var all sync.WaitGroup
	for n := range workers {
		all.Go(func() {
			for i := n; i < incidents; i += workers {
				runIncident(t, w, fmt.Sprintf("i%03d", i))
			}
		})
	}
	all.Wait()
	tops := w.ws.Person(tanaka).See(infra)
	if len(tops) != incidents {
		t.Fatalf("%d incidents have %d messages", incidents, len(tops))
	}
	for _, m := range tops {
		if !strings.Contains(m.Text, "resolved") || len(m.Controls) != 0 {
			t.Errorf("%q is not in its last state", m.Text)
		}
		var news []string
		for _, reply := range m.Replies {
			news = append(news, reply.Text)
		}
		if got := strings.Join(news, ", "); got != "paged, acknowledged, resolved" {
			t.Errorf("below %q: %s", m.Text, got)
		}
	}
	if w.s.Status().Found == 0 {
		t.Error("no lost answer was made good: the test tries nothing")
	}
}

// runIncident sends each state until it is taken, as the outbox does.
func runIncident(t *testing.T, w *world, id string) {
	send := func(m chat.Message) {
		m.To = "#infra-jp"
		var err error
		for range 100 {
			if err = w.s.Send(t.Context(), m); err == nil {
				return
			}
		}
		t.Error(err)
	}
	for _, state := range []string{"paged", "acknowledged", "resolved"} {
		m := chat.Message{Key: id, Title: id + " " + state, Urgent: state == "paged"}
		if state != "resolved" {
			m.Buttons = []chat.Button{{ID: "ack", Value: id, Label: "Acknowledge"}}
		}
		send(m)
		send(chat.Message{Key: id + "/" + state, Thread: id, Title: state})
	}
}
