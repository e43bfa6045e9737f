package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/bolt"
	"tebiki/store/outbox"
)

// BenchmarkTimers opens 100,000 incidents within 10 seconds, whose phones are
// to ring 15 seconds later, and measures how late each call is decided and
// durable.
func BenchmarkTimers(b *testing.B) {
	const (
		incidents = 100_000
		spread    = 10 * time.Second
		delay     = 15 * time.Second
	)
	for b.Loop() {
		st, err := bolt.Open(filepath.Join(b.TempDir(), "tebiki.db"), bolt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		late := &lateness{store: st, delay: delay, opened: map[escalation.ID]time.Time{}, want: incidents, done: make(chan struct{})}
		r := New(st, timerRules(delay), Options{Wake: func() { late.look(b) }})
		ctx, stop := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		openMany(b, r, incidents, spread)
		<-late.done
		stop()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		late.report(b)
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func timerRules(delay time.Duration) *escalation.Rules {
	via := []escalation.Delayed{{Channel: escalation.Chat}, {Channel: escalation.Phone, After: delay}}
	step := escalation.PolicyStep{Who: escalation.Target{Person: "tanaka"}, Via: via, Next: time.Hour}
	return &escalation.Rules{
		Routes: []escalation.Route{{Policy: "p"}},
		Policies: map[string]*escalation.Policy{"p": {Name: "p", Leader: "sato", Steps: []escalation.PolicyStep{step},
			LeaderPhone: time.Minute, LeaderEvery: time.Hour}},
		Storm: escalation.Rate{Count: 1 << 20, Within: time.Second}, Flap: escalation.Rate{Count: 2, Within: time.Hour}, Subtickets: 1,
		ListEvery: time.Minute, Reopen: time.Hour, FlapQuiet: time.Minute, AckTimeout: time.Hour, ConfirmLimit: time.Hour, MatchWithin: time.Hour,
	}
}

// openMany opens n incidents at an even pace.
func openMany(b *testing.B, r *Runner, n int, within time.Duration) {
	const piece = 50
	pace := time.NewTicker(within / time.Duration(n/piece))
	defer pace.Stop()
	for i := 0; i < n; i += piece {
		events := make([]escalation.Event, piece)
		for j := range events {
			events[j] = escalation.Signal{Alert: escalation.Alert{Source: "bench", Host: fmt.Sprintf("host%d", i+j), Check: "http", Severity: "critical"}}
		}
		if _, err := r.Submit(b.Context(), events...); err != nil {
			b.Fatal(err)
		}
		<-pace.C
	}
}

// A lateness looks, after each commit, which calls it has decided.
type lateness struct {
	store  store.Store
	delay  time.Duration
	after  string                      // the newest item seen
	opened map[escalation.ID]time.Time // by the message that went out at once
	times  []time.Duration
	want   int
	done   chan struct{}
}

// look runs where the runner has just committed.
func (l *lateness) look(b *testing.B) {
	now := time.Now()
	err := l.store.View(context.Background(), func(tx store.Reader) error {
		for key, value := range tx.Scan("outbox", l.after+"\x00", "") {
			l.after = key
			var it outbox.Item
			if _, err := store.Decode(value, 1, &it); err != nil {
				return err
			}
			if err := l.add(it, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Error(err)
	}
}

func (l *lateness) add(it outbox.Item, now time.Time) error {
	var e escalation.Effect
	if err := json.Unmarshal(it.Body, &e); err != nil || e.Kind != escalation.Reach {
		return err
	}
	if e.Channel == escalation.Chat {
		l.opened[e.Incident] = e.At
		return nil
	}
	l.times = append(l.times, now.Sub(l.opened[e.Incident].Add(l.delay)))
	if len(l.times) == l.want {
		close(l.done)
	}
	return nil
}

func (l *lateness) report(b *testing.B) {
	slices.Sort(l.times)
	at := func(q float64) float64 { return float64(l.times[int(q*float64(len(l.times)-1))].Microseconds()) / 1000 }
	b.ReportMetric(at(0.5), "late-p50-ms")
	b.ReportMetric(at(0.99), "late-p99-ms")
	b.ReportMetric(at(1), "late-max-ms")
	b.ReportMetric(0, "ns/op")
}
