package phonetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

func acknowledged(t *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(3), Then: []Step{{After: b.seconds(4), Key: "1"}}})
	before := time.Now()
	c, keys := b.call("a", to)
	r := b.want(c, phone.Acknowledged)
	b.wantAnswered(r, true)
	if r.Answered.Before(before.Add(b.seconds(2))) || r.Answered.After(time.Now()) {
		t.Errorf("answered %v after the call was placed, want about 3 s", r.Answered.Sub(before))
	}
	b.wantSaid(to, prompt, 1)
	b.wantSaid(to, menu, 1)
	b.wantSaid(to, thanks, 1)
	if got := keys.pressed(); !slices.Equal(got, []string{"1"}) {
		t.Errorf("Press was called with %q", got)
	}
}

func passedOn(_ *testing.T, b *bench) {
	to := b.person(Script{Then: []Step{{After: b.seconds(1), Key: "2"}}})
	c, _ := b.call("a", to)
	b.wantAnswered(b.want(c, phone.PassedOn), true)
}

func heardAndHungUp(t *testing.T, b *bench) {
	to := b.person(Script{Then: []Step{{After: b.seconds(2), HangUp: true}}})
	c, keys := b.call("a", to)
	b.wantAnswered(b.want(c, phone.Heard), true)
	if got := keys.pressed(); len(got) != 0 {
		t.Errorf("Press was called with %q", got)
	}
}

// heardInSilence is a voicemail box: it answers and says nothing.
func heardInSilence(t *testing.T, b *bench) {
	to := b.person(Script{Answer: b.seconds(1)})
	before := time.Now()
	c, _ := b.call("a", to)
	b.wantAnswered(b.want(c, phone.Heard), true)
	b.wantSaid(to, prompt, 3)
	b.wantSaid(to, menu, 3)
	if spent := time.Since(before); spent > 3*b.kit.Quiet+b.seconds(30) {
		t.Errorf("the call took %v", spent)
	}
}

func wrongThenRight(_ *testing.T, b *bench) {
	to := b.person(Script{Then: []Step{{After: b.seconds(2), Key: "9"}, {After: b.seconds(5), Key: "1"}}})
	c, _ := b.call("a", to)
	b.want(c, phone.Acknowledged)
	b.wantSaid(to, mistake, 1)
	b.wantSaid(to, prompt, 2)
}

func keysInOrder(t *testing.T, b *bench) {
	var steps []Step
	for _, key := range strings.Split("0379*#2", "") {
		steps = append(steps, Step{After: b.seconds(2), Key: key})
	}
	to := b.person(Script{Then: steps})
	c, keys := b.call("a", to)
	b.want(c, phone.PassedOn)
	if got := strings.Join(keys.pressed(), ""); got != "0379*#2" {
		t.Errorf("Press was called with %s", got)
	}
}

func keyDuringPrompt(_ *testing.T, b *bench) {
	to := b.person(Script{Then: []Step{{After: b.kit.Second / 10, Key: "1"}}})
	c, _ := b.call("a", to)
	c.Prompt = slices.Repeat(phone.Texts(prompt), 50)
	b.want(c, phone.Acknowledged)
}

func notAnswered(t *testing.T, b *bench) {
	c, _ := b.call("a", b.person(Script{Never: true}))
	c.Ring = b.seconds(12)
	before := time.Now()
	b.wantAnswered(b.want(c, phone.NotAnswered), false)
	if spent := time.Since(before); spent < b.seconds(11) || spent > b.seconds(20) {
		t.Errorf("it rang for %v, want about %v", spent, c.Ring)
	}
	b.wantSaid(c.To, prompt, 0)
}

func rejected(t *testing.T, b *bench) {
	c, _ := b.call("a", b.person(Script{Answer: b.seconds(2), Reject: true}))
	r, err := b.phone.Call(t.Context(), c)
	if err != nil || r.Outcome != phone.Unreachable && r.Outcome != phone.Busy || r.Cause == "" {
		t.Errorf("a rejected call: %+v, %v, want it unreachable or busy with a cause", r, err)
	}
	b.wantAnswered(r, false)
}

func refusedCalls(t *testing.T, b *bench) {
	to := b.person(Script{Never: true})
	for name, spoil := range map[string]func(*phone.Call){
		"no id":      func(c *phone.Call) { c.ID = "" },
		"to nobody":  func(c *phone.Call) { c.To = "" },
		"no time":    func(c *phone.Call) { c.Ring = 0 },
		"idle menu":  func(c *phone.Call) { c.Press = nil },
		"past times": func(c *phone.Call) { c.Ring = -time.Second },
	} {
		c, _ := b.call("a", to)
		spoil(&c)
		if r, err := b.phone.Call(t.Context(), c); err == nil || adapters.CodeOf(err) != adapters.Refused {
			t.Errorf("%s: %+v, %v, want it refused", name, r, err)
		}
	}
}
