package hotline

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/escalation"
)

// However a number is written, whoever has it is known; all others may only
// report.
func TestWhoCalls(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "ping"))
		for number, hello := range map[string]string{
			sato: "佐藤さん", "09011111111": "佐藤さん", "819011111111": "佐藤さん", suzuki: "鈴木さん", "+81 90-2222-2222": "鈴木さん",
			smith: "Hello Smith", "1001": "Hello Lee",
		} {
			c := w.press(number, "1")
			c.expect(t, hello)
			c.expectNot(t, "こちらはテビキの受付です")
		}
		for _, number := range []string{"", "anonymous", "sato", "PJSIP/sato", "9011111111", "'; DROP TABLE people; --", "\x00\xff\r\nlevel=ERROR", strings.Repeat("9", 1<<20),
			"+8190111111112", "<script>alert(1)</script>", "011111111", "{name}"} {
			c := w.press(number, "2", "1", "", hangUp)
			c.expect(t, "こちらはテビキの受付です", "For English, press star", "障害を通報する場合は3")
			c.expectNot(t, "db 1", "佐藤", "鈴木")
		}
	})
	in(t, func(t *testing.T, w *world) {
		w.press("\x00\xff\r\nlevel=ERROR msg=broken", hangUp)
		if strings.Count(w.log.String(), "\n") != 1 || w.log.Len() > 1000 {
			t.Errorf("the log is %q", &w.log)
		}
		w.log.Reset()
		w.press(strings.Repeat("9", 1<<20), hangUp)
		if w.log.Len() > 1000 {
			t.Errorf("the log has %d bytes", w.log.Len())
		}
	})
}

func TestPIN(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		c := w.press("", "1", satoPIN, "1", "1", hangUp)
		c.expect(t, "暗証番号をお持ちの場合は1", "最後にシャープ", "佐藤さん、こちらはテビキです", "db 1", "受け付けました")
		if inc := w.incident(id); inc.AckBy != "sato" {
			t.Errorf("it is %q's", inc.AckBy)
		}
		w.logged("somebody called", "person=sato", "known_by=PIN")
		w.press(stranger, "1", smithPIN).expect(t, "ja: 暗証番号を入力", "en: Hello Smith", "en: Press 1")
		w.press(stranger, "*", "1", satoPIN).expect(t, "en: Please enter your PIN", "en: Hello 佐藤")
		w.press(stranger, "1", "*", satoPIN).expect(t, "en: Please enter your PIN", "en: Hello 佐藤")
		w.press(stranger, "1", "1234", satoPIN).expect(t, "暗証番号が違います", "佐藤さん")
		// Nothing pressed leads back to where one can report.
		w.press(stranger, "1", "", "3").expect(t, "暗証番号を入力", "障害を通報する場合は3", "発信音のあとに")
	})
}

func TestWrongPINs(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.raise(alert("db1", "ping"))
		c := w.press(stranger, "1", "1234", "99999999999999999", "'; --", satoPIN, "1")
		c.expect(t, "違います", "違います", "違います", "3回違いました")
		c.expectNot(t, "佐藤", "db 1")
		w.logged("level=WARN", "wrong PINs", "caller=0312345678")
		w.logged("somebody called", `result="wrong PINs"`)
		if s := w.log.String(); strings.Contains(s, "1234 ") || strings.Contains(s, "99999999") {
			t.Errorf("the log holds what was pressed:\n%s", s)
		}
		if n := w.flow.Figures().WrongPINs; n != 3 {
			t.Errorf("%d wrong PINs were counted", n)
		}
		// The right one comes too late, and can be told again after a minute.
		w.press("+81-3-1234-5678", "1", satoPIN, "3", hangUp).expect(t, "暗証番号は受け付けられません", "障害を通報する場合は3", "発信音のあとに")
		w.logged("locked out")
		w.press("0399999999", "1", satoPIN).expect(t, "佐藤さん")
		wait(time.Minute)
		w.press(stranger, "1", satoPIN).expect(t, "佐藤さん")
	})
}

// Three wrong ones end the call, whatever is pressed between them.
func TestWrongPINsOfOneCall(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := w.press(stranger, "1", "1234", "", "1", "1234", "", "1", "1234", "3", satoPIN)
		c.expect(t, "違います", "障害を通報する場合は3", "違います", "障害を通報する場合は3", "違います", "3回違いました")
		c.expectNot(t, "発信音", "佐藤")
		w.logged("somebody called", `result="wrong PINs"`)
		if n := w.flow.Figures().WrongPINs; n != 3 {
			t.Errorf("%d wrong PINs were counted", n)
		}
	})
}

// Two who chose the same number are not let in as each other.
func TestSamePIN(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := w.press("", "1", "73926")
		c.expect(t, "違います")
		c.expectNot(t, "鈴木", "Lee")
		w.logged("level=ERROR", "same PIN", "tebiki pin")
	})
}

func TestWithoutPINs(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.flow.Roster = small(t, "sato")
		c := w.press("", "1", "3")
		c.expect(t, "1番には何もありません", "発信音のあとに")
		c.expectNot(t, "暗証番号")
	})
}

func TestGuard(t *testing.T) {
	var g guard
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	allowed := func(n int) (got int) {
		for range n {
			if g.allow("a", now) {
				got++
			}
		}
		return got
	}
	for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute} {
		if got := allowed(20); got != maxPINs {
			t.Errorf("before the pause of %s there were %d guesses", pause, got)
		}
		now = now.Add(pause - time.Second)
		if allowed(1) != 0 {
			t.Errorf("a guess after %s", pause-time.Second)
		}
		now = now.Add(time.Second)
	}
	if !g.allow("a", now) {
		t.Error("no guess after the pause")
	}
	g.forgive("a")
	if got := allowed(20); got != maxPINs {
		t.Errorf("%d guesses after a right one", got)
	}
	if lock(1000) != lockMost {
		t.Errorf("a lock of %s", lock(1000))
	}
}

// Whoever calls under many numbers gets no further.
func TestGuardAgainstMany(t *testing.T) {
	var g guard
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	for day := range 3 {
		guesses := 0
		for i := range 24 * 12 {
			for j := range 10 {
				if g.allow(fmt.Sprint(day, i, j), now) {
					guesses++
				}
			}
			now = now.Add(5 * time.Minute)
		}
		if guesses > 24*maxGuesses {
			t.Errorf("%d guesses in a day", guesses)
		}
		if len(g.callers) > maxGuessers || len(g.all) > maxGuesses {
			t.Errorf("%d callers and %d guesses are remembered", len(g.callers), len(g.all))
		}
	}
}

// So many callers, and then words, and then silence.
func TestBusy(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.raise(alert("db1", "ping"))
		long := []string{"1", "0", "0", "0", "0"}
		callers := make([]*caller, 6)
		done := make(chan struct{})
		for i := range callers {
			callers[i] = &caller{id: fmt.Sprint("call-", i), number: sato, keys: long, slow: 10 * time.Second}
			go func() {
				defer func() { done <- struct{}{} }()
				w.flow.Answer(t.Context(), callers[i])
			}()
			synctest.Wait()
		}
		if n := w.flow.Figures().Talking; n != 2 {
			t.Errorf("%d are talking", n)
		}
		for range callers {
			<-done
		}
		busy := 0
		for _, c := range callers {
			if len(c.heard) == 1 {
				c.expect(t, "回線が混み合っています")
				busy++
			}
		}
		n := w.flow.Figures()
		if busy != 2 || n.Calls[Busy] != 4 || n.Calls[HungUp] != 2 || n.Talking != 0 {
			t.Errorf("%d heard that all lines are busy; %+v", busy, n)
		}
		w.press(sato, "1", "1").expect(t, "受け付けました")
		if w.incident(id).Status != escalation.Acknowledged {
			t.Error("afterwards nobody could acknowledge")
		}
	})
}

// Where numbers are not trusted a known one opens nothing: its owner is
// spoken to in their language, proves who they are, and until then reports as
// a stranger.
func TestNumbersAreNotTrusted(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.flow.AskPIN = true
		id := w.raise(alert("db1", "ping"))
		forged := w.calls(&caller{number: sato, keys: []string{"1", "111111", hangUp}})
		forged.expectNot(t, "佐藤", "db 1")
		if by := w.incident(id).AckBy; by != "" {
			t.Errorf("%s has it", by)
		}
		w.calls(&caller{id: "call-2", number: sato, keys: []string{"1", satoPIN, "1", "1", hangUp}}).expect(t, "暗証番号", "佐藤さん", "db 1")
		if by := w.incident(id).AckBy; by != "sato" {
			t.Errorf("%q has it", by)
		}
		w.logged("somebody called", "known_by=PIN", "person=sato")
		w.calls(&caller{id: "call-3", number: smith, keys: []string{"3", hangUp}}).expect(t, "en: ", "en: ")
		reported := w.all()[0]
		if l := reported.Root.Labels; l["raised_by"] != "" || l["caller"] != smith {
			t.Errorf("its labels are %v", l)
		}
	})
}
