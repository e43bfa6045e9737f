package slack_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/store"
)

// raced tells that the race detector, which makes all of this some ten times
// slower, is on.
var raced bool

// Ten thousand incidents go through their states in a channel that takes one
// message a second: half a day, in the bubble's time. In the end each is in
// its last state with its news in order, Slack had to refuse nothing, and the
// adapter keeps no more than at a third of the way.
//
// After each round the messages expire and the store is emptied, so that what
// is weighed is the adapter alone.
func TestTenThousandIncidents(t *testing.T) {
	const rounds = 10
	incidents := 10_000
	if raced || testing.Short() {
		incidents = 500
	}
	synctest.Test(t, func(t *testing.T) {
		w := newLongRun(t)
		begun := time.Now()
		var third uint64
		for round := range rounds {
			w.round(round, incidents/rounds)
			if round == rounds/3 {
				third = heap()
			}
		}
		grown := int64(heap()) - int64(third)
		if st := w.s.Status(); st.Throttled != 0 || st.Waiting != 0 {
			t.Errorf("Slack refused %d calls, and %d still wait", st.Throttled, st.Waiting)
		}
		if grown > 1<<20 {
			t.Errorf("the heap has grown by %d KiB in two thirds of the run", grown>>10)
		}
		t.Logf("%v in Slack's time; %d times a sender had to come again; the heap has grown by %d KiB", time.Since(begun).Round(time.Minute), w.later, grown>>10)
	})
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools held
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

type longRun struct {
	*world
	store *emptied

	mu    sync.Mutex
	later int
}

// emptied is a store that can be given a new inside while nobody uses it.
type emptied struct{ store.Store }

func newLongRun(t *testing.T) *longRun {
	w := &longRun{world: &world{t: t, h: &handler{}}, store: &emptied{store.NewMemory()}}
	w.ws = workspace(t, slacktest.WithoutNetwork(), slacktest.WithoutRecord(), slacktest.WithRates(slacktest.SlackRates()))
	w.st = w.store
	w.s = w.open(func(o *slack.Options) {
		o.HTTPClient, o.Rates, o.MaxWait, o.Timeout = w.ws.HTTPClient(), nil, 0, 0
	})
	return w
}

// round takes a number of incidents from open to resolved, as many senders at
// a time as an outbox might have, and looks at what came of it.
func (w *longRun) round(round, incidents int) {
	const senders = 16
	var all sync.WaitGroup
	for n := range senders {
		all.Go(func() {
			var mine []*incident
			for i := n; i < incidents; i += senders {
				mine = append(mine, &incident{id: fmt.Sprintf("r%02d-%04d", round, i)})
			}
			w.deliver(mine, rand.New(rand.NewPCG(uint64(round), uint64(n))))
		})
	}
	all.Wait()
	w.settled(incidents)
	w.ws.Expire(infra)
	w.store.Store = store.NewMemory()
}

// An incident has sent so many of its messages.
type incident struct {
	id   string
	sent int
}

var states = []string{"paged", "acknowledged", "resolved"}

// next is the incident's own message and the news below it by turns.
func (i *incident) next() chat.Message {
	state := states[i.sent/2]
	if i.sent%2 == 1 {
		return chat.Message{Key: i.id + "/" + state, Thread: i.id, To: "#infra-jp", Title: state}
	}
	m := chat.Message{Key: i.id, To: "#infra-jp", Title: i.id + " " + state, Urgent: state == "paged"}
	if state != "resolved" {
		m.Buttons = []chat.Button{{ID: "ack", Value: i.id, Label: "Acknowledge"}}
	}
	return m
}

// deliver sends what the incidents have to tell, a few of them at a time and
// in turns as chance has it, but the messages of each in their order.
func (w *longRun) deliver(mine []*incident, chance *rand.Rand) {
	const open = 8
	for len(mine) > 0 {
		n := chance.IntN(min(open, len(mine)))
		one := mine[n]
		w.sendUntilTaken(one.next())
		if one.sent++; one.sent == 2*len(states) {
			mine = append(mine[:n], mine[n+1:]...)
		}
	}
}

// sendUntilTaken comes again when it is told to, as the outbox does.
func (w *longRun) sendUntilTaken(m chat.Message) {
	for {
		err := w.s.Send(w.t.Context(), m)
		e, _ := errors.AsType[*adapters.Error](err)
		switch {
		case err == nil:
			return
		case e == nil || e.Code != adapters.Throttled:
			w.t.Error(err)
			return
		}
		w.mu.Lock()
		w.later++
		w.mu.Unlock()
		time.Sleep(e.After)
	}
}

// settled looks at a round's incidents as the team sees them.
func (w *longRun) settled(incidents int) {
	tops := w.ws.Person(tanaka).See(infra)
	if len(tops) != incidents {
		w.t.Errorf("%d incidents have %d messages", incidents, len(tops))
	}
	for _, m := range tops {
		if !strings.HasSuffix(m.Text, " resolved") || len(m.Controls) != 0 {
			w.t.Errorf("%q is not in its last state", m.Text)
		}
		var news []string
		for _, reply := range m.Replies {
			news = append(news, reply.Text)
		}
		if got, want := strings.Join(news, " "), strings.Join(states, " "); got != want {
			w.t.Errorf("below %q: %s", m.Text, got)
		}
	}
}
