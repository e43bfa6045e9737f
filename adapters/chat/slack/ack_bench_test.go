package slack_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

// BenchmarkAcknowledge is how long Slack waits for the receipt of a slash
// command while fifty people send them without a pause, every answer takes a
// while to find, and messages go out: the median and the 99th percentile, of
// which Slack allows 3 s and we 300 ms.
func BenchmarkAcknowledge(b *testing.B) {
	for _, mode := range []slack.Mode{slack.Socket, slack.HTTP} {
		b.Run(string(mode), func(b *testing.B) {
			w := newWorld(b, slacktest.WithoutRecord())
			people := crowd(w, 50)
			w.h.command = func(ctx context.Context, _ chat.Command) (chat.Reply, error) {
				pause(ctx, 20*time.Millisecond) // a look into the tracker
				return chat.Reply{Title: "found"}, nil
			}
			if mode == slack.HTTP {
				if err := w.ws.Deliver(w.serve().URL); err != nil {
					b.Fatal(err)
				}
			} else {
				w.run()
			}
			stop := w.chatter()
			defer stop()
			b.ResetTimer()
			took := commands(b, people, b.N)
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
			b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// crowd puts people into the channel.
func crowd(w *world, n int) (people []*slacktest.Person) {
	for i := range n {
		id := fmt.Sprintf("U0CROWD%03d", i)
		w.ws.AddPeople(slacktest.User{ID: id})
		w.ws.Invite(infra, id)
		people = append(people, w.ws.Person(id))
	}
	return people
}

// commands lets people send n commands, each their next when the last has its
// receipt.
func commands(b *testing.B, people []*slacktest.Person, n int) []time.Duration {
	took := make([]time.Duration, n)
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			for k := i; k < n; k += len(people) {
				r := p.Command("/oncall", "", infra)
				if took[k] = r.Took; !r.Acked {
					b.Errorf("not acknowledged: %s", r.Err)
				}
			}
		})
	}
	all.Wait()
	return took
}

// chatter sends messages until it is stopped.
func (w *world) chatter() (stop func()) {
	ctx, end := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				_ = w.s.Send(ctx, note(fmt.Sprint(n), fmt.Sprint("news ", i))) // it may be the last
				pause(ctx, 5*time.Millisecond)
			}
		})
	}
	return func() { end(); all.Wait() }
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
