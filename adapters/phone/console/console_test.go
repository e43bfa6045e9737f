package console_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/console"
	"tebiki/adapters/phone/phonetest"
)

func TestConformance(t *testing.T) {
	phonetest.Run(t, phonetest.Kit{
		Open: func(*testing.T) (phone.Phone, phonetest.People) {
			c := console.New()
			return c, &people{console: c}
		},
		Quiet: console.Quiet,
	})
}

// acknowledge does what key 1 says.
func acknowledge(context.Context, string) phone.Answer {
	return phone.Answer{Say: phone.Texts("thanks"), End: true, Result: phone.Acknowledged}
}

func aCall(id string) phone.Call {
	return phone.Call{
		ID: id, To: "sato", Ring: 30 * time.Second, Prompt: phone.Texts("disk full"), Repeat: 2,
		Menu: []phone.Choice{{Key: "1", Label: "acknowledge"}}, Press: acknowledge,
	}
}

// placed is a call that was placed in a goroutine of its own.
type placed chan phone.Result

func place(t *testing.T, c *console.Console, p phone.Call) placed {
	out := make(placed, 1)
	go func() {
		r, err := c.Call(t.Context(), p)
		if err != nil {
			t.Error(err)
		}
		out <- r
	}()
	synctest.Wait()
	return out
}

func (p placed) want(t *testing.T, want phone.Outcome) {
	t.Helper()
	if r := <-p; r.Outcome != want {
		t.Errorf("got %+v, want %v", r, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func states(views []console.View) (out []console.State) {
	for _, v := range views {
		out = append(out, v.State)
	}
	return out
}

func TestPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, ctx := console.New(), t.Context()
		start := time.Now()
		first, second := place(t, c, aCall("a")), place(t, c, aCall("b"))
		if got := states(c.Calls("sato")); !slices.Equal(got, []console.State{console.Ringing, console.Waiting}) {
			t.Fatalf("sato's calls are %v", got)
		}
		must(t, c.Answer(ctx, "sato", "a"))
		view := c.Calls("sato")[0]
		if view.State != console.Talking || !slices.Equal(view.Said, []string{"disk full"}) || len(view.Menu) != 1 || !view.Since.Equal(start) {
			t.Errorf("the answered call shows %+v", view)
		}
		time.Sleep(time.Second)
		must(t, c.Key(ctx, "sato", "a", "1"))
		first.want(t, phone.Acknowledged)
		must(t, c.HangUp(ctx, "sato", "b"))
		second.want(t, phone.Unreachable)
		if got := c.Calls("sato"); len(got) != 0 {
			t.Errorf("sato's calls are %+v", got)
		}
		recent := c.Recent("sato")
		if len(recent) != 2 || recent[0].Cause != "rejected" || recent[1].Outcome != phone.Acknowledged || !slices.Equal(recent[1].Said, []string{"disk full", "thanks"}) {
			t.Errorf("sato's last calls are %+v", recent)
		}
	})
}

func TestWaitsNoLongerThanRing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := console.New()
		first := place(t, c, aCall("a"))
		must(t, c.Answer(t.Context(), "sato", "a"))
		start := time.Now()
		short := aCall("b")
		short.Ring = 10 * time.Second
		second := place(t, c, short)
		third := place(t, c, aCall("c"))
		second.want(t, phone.Busy)
		if spent := time.Since(start); spent != short.Ring {
			t.Errorf("the second call waited %v, want %v", spent, short.Ring)
		}
		must(t, c.HangUp(t.Context(), "sato", "a"))
		first.want(t, phone.Heard)
		turn := time.Now()
		third.want(t, phone.NotAnswered)
		if rang := time.Since(turn); rang != 30*time.Second {
			t.Errorf("the third call rang %v after it had waited, want its whole 30s", rang)
		}
	})
}

func TestActionsTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, ctx := console.New(), t.Context()
		ringing, waiting := place(t, c, aCall("a")), place(t, c, aCall("b"))
		for name, err := range map[string]error{
			"key while it rings":  c.Key(ctx, "sato", "a", "1"),
			"answer one waiting":  c.Answer(ctx, "sato", "b"),
			"reject one waiting":  c.HangUp(ctx, "sato", "b"),
			"answer another's":    c.Answer(ctx, "lee", "a"),
			"answer no call":      c.Answer(ctx, "sato", "x"),
			"hang up no call":     c.HangUp(ctx, "sato", "x"),
			"a key on no call":    c.Key(ctx, "sato", "x", "1"),
			"hang up for another": c.HangUp(ctx, "", "a"),
		} {
			if adapters.CodeOf(err) != adapters.NotFound || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, key := range []string{"", "12", "x", "１", "\x00"} {
			if err := c.Key(ctx, "sato", "a", key); adapters.CodeOf(err) != adapters.Refused {
				t.Errorf("key %q: %v", key, err)
			}
		}
		must(t, c.HangUp(ctx, "sato", "a"))
		ringing.want(t, phone.Unreachable)
		must(t, c.Answer(ctx, "sato", "b"))
		if err := c.Answer(ctx, "sato", "b"); adapters.CodeOf(err) != adapters.NotFound {
			t.Errorf("a call answered twice: %v", err)
		}
		must(t, c.Key(ctx, "sato", "b", "1"))
		waiting.want(t, phone.Acknowledged)
	})
}

// TestPressedThenHungUp has the call busy with a key while the person presses
// another and hangs up: what they pressed counts.
func TestPressedThenHungUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 50 {
			c, ctx := console.New(), t.Context()
			p, done := aCall("a"), make(chan struct{})
			p.Press = func(ctx context.Context, key string) phone.Answer {
				if key == "0" {
					<-done
					return phone.Answer{Again: true}
				}
				return acknowledge(ctx, key)
			}
			call := place(t, c, p)
			must(t, c.Answer(ctx, "sato", "a"))
			must(t, c.Key(ctx, "sato", "a", "0"))
			must(t, c.Key(ctx, "sato", "a", "1"))
			must(t, c.HangUp(ctx, "sato", "a"))
			if err := c.Key(ctx, "sato", "a", "2"); adapters.CodeOf(err) != adapters.NotFound {
				t.Errorf("a key after hanging up: %v", err)
			}
			close(done)
			call.want(t, phone.Acknowledged)
		}
	})
}

// TestWithdrawnWhileItWaits takes calls back before their turn.
func TestWithdrawnWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := console.New()
		first := place(t, c, aCall("a"))
		news := make(chan phone.Answer, 1)
		p := aCall("b")
		p.News = news
		second := place(t, c, p)
		news <- phone.Answer{Say: phone.Texts("it is over"), End: true, Result: phone.Withdrawn}
		second.want(t, phone.Withdrawn)
		ctx, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		if r, err := c.Call(ctx, aCall("c")); err != nil || r.Outcome != phone.Withdrawn {
			t.Errorf("a waiting call whose context ended: %+v, %v", r, err)
		}
		if r, err := c.Call(ctx, aCall("a")); err != nil || r.Outcome != phone.Withdrawn {
			t.Errorf("a joined call whose context ended: %+v, %v", r, err)
		}
		if got := states(c.Calls("sato")); !slices.Equal(got, []console.State{console.Ringing}) {
			t.Errorf("sato's calls are %v", got)
		}
		must(t, c.Answer(t.Context(), "sato", "a"))
		must(t, c.Key(t.Context(), "sato", "a", "1"))
		first.want(t, phone.Acknowledged)
	})
}

func TestTalkHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := console.New()
		p := aCall("a")
		p.Press = func(context.Context, string) phone.Answer {
			return phone.Answer{Say: phone.Texts("again"), Again: true}
		}
		start := time.Now()
		call := place(t, c, p)
		must(t, c.Answer(t.Context(), "sato", "a"))
		for len(call) == 0 {
			_ = c.Key(t.Context(), "sato", "a", "0")
			time.Sleep(time.Second)
		}
		call.want(t, phone.Heard)
		if spent := time.Since(start); spent > console.Talk+2*time.Second {
			t.Errorf("the call lasted %v", spent)
		}
		if said := c.Recent("sato")[0].Said; len(said) != 200 {
			t.Errorf("%d sentences are kept", len(said))
		}
	})
}

func TestSlowPressHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := console.New()
		p := aCall("a")
		p.Press = func(ctx context.Context, _ string) phone.Answer {
			<-ctx.Done()
			return phone.Answer{Say: phone.Texts("that did not work")}
		}
		call := place(t, c, p)
		must(t, c.Answer(t.Context(), "sato", "a"))
		start := time.Now()
		must(t, c.Key(t.Context(), "sato", "a", "1"))
		for i := range 20 {
			if err := c.Key(t.Context(), "sato", "a", "2"); (err == nil) != (i < 16) {
				t.Errorf("key %d pressed ahead: %v", i, err)
			}
		}
		call.want(t, phone.Heard)
		if spent := time.Since(start); spent > 18*console.Act+3*console.Quiet {
			t.Errorf("the call lasted %v", spent)
		}
	})
}

func TestRecentIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := console.New()
		for i := range 30 {
			call := place(t, c, aCall(fmt.Sprint(i)))
			must(t, c.HangUp(t.Context(), "sato", fmt.Sprint(i)))
			call.want(t, phone.Unreachable)
		}
		recent := c.Recent("sato")
		if len(recent) != 20 || recent[0].ID != "29" || recent[19].ID != "10" {
			t.Errorf("%d calls are kept, from %q", len(recent), recent[0].ID)
		}
		if c.Recent("nobody") != nil || c.Calls("nobody") != nil {
			t.Error("nobody has calls")
		}
	})
}

// TestStorm has pages that act at random while calls to three people come and
// go in real time: each call has one result, and each phone is free in the end.
func TestStorm(t *testing.T) {
	c, ctx := console.New(), t.Context()
	stop := make(chan struct{})
	var pages, calls sync.WaitGroup
	for range 3 {
		pages.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					actAtRandom(ctx, c)
				}
			}
		})
	}
	for i := range 200 {
		calls.Go(func() {
			p := aCall(fmt.Sprint(i % 150))
			p.To, p.Ring = fmt.Sprint("p", i%3), time.Duration(1+rand.IntN(20))*time.Millisecond
			limited, end := context.WithTimeout(ctx, time.Duration(1+rand.IntN(40))*time.Millisecond)
			defer end()
			if r, err := c.Call(limited, p); err != nil || r.Outcome == "" {
				t.Errorf("call %d: %+v, %v", i, r, err)
			}
		})
	}
	calls.Wait()
	close(stop)
	pages.Wait()
	for i := range 3 {
		if left := c.Calls(fmt.Sprint("p", i)); len(left) != 0 {
			t.Errorf("calls are left: %+v", left)
		}
	}
}

func actAtRandom(ctx context.Context, c *console.Console) {
	to := fmt.Sprint("p", rand.IntN(3))
	for _, v := range c.Calls(to) {
		switch rand.IntN(4) {
		case 0:
			_ = c.Answer(ctx, to, v.ID)
		case 1:
			_ = c.Key(ctx, to, v.ID, "1")
		case 2:
			_ = c.HangUp(ctx, to, v.ID)
		}
	}
	select {
	case <-c.Watch():
	case <-time.After(time.Millisecond):
	}
}
