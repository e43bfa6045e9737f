package hotline

import (
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

func TestNobodyOnCall(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		delete(w.rules.Policies, "infra")
		w.rules.Policies["infra"] = w.rules.Policies["platform"]
		w.flow.Roster = small(t, "sato")
		c := w.press(suzuki, "2", "1", "#")
		c.expect(t, "インフラの当番は、佐藤さんです") // their leader
	})
}
