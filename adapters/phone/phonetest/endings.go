package phonetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/phone"
)

// later runs fn when d has passed, and tells the test's end to wait for it.
func (b *bench) later(d time.Duration, fn func()) {
	done := make(chan struct{})
	timer := time.AfterFunc(d, func() { defer close(done); fn() })
	b.t.Cleanup(func() {
		if !timer.Stop() {
			<-done
		}
	})
}

func withdrawnRinging(t *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(20), Then: []Step{{Key: "1"}}})
	news := make(chan phone.Answer, 1)
	c, _ := b.call("a", to)
	c.News = news
	b.later(b.seconds(5), func() { news <- phone.Answer{Say: phone.Texts("Sato has it."), End: true, Result: phone.Withdrawn} })
	before := time.Now()
	b.wantAnswered(b.want(c, phone.Withdrawn), false)
	if spent := time.Since(before); spent > b.seconds(6) {
		t.Errorf("it rang for %v although it was taken back after 5 s", spent)
	}
	b.wantSaid(to, "Sato has it.", 0)
}

func withdrawnTalking(_ *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(1)})
	news := make(chan phone.Answer, 1)
	c, _ := b.call("a", to)
	c.News = news
	b.later(b.seconds(8), func() { news <- phone.Answer{Say: phone.Texts("Sato has it."), End: true, Result: phone.Withdrawn} })
	b.wantAnswered(b.want(c, phone.Withdrawn), true)
	b.wantSaid(to, "Sato has it.", 1)
}

func contextEndsRinging(t *testing.T, b *bench) {
	b.contextEnds(t, Script{Never: true})
}

func contextEndsTalking(t *testing.T, b *bench) {
	b.contextEnds(t, Script{Answer: b.seconds(1)})
}

func (b *bench) contextEnds(t *testing.T, s Script) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	c, _ := b.call("a", b.person(s))
	b.later(b.seconds(5), end)
	before := time.Now()
	r, err := b.phone.Call(ctx, c)
	if err != nil || r.Outcome != phone.Withdrawn {
		t.Errorf("a call whose context ended: %+v, %v", r, err)
	}
	b.wantAnswered(r, !s.Never)
	if spent := time.Since(before); spent > b.seconds(7) {
		t.Errorf("the call went on for %v although its context ended after 5 s", spent)
	}
}

func withdrawnBefore(t *testing.T, b *bench) {
	news := make(chan phone.Answer)
	close(news)
	c, _ := b.call("a", b.person(Script{Never: true}))
	c.News = news
	b.wantAnswered(b.want(c, phone.Withdrawn), false)
	ctx, end := context.WithCancel(t.Context())
	end()
	c.News = nil
	if r, err := b.phone.Call(ctx, c); err != nil || r.Outcome != phone.Withdrawn {
		t.Errorf("with an ended context: %+v, %v", r, err)
	}
}

// twoCalls are one after the other on one phone, both with their result.
func twoCalls(t *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(2), Then: []Step{{After: b.seconds(3), Key: "1"}}})
	results := make([]phone.Result, 2)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			c, _ := b.call(fmt.Sprint("call-", i), to)
			results[i] = b.want(c, phone.Acknowledged)
		})
	}
	all.Wait()
	if apart := results[0].Answered.Sub(results[1].Answered).Abs(); apart < b.seconds(3) {
		t.Errorf("the calls were answered %v apart: both were on one phone at once", apart)
	}
	b.wantSaid(to, thanks, 2)
}

func sameCall(t *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(2), Then: []Step{{After: b.seconds(3), Key: "1"}}})
	c, keys := b.call("a", to)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { b.wantAnswered(b.want(c, phone.Acknowledged), true) })
	}
	all.Wait()
	if got := keys.pressed(); len(got) != 1 {
		t.Errorf("one call placed 8 times pressed %q", got)
	}
	b.wantSaid(to, prompt, 1)
}

func idAgain(_ *testing.T, b *bench) {
	c, _ := b.call("a", b.person(Script{Answer: b.seconds(1), Then: []Step{{After: b.seconds(1), Key: "1"}}}))
	b.want(c, phone.Acknowledged)
	b.want(c, phone.Acknowledged)
	b.wantSaid(c.To, thanks, 2)
}

func manyPeople(t *testing.T, b *bench) {
	keys := map[string]phone.Outcome{"1": phone.Acknowledged, "2": phone.PassedOn}
	var all sync.WaitGroup
	for i := range 20 {
		key := fmt.Sprint(1 + i%2)
		to := b.person(Script{Answer: b.seconds(1 + i%4), Then: []Step{{After: b.seconds(2), Key: key}}})
		c, _ := b.call(fmt.Sprint("call-", i), to)
		all.Go(func() { b.want(c, keys[key]) })
	}
	before := time.Now()
	all.Wait()
	if spent := time.Since(before); spent > b.seconds(30) {
		t.Errorf("20 calls to 20 people took %v: they waited for one another", spent)
	}
}

// newsTalking: what happens without a key is said, and the prompt is another
// from then on.
func newsTalking(_ *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(1), Then: []Step{{After: b.seconds(12), Key: "0"}, {After: b.seconds(6), Key: "1"}}})
	news := make(chan phone.Answer, 1)
	c, _ := b.call("a", to)
	c.News = news
	b.later(b.seconds(7), func() {
		news <- phone.Answer{Say: phone.Texts("Sato has it."), Prompt: phone.Texts("Another one."), Again: true}
	})
	b.want(c, phone.Acknowledged)
	b.wantSaid(to, prompt, 1)
	b.wantSaid(to, "Sato has it.", 1)
	b.wantSaid(to, "Another one.", 2)
}

// newsRinging: what changes before anybody answers is not heard, and counts.
func newsRinging(_ *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(10), Then: []Step{{After: b.seconds(4), Key: "1"}}})
	news := make(chan phone.Answer, 1)
	c, _ := b.call("a", to)
	c.News = news
	b.later(b.seconds(5), func() {
		news <- phone.Answer{Say: phone.Texts("Sato has it."), Prompt: phone.Texts("Another one."), Again: true}
	})
	b.want(c, phone.Acknowledged)
	b.wantSaid(to, prompt, 0)
	b.wantSaid(to, "Sato has it.", 0)
	b.wantSaid(to, "Another one.", 1)
}
