package console

import (
	"context"
	"slices"
	"time"

	"tebiki/adapters/phone"
)

// call is one call from its placing to its end. Its view and the channels
// that the page closes are guarded by the console's mu; everything else
// belongs to the goroutine that runs it.
type call struct {
	phone.Call
	console  *Console
	view     View
	answered time.Time

	turn   chan struct{} // closed when the phone is free for this call
	picked chan struct{} // closed when the person answers
	down   chan struct{} // closed when the person hangs up
	keys   chan string
	over   chan struct{} // closed after result is set
	result phone.Result
}

func newCall(c *Console, p phone.Call) *call {
	return &call{
		Call: p, console: c,
		view:   View{ID: p.ID, To: p.To, Lang: p.Lang, State: Waiting, Menu: slices.Clone(p.Menu), Since: time.Now()},
		turn:   make(chan struct{}),
		picked: make(chan struct{}),
		down:   make(chan struct{}),
		keys:   make(chan string, maxKeys),
		over:   make(chan struct{}),
	}
}

// run takes the call through its stages. Each gives the call's result, or
// nil when the next one follows.
func (k *call) run(ctx context.Context) phone.Result {
	for _, stage := range []func(context.Context) *phone.Result{k.wait, k.ring} {
		if r := stage(ctx); r != nil {
			return *r
		}
	}
	r := k.talk(ctx)
	r.Answered = k.answered
	return r
}

// wait is until the phone is free.
func (k *call) wait(ctx context.Context) *phone.Result {
	patience := time.NewTimer(k.Ring)
	defer patience.Stop()
	for {
		select {
		case <-k.turn:
			return nil
		case a, open := <-k.News:
			if r := k.learn(phone.FromNews(a, open)); r != nil {
				return r
			}
		case <-ctx.Done():
			return k.leave(Waiting, withdrawn(ctx))
		case <-patience.C:
			return k.leave(Waiting, phone.Result{Outcome: phone.Busy, Cause: "another call was on for as long as this one may ring"})
		}
	}
}

// ring is until the person answers or rejects.
func (k *call) ring(ctx context.Context) *phone.Result {
	patience := time.NewTimer(k.Ring)
	defer patience.Stop()
	for {
		select {
		case <-k.picked:
			return nil
		case <-k.down:
			return k.leave(Ringing, phone.Result{Outcome: phone.Unreachable, Cause: "rejected"})
		case a, open := <-k.News:
			if r := k.learn(phone.FromNews(a, open)); r != nil {
				return r
			}
		case <-ctx.Done():
			return k.leave(Ringing, withdrawn(ctx))
		case <-patience.C:
			return k.leave(Ringing, phone.Result{Outcome: phone.NotAnswered})
		}
	}
}

// learn takes news before anybody has answered: the prompt may be another, or
// the call is over.
func (k *call) learn(a phone.Answer) *phone.Result {
	if a.Prompt != nil {
		k.Prompt = a.Prompt
	}
	if a.End {
		return k.withdraw(a)
	}
	return nil
}

// leave ends the call with r, unless it has just come out of the state: then
// somebody saw it ringing or answered it, and the next stage finds out what
// else has happened. After leave nobody can act on the call.
func (k *call) leave(from State, r phone.Result) *phone.Result {
	k.console.mu.Lock()
	defer k.console.mu.Unlock()
	if k.view.State != from {
		return nil
	}
	k.view.State = Ended
	return &r
}

// withdraw ends a call that news took back. Who answered just then hears why.
func (k *call) withdraw(a phone.Answer) *phone.Result {
	k.console.mu.Lock()
	talking := k.view.State == Talking
	k.view.State = Ended
	k.console.mu.Unlock()
	r := phone.Result{Outcome: a.Result}
	if talking {
		k.say(a.Say)
		r.Answered = k.answered
	}
	return &r
}

func withdrawn(ctx context.Context) phone.Result {
	return phone.Result{Outcome: phone.Withdrawn, Cause: context.Cause(ctx).Error()}
}

// set is called with the console's mu held.
func (k *call) set(s State) { k.view.State, k.view.Since = s, time.Now() }

// hungUp is called with the console's mu held.
func (k *call) hungUp() bool {
	select {
	case <-k.down:
		return true
	default:
		return false
	}
}

// say puts sentences on the page, whose browser speaks them.
func (k *call) say(sentences []phone.Sentence) {
	if len(sentences) == 0 {
		return
	}
	k.console.mu.Lock()
	defer k.console.mu.Unlock()
	said := k.view.Said
	for _, s := range sentences {
		said = append(said, s.Text)
	}
	k.view.Said = slices.Clone(said[max(0, len(said)-maxSaid):])
	k.console.wake()
}
