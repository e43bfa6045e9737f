package slack

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
)

func TestGateLetsTheUrgentGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(Rates{}).gate("x", Rate{time.Second, 1})
		begun := time.Now()
		var mu sync.Mutex
		var got []string
		var all sync.WaitGroup
		enter := func(name string, urgent bool) {
			all.Go(func() {
				if err := g.wait(t.Context(), urgent, time.Minute); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got = append(got, fmt.Sprint(name, " ", time.Since(begun)))
			})
			synctest.Wait()
		}
		for i := range 3 {
			enter(fmt.Sprint("ordinary ", i), false)
		}
		for i := range 2 {
			enter(fmt.Sprint("urgent ", i), true)
		}
		all.Wait()
		want := []string{"ordinary 0 0s", "urgent 0 1s", "urgent 1 2s", "ordinary 1 3s", "ordinary 2 4s"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestGateIsPatientOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(Rates{}).gate("x", Rate{time.Minute, 1})
		if err := g.wait(t.Context(), false, time.Second); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		err := g.wait(t.Context(), true, 5*time.Second)
		if explain(err).code != adapters.Throttled || time.Since(begun) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		ctx, end := context.WithCancel(t.Context())
		end()
		if err := g.wait(ctx, true, 5*time.Second); err == nil {
			t.Error("passed although the context had ended")
		}
		time.Sleep(time.Minute) // those who gave up have used no turn
		if err := g.wait(t.Context(), false, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestGateStaysClosedForRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(Rates{}).gate("x", Rate{})
		g.close(30 * time.Second)
		begun := time.Now()
		if err := g.wait(t.Context(), true, 10*time.Second); explain(err).after != 30*time.Second || time.Since(begun) != 0 {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		if err := g.wait(t.Context(), true, time.Minute); err != nil || time.Since(begun) != 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

func TestGatesForgetChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGates(DefaultRates())
		for i := range 3 * maxGates {
			for _, one := range g.of(postMessage, fmt.Sprint("C", i)) {
				if err := one.wait(t.Context(), false, time.Hour); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := len(g.open); n > maxGates {
			t.Errorf("%d gates are kept", n)
		}
	})
}

func TestRecentForgets(t *testing.T) {
	r := newRecent(time.Minute, 3)
	now := time.Unix(1e9, 0)
	for i, c := range []struct {
		id   string
		at   time.Duration
		want bool
	}{
		{"a", 0, true}, {"a", time.Second, false}, {"", 0, true}, {"", 0, true},
		{"b", 0, true}, {"c", 0, true}, {"d", 0, true}, {"a", 0, true}, {"d", 0, false}, {"d", 2 * time.Minute, true},
	} {
		if got := r.first(c.id, now.Add(c.at)); got != c.want {
			t.Errorf("%d: first(%q) is %v", i, c.id, got)
		}
	}
	if len(r.order) > 3 || len(r.seen) != len(r.order) {
		t.Errorf("%d and %d are kept", len(r.order), len(r.seen))
	}
}

func TestCrewTakesOnlySoMuch(t *testing.T) {
	c := newCrew(2)
	hold := make(chan struct{})
	taken := 0
	for i := range maxWaiting + 100 {
		if c.do(fmt.Sprint(i%7), func(context.Context) { <-hold }) {
			taken++
		}
	}
	if taken < maxWaiting || taken > maxWaiting+2 {
		t.Errorf("%d jobs were taken", taken)
	}
	close(hold)
	c.stop()
	if c.do("late", func(context.Context) { t.Error("done after the end") }) {
		t.Error("a job was taken after the end")
	}
}

func TestSpoken(t *testing.T) {
	for in, want := range map[string]string{
		"<@U0BOT> disk full": "disk full", "disk &lt;b&gt; &amp;amp;": "disk <b> &amp;", "<@U0BOT>": "", "see <https://x.example|x.example>": "see x.example",
		"see <https://x.example>": "see https://x.example", "<@U1|sato> and <#C1|infra>": "@sato and #infra", "<!here> now": "here now", "<@U1> x": "@U1 x", "a < b": "a < b",
	} {
		if got := spoken(in, "U0BOT"); got != want {
			t.Errorf("spoken(%q) is %q, want %q", in, got, want)
		}
	}
}
