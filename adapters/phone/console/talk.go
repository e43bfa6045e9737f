package console

import (
	"context"
	"time"

	"tebiki/adapters/phone"
)

// talk is the conversation. It ends as Heard when nothing else ends it: a
// line that said nothing was perhaps nobody.
func (k *call) talk(ctx context.Context) phone.Result {
	talk := time.NewTimer(Talk)
	defer talk.Stop()
	quiet := time.NewTimer(Quiet)
	defer quiet.Stop()
	k.say(k.Prompt)
	for repeats := 0; ; {
		select {
		case key := <-k.keys:
			a := k.press(ctx, key)
			if a.End {
				return phone.Result{Outcome: a.Result}
			}
			quiet.Reset(Quiet)
		case <-quiet.C:
			if repeats >= k.Repeat {
				return k.heard(ctx, "no key was pressed")
			}
			repeats++
			k.say(k.Prompt)
			quiet.Reset(Quiet)
		case a, open := <-k.News:
			if a = phone.FromNews(a, open); a.End {
				return *k.withdraw(a)
			}
			k.hear(a)
			quiet.Reset(Quiet)
		case <-ctx.Done():
			return withdrawn(ctx)
		case <-k.down:
			return k.heard(ctx, "hung up")
		case <-talk.C:
			return k.heard(ctx, "the call lasted too long")
		}
	}
}

// press does what a key asks for and says what follows from it.
func (k *call) press(ctx context.Context, key string) phone.Answer {
	if k.Press == nil {
		return phone.Answer{}
	}
	ctx, cancel := context.WithTimeout(ctx, Act)
	defer cancel()
	a := k.Press(ctx, key)
	k.hear(a)
	return a
}

// hear says an answer, and the prompt after it when it asks for that.
func (k *call) hear(a phone.Answer) {
	if a.Prompt != nil {
		k.Prompt = a.Prompt
	}
	k.say(a.Say)
	if a.Again && !a.End {
		k.say(k.Prompt)
	}
}

// heard ends the call, after doing what the person pressed before its end:
// they count on it.
func (k *call) heard(ctx context.Context, cause string) phone.Result {
	k.leave(Talking, phone.Result{})
	for {
		select {
		case key := <-k.keys:
			if a := k.press(ctx, key); a.End {
				return phone.Result{Outcome: a.Result}
			}
		default:
			return phone.Result{Outcome: phone.Heard, Cause: cause}
		}
	}
}
