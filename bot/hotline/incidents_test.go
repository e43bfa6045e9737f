package hotline

import (
	"errors"
	"testing"
	"time"

	"tebiki/adapters/phone"
	"tebiki/escalation"
)

func TestAcknowledge(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		old := w.raise(alert("db1", "ping"))
		wait(3 * time.Minute)
		id := w.raise(alert("web1", "disk /var"))
		w.raise(escalation.Alert{Source: "x", Service: "api", Severity: "critical", Summary: "of another team", At: time.Now()})
		c := &caller{number: sato, keys: []string{"1", "3", "1", "#", hangUp}}
		c.onSay = func(words string) {
			if words == "受け付けました。対応をお願いします。" && w.incident(id).AckBy != "sato" {
				t.Error("it was confirmed before it was committed")
			}
		}
		w.calls(c)
		c.expect(t, "佐藤さん、こちらはテビキです。", "2件です。", "インシデント I-2。", "ウェブ 1", "まだ誰も対応していません。", "対応する場合は1を",
			"古いログを消す。", "インシデント I-2。", "受け付けました。対応をお願いします。", "インシデント I-1。", "db 1", "当番の確認")
		c.expectNot(t, "another team")
		inc := w.incident(id)
		if inc.Status != escalation.Acknowledged || inc.AckBy != "sato" || w.incident(old).Status != escalation.Open {
			t.Errorf("%s is %s by %q; %s is %s", id, inc.Status, inc.AckBy, old, w.incident(old).Status)
		}
		lines, err := w.runner.History(t.Context(), id)
		if err != nil || lines[len(lines)-1].Channel != escalation.Phone {
			t.Errorf("the history ends with %+v, %v", lines[len(lines)-1], err)
		}
		w.logged("somebody called", `caller=+819011111111`, `result="hung up"`, "person=sato", "known_by=number", "acknowledged I-2", "call=call-1")
	})
}

func TestOrder(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for _, host := range []string{"a", "b", "c", "d"} {
			w.raise(alert(host, "ping"))
		}
		w.submit(escalation.Ack{Incident: 4, Person: "sato"})
		w.submit(escalation.Ack{Incident: 3, Person: "suzuki"})
		w.press(sato, "1", "2", "2", "2", "2", hangUp).expect(t, "I-2", "まだ誰も", "I-1", "まだ誰も", "I-3", "鈴木さんが対応中です", "引き継ぐ場合は1", "I-4", "あなたが対応中です", "次を聞く場合は2", "以上です")
	})
}

func TestTakeOver(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		w.submit(escalation.Ack{Incident: id, Person: "suzuki"})
		w.press(sato, "1", "1").expect(t, "鈴木さんが対応中です。", "引き継ぐ場合は1", "受け付けました")
		if inc := w.incident(id); inc.AckBy != "sato" {
			t.Errorf("it is %q's", inc.AckBy)
		}
	})
}

// What is taken while it is read out is not taken away again unheard.
func TestTakenMeanwhile(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		c := &caller{number: sato, keys: []string{"1", "1", "2", hangUp}}
		c.onAsk = func(n int) {
			if n == 1 {
				w.submit(escalation.Ack{Incident: id, Person: "suzuki"})
			}
		}
		w.calls(c).expect(t, "まだ誰も", "状況が変わりました", "鈴木さんが対応中です", "以上です")
		if inc := w.incident(id); inc.AckBy != "suzuki" {
			t.Errorf("it is %q's", inc.AckBy)
		}
	})
}

func TestOverMeanwhile(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		c := &caller{number: sato, keys: []string{"1", "1", hangUp}}
		c.onAsk = func(n int) {
			if n == 1 {
				w.submit(escalation.Fix{Incident: id, Person: "suzuki"})
			}
		}
		w.calls(c).expect(t, "I-1 は、すでに終了しています", "以上です")
		c.expectNot(t, "受け付けました")
	})
}

// Mine has no key for taking it, until I am asked whether I am still at it.
func TestMine(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		w.submit(escalation.Ack{Incident: id, Person: "sato"})
		w.press(sato, "1", "1", "2").expect(t, "あなたが対応中です", "1番には何もありません", "以上です")
		wait(61 * time.Minute)
		if w.incident(id).Confirm.IsZero() {
			t.Fatal("nobody was asked")
		}
		w.press(sato, "1", "1").expect(t, "まだ対応を続けている場合は1", "受け付けました")
		if !w.incident(id).Confirm.IsZero() {
			t.Error("the answer did not count")
		}
	})
}

// A leader hears of all teams that they lead, a member of their own.
func TestWhoseIncidents(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "ping"))
		w.raise(escalation.Alert{Source: "x", Key: "1", Service: "api", Severity: "critical", Summary: "slow", At: time.Now()})
		w.press(lee, "1", "2", "2").expect(t, "Hello Lee", "not over: 2", "api", "db 1")
		c := w.press(smith, "1", "2")
		c.expect(t, "Hello Smith", "not over: 1", "api")
		c.expectNot(t, "db 1")
	})
}

func TestNoIncidents(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.press(sato, "1").expect(t, "対応が必要なインシデントはありません")
	})
}

func TestStorm(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.rules.Storm.Count = 2
		for _, host := range []string{"a", "b", "c", "d", "e"} {
			w.raise(alert(host, "ping"))
		}
		w.press(sato, "1").expect(t, "3件です", "I-3", "アラートが3件、多発しています")
	})
}

// The store is away: the caller hears it, and can do everything else.
func TestIncidentsTrouble(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		w.core.list = errors.New("disk: secret path")
		c := w.press(sato, "1", "2")
		c.expect(t, "現在、情報を読み出せません", "インフラの当番は、佐藤さんです")
		w.core.list, w.core.read = nil, errors.New("disk: secret path")
		c = w.press(sato, "1")
		c.expect(t, "現在、情報を読み出せません", "以上です", "当番の確認")
		c.expectNot(t, "secret")
		w.core.read, w.core.submit = nil, errors.New("disk: secret path")
		c = w.press(sato, "1", "1", "2")
		c.expect(t, "記録できませんでした。少し待って", "まだ誰も", "以上です")
		c.expectNot(t, "受け付けました", "secret")
		if w.incident(id).Status != escalation.Open {
			t.Error("it is acknowledged")
		}
		w.core.submit = nil
		w.press(sato, "1", "1").expect(t, "受け付けました")
	})
}

func TestLanguage(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "disk /"))
		c := w.press(sato, "*", "1", "3", "*", hangUp)
		c.expect(t, "ja: 佐藤さん", "ja: 対応が必要な", "en: Press 1 for the open incidents", "en: Incident I-1.", "en: Delete old logs.", "ja: インシデント I-1")
	})
}

func TestOneWhoPressesNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "disk /"))
		w.press(sato, "").expect(t, "お電話ありがとうございました")
		w.press(sato, "1", "").expect(t, "I-1", "お電話ありがとうございました")
		w.press(sato, "7", "A", "77", "#").expect(t, "7番には何もありません", "A番には", "77番には", "#番には")
		many := make([]string, 50)
		for i := range many {
			many[i] = "7"
		}
		w.press(sato, many...).expect(t, "7番には", "お電話ありがとうございました")
		w.logged(`result="nothing pressed"`)
		if n := w.flow.Figures().Calls[Silent]; n != 3 {
			t.Errorf("%d calls were silent", n)
		}
	})
}

func TestTooLong(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "disk /"))
		began := time.Now()
		keys := []string{"1", "3", "3", "3", "3", "3", "3", "3", "3", "3", "3", "3", "3", "3"}
		c := w.calls(&caller{number: sato, keys: keys, slow: time.Minute})
		c.expect(t, "I-1", "お時間になりました")
		if took := time.Since(began); took > maxCall+maxWords {
			t.Errorf("the call took %s", took)
		}
		if w.flow.Figures().Calls[TooLong] != 1 {
			t.Errorf("figures are %+v", w.flow.Figures())
		}
	})
}

// A line on which nothing works takes no time, and ends.
func TestBrokenLine(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := w.calls(&caller{number: sato, fault: func(int) error { return errLine }})
		if c.ops > 10 {
			t.Errorf("%d operations were tried", c.ops)
		}
		w.logged("result=failed", "asterisk answers 500", "level=WARN")
		c = w.calls(&caller{number: sato, keys: []string{"1"}, fault: func(op int) error {
			if op <= 2 {
				return errLine
			}
			return nil
		}})
		c.expect(t, "当番の確認", "インシデントはありません")
		w.calls(&caller{number: sato, fault: func(int) error { return phone.ErrHungUp }})
	})
}
