package asterisk

import (
	"context"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters/phone"
)

// A stop is why playing or listening came to an end.
type stop struct {
	what happening
	key  string       // with event
	news phone.Answer // with told
	down bool         // the person hung up
	done bool         // all was heard
}

// talk is the conversation. It ends as Heard when nothing else ends it: a line
// that said nothing was perhaps nobody.
func (l *leg) talk(ctx context.Context) phone.Result {
	until := time.Now().Add(talkTime)
	say, repeats := l.prompt, 0
	for time.Now().Before(until) {
		s := l.play(ctx, say, true)
		if s.done {
			s = l.listen(ctx, time.Now().Add(quiet))
		}
		switch {
		case s.what == ended || s.key != "" && ctx.Err() != nil:
			return l.end(ctx, phone.Result{Outcome: phone.Withdrawn})
		case s.key != "" || s.what == told:
			a := s.news
			if s.key != "" {
				a = l.press(ctx, s.key)
			}
			if a.End {
				return l.close(ctx, a.Say, phone.Result{Outcome: a.Result})
			}
			l.learn(ctx, a)
			if say = l.a.speak(ctx, l.c.Lang, a.Say); a.Again {
				say = say.and(l.prompt)
			}
		case s.down:
			return l.end(ctx, l.heardOut("hung up"))
		case s.what == broken:
			if r := l.recover(ctx); r.Outcome != "" {
				return r
			}
			if r := l.prepare(ctx); r.Outcome != "" {
				return l.end(ctx, r)
			}
			say = l.prompt
		case repeats >= l.c.Repeat:
			return l.end(ctx, l.heardOut("no key was pressed"))
		default:
			repeats++
			say = l.prompt
		}
	}
	return l.end(ctx, l.heardOut("the call lasted too long"))
}

// heardOut is the result of a line that was answered and pressed no key. When
// Asterisk could play nothing at all nobody has heard anything.
func (l *leg) heardOut(cause string) phone.Result {
	if l.mute && !l.spoke {
		return l.lost("the call was answered, and Asterisk could play nothing: see its log, and whether it can read the sounds folder; " + cause)
	}
	return phone.Result{Outcome: phone.Heard, Cause: cause}
}

// close says the last sentences, as long as somebody hears them, and hangs up.
// Nothing that happens meanwhile changes the result.
func (l *leg) close(ctx context.Context, last []phone.Sentence, r phone.Result) phone.Result {
	l.news = nil
	if len(last) > 0 && ctx.Err() == nil {
		l.play(ctx, l.a.speak(ctx, l.c.Lang, last), false)
	}
	return l.end(ctx, r)
}

// learn makes an answer's prompt the one that is said from now on.
func (l *leg) learn(ctx context.Context, a phone.Answer) {
	if a.Prompt != nil && !a.End {
		l.prompt = l.a.speak(ctx, l.c.Lang, a.Prompt)
	}
}

// press does what a key says.
func (l *leg) press(ctx context.Context, key string) phone.Answer {
	if l.c.Press == nil {
		return phone.Answer{}
	}
	ctx, cancel := context.WithTimeout(ctx, pressTime)
	defer cancel()
	return l.c.Press(ctx, key)
}

// listen waits for a key.
func (l *leg) listen(ctx context.Context, until time.Time) stop {
	for {
		e, what, news := l.wait(ctx, until)
		if what != event {
			return stop{what: what, news: news}
		}
		if s := l.heard(e); s.key != "" || s.down {
			return s
		}
	}
}

// heard reads an event of somebody on the line.
func (l *leg) heard(e ari.Event) stop {
	switch e := e.(type) {
	case *ari.ChannelDtmfReceived:
		if e.Channel.ID == l.id {
			return stop{key: e.Digit}
		}
	case *ari.ChannelDestroyed:
		return stop{down: e.Channel.ID == l.id}
	case *ari.StasisEnd:
		return stop{down: e.Channel.ID == l.id}
	}
	return stop{}
}
