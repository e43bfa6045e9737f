package hotline

import (
	"context"
	"slices"
	"testing"
	"time"

	"tebiki/adapters/phone"
)

func TestDuty(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := w.press(suzuki, "2", "1", "#", hangUp)
		c.expect(t, "インフラの当番は、佐藤さんです。", "次は、鈴木さんです。", "次は、Leeさんです。", "佐藤さんにつなぐ場合は、1を", "ほかのチームの場合は、9を",
			"佐藤さんにおつなぎします", "佐藤さんとの通話は終わりました", "当番は、佐藤さん", "当番の確認")
		if !slices.Equal(c.rang, []string{"PJSIP/090-1111-1111@trunk"}) {
			t.Errorf("%q rang", c.rang)
		}
		w.logged("somebody called", "asked for sato: heard")
	})
}

func TestConnectionsThatFail(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for outcome, words := range map[phone.Outcome]string{
			phone.NotAnswered: "Smith does not answer.", phone.Busy: "The line of Smith is busy.", phone.Unreachable: "Smith could not be reached.",
			phone.Failed: "Smith could not be reached.", phone.Withdrawn: "Smith could not be reached.", "": "Smith could not be reached.", "nonsense": "Smith could not be reached.",
		} {
			c := w.calls(&caller{number: lee, keys: []string{"2", "1", "#"}, talks: []phone.Outcome{outcome}})
			c.expect(t, "I am connecting you to Smith", words, "To speak to Smith, press 1")
		}
		c := w.calls(&caller{number: lee, keys: []string{"2", "1"}, fault: func(op int) error {
			if op == 5 {
				return errLine
			}
			return nil
		}})
		c.expect(t, "I am connecting you to Smith", "Smith could not be reached.")
	})
}

func TestOtherTeam(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := w.press(suzuki, "2", "9", "2", "1", hangUp)
		c.expect(t, "ほかのチーム", "インフラは、1を", "Platformは、2を", "Platformの当番は、Smithさんです", "Smithさんにおつなぎします")
		if !slices.Equal(c.rang, []string{"+44 20 7946 0018"}) {
			t.Errorf("%q rang", c.rang)
		}
		w.press(suzuki, "2", "9", "#", "#").expect(t, "Platformは、2を", "インフラの当番は", "当番の確認")
		w.press(suzuki, "2", "9", "5", "").expect(t, "5番には何もありません", "お電話ありがとうございました")
	})
}

func TestOnCallIsMyself(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := w.press(sato, "2", "1", "#")
		c.expect(t, "それはあなたです", "佐藤さんにつなぐ")
		if len(c.rang) != 0 {
			t.Errorf("%q rang", c.rang)
		}
	})
}

// A conversation is not cut off, and afterwards there is time to hear what to
// do next.
func TestLongConversation(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		began := time.Now()
		w.press(suzuki, "2", "1", hangUp).expect(t, "通話は終わりました", "当番は、佐藤さん")
		if took := time.Since(began); took < 20*time.Minute || took > 21*time.Minute {
			t.Errorf("it took %s", took)
		}
		many := []string{"2"}
		for range 20 {
			many = append(many, "1")
		}
		c := w.press(suzuki, many...)
		if len(c.rang) != maxTalks {
			t.Errorf("%d connections on one call", len(c.rang))
		}
		c.expect(t, "お時間になりました")
	})
}

// What lasts as long as a talk may has been one, and every caller's longest
// call is shorter than what the line allows: its end is never taken for that
// of the process.
func TestLongestConversation(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		began := time.Now()
		c := w.calls(&caller{number: suzuki, keys: []string{"2", "1", "1", "1", "1", "1", "1"}, talkative: 5 * time.Hour})
		c.expect(t, "通話は終わりました", "通話は終わりました", "お時間になりました")
		c.expectNot(t, "つながりませんでした")
		w.logged("somebody called", "too long")
		if took := time.Since(began); took < maxTalks*maxTalk || took > phone.LongestVisit {
			t.Errorf("it took %s", took)
		}
	})
	if most := maxCall + maxTalks*(maxTalk+extension) + maxReports*(maxSpeak+maxWords+extension) + maxWords; most > phone.LongestVisit {
		t.Errorf("a call may take %s, and a line %s", most, phone.LongestVisit)
	}
}

// A line that ends after its time has been on for too long, which is not the
// process's end.
func TestLineEnds(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for want, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"too long": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Minute)
			},
			"cut off": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Minute, cancel)
				return ctx, cancel
			},
		} {
			ctx, cancel := end(t.Context())
			w.log.Reset()
			w.flow.Answer(ctx, &caller{id: "call-1", number: suzuki, keys: []string{"2", "1"}})
			w.logged("somebody called", "result=\""+want+"\"")
			cancel()
		}
	})
}

func TestNobodyOnCall(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		delete(w.rules.Policies, "infra")
		w.rules.Policies["infra"] = w.rules.Policies["platform"]
		w.flow.Roster = small(t, "sato")
		c := w.press(suzuki, "2", "1", "#")
		c.expect(t, "インフラの当番は、佐藤さんです") // their leader
	})
}
