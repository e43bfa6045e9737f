package urgent

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech/recorded"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/bot/text"
	"tebiki/escalation"
)

// listening is a phone whose person presses every key, and which keeps what
// recorded words would say.
type listening struct {
	mu    sync.Mutex
	fixed []string
}

func (l *listening) Call(ctx context.Context, c phone.Call) (phone.Result, error) {
	l.hear(c.Prompt)
	for _, key := range []string{"9", "3", "2"} {
		a := c.Press(ctx, key)
		l.hear(a.Say)
		l.hear(a.Prompt)
		if a.End {
			return phone.Result{Outcome: a.Result}, nil
		}
	}
	return phone.Result{Outcome: phone.Heard}, nil
}

func (l *listening) hear(say []phone.Sentence) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range say {
		l.fixed = append(l.fixed, strings.Fields(s.Fixed)...)
	}
}

// TestRecordedWordsExist: a name that no sound has would be silence in the
// night in which nothing else speaks.
func TestRecordedWordsExist(t *testing.T) {
	var l listening
	in(t, func(_ *testing.T, w *world) {
		w.auto = &l
		three(w)
		w.stop()
		time.Sleep(time.Minute)
		w.start()
		wait(20 * time.Minute)
		f := Flow{Roster: people(w.t, w.lang)}
		for _, s := range []escalation.Status{escalation.Open, escalation.Held, escalation.Acknowledged, escalation.Resolved, escalation.Closed, ""} {
			l.hear([]phone.Sentence{f.overSentence(text.For(w.lang, time.UTC), escalation.Incident{Status: s}, f.Roster.People()[0])})
		}
	})
	folder, err := sounds.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	voice, err := recorded.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"ja", "en"} {
		names := voice.Names(lang)
		for _, word := range l.fixed {
			if !strings.HasPrefix(word, "number:") && !slices.Contains(names, word) {
				t.Errorf("there is no sound %q in %s", word, lang)
			}
		}
	}
	for _, want := range []string{"hello", "alert", "menu", "wrong", "procedure", "passed", "incidents", "number:3", "over-held"} {
		if !slices.Contains(l.fixed, want) {
			t.Errorf("nothing said %q: %q", want, l.fixed)
		}
	}
}
