package runner

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tebiki/escalation"
	"tebiki/escalation/schedule"
	"tebiki/store"
)

// testRules page tanaka in chat at once, by phone after 2 minutes, suzuki
// after 5, and hold nothing.
func testRules() *escalation.Rules {
	monday := time.Date(1999, 12, 27, 0, 0, 0, 0, time.UTC)
	layer := func(name string, people ...string) schedule.Layer {
		return schedule.Layer{Name: name, People: people, Start: monday, Days: 7, At: 9 * time.Hour}
	}
	step := func(layer string) escalation.PolicyStep {
		return escalation.PolicyStep{Who: escalation.Target{Schedule: "infra", Layer: layer}, Next: 5 * time.Minute,
			Via: []escalation.Delayed{{Channel: escalation.Chat}, {Channel: escalation.Phone, After: 2 * time.Minute}}}
	}
	return &escalation.Rules{
		Low:    []string{"info"},
		Routes: []escalation.Route{{Policy: "infra"}},
		Policies: map[string]*escalation.Policy{"infra": {Name: "infra", Team: "infra", Leader: "sato", Repeat: 1,
			Steps: []escalation.PolicyStep{step("primary"), step("secondary")}, LeaderPhone: 2 * time.Minute, LeaderEvery: 10 * time.Minute}},
		Schedules: map[string]*schedule.Schedule{"infra": {Name: "infra", Zone: time.UTC,
			Layers: []schedule.Layer{layer("primary", "tanaka"), layer("secondary", "suzuki")}}},
		Match: []string{"host"}, MatchWithin: time.Hour, Subtickets: 3,
		Storm: escalation.Rate{Count: 1 << 20, Within: time.Minute}, ListEvery: time.Minute, Reopen: 2 * time.Hour, Grace: 5 * time.Minute,
		Flap: escalation.Rate{Count: 2, Within: time.Hour}, FlapQuiet: 10 * time.Minute, AckTimeout: time.Hour, ConfirmLimit: 10 * time.Minute,
	}
}

func signal(host, check string) escalation.Signal {
	return escalation.Signal{Alert: escalation.Alert{Source: "test", Host: host, Check: check, Severity: "critical", Summary: check + " is bad", At: time.Now()}}
}

func recovery(host, check string) escalation.Signal {
	s := signal(host, check)
	s.Alert.Resolved = true
	return s
}

// delayed is a signal of what the source saw a while ago.
func delayed(s escalation.Signal, ago time.Duration) escalation.Signal {
	s.Alert.At = s.Alert.At.Add(-ago)
	return s
}

// start runs r until stop, which waits for its end.
func start(t testing.TB, r *Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// submit may be called from any goroutine.
func submit(t testing.TB, r *Runner, events ...escalation.Event) []escalation.Receipt {
	t.Helper()
	rs, err := r.Submit(context.Background(), events...)
	if err != nil {
		t.Error(err)
		return make([]escalation.Receipt, len(events))
	}
	return rs
}

// stored counts the keys of each bucket.
func stored(t testing.TB, st store.Store, bucket string) (n int) {
	t.Helper()
	err := st.View(context.Background(), func(tx store.Reader) error {
		for range tx.Scan(bucket, "", "") {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func hostName(i int) string { return fmt.Sprintf("web%d.example.org", i) }
