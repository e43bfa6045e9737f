package hotline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/web"
	"tebiki/bot/config"
	"tebiki/bot/hotline/recording"
	"tebiki/escalation"
	"tebiki/store"
)

func TestStrangerReports(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.core.onSubmit = func() {
			if len(w.tapes.kept) != 1 {
				t.Error("the alert was submitted before its recording was kept")
			}
		}
		c := &caller{number: stranger, keys: []string{"3"}}
		c.onSay = func(words string) {
			if strings.HasPrefix(words, "ありがとうございます。") && len(w.all()) != 1 {
				t.Error("thanks came before the commit")
			}
		}
		w.calls(c).expect(t, "発信音のあとに", "インシデント I-1 を登録しました。佐藤さんに連絡しています。", "お電話ありがとうございました")
		inc := w.all()[0]
		a := inc.Root
		if a.Source != "telephone" || a.Severity != "critical" || a.Link != "https://tebiki.example.org/recordings/tape-1" || a.Labels["caller"] != stranger ||
			a.Summary != "電話で障害の通報がありました: 0312345678(録音 30秒)" || inc.Status != escalation.Open || inc.Now != "sato" || a.Labels["team"] != "" {
			t.Errorf("the alert is %+v, and %q is called", a, inc.Now)
		}
		if got := w.tapes.kept["tape-1"]; !strings.HasPrefix(got, "RIFF") || len(got) != 12+30*5 {
			t.Errorf("kept %q", got)
		}
		if n := w.flow.Figures(); n.Reports != 1 || n.Calls[Done] != 1 || n.Unheard != 0 {
			t.Errorf("figures are %+v", n)
		}
		w.logged("somebody called", "caller=0312345678", "reported I-1", "tape-1")
	})
}

// The alert of somebody known has their name, and goes where their team's do.
func TestColleagueReports(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.press(smith, "3", "1").expect(t, "After the tone", "Incident I-1 was opened, and Smith is being called.", "Press 1 for the open", "Incident I-1.")
		a := w.all()[0].Root
		if a.Labels["raised_by"] != "Smith" || a.Labels["team"] != "platform" || a.Summary != "Outage reported by telephone from Smith (recording: 30 seconds)" {
			t.Errorf("the alert is %+v", a)
		}
		w.press("", "1", satoPIN, "3")
		if a := w.all()[0].Root; a.Summary != "電話で障害の通報がありました: 佐藤(録音 30秒)" || a.Labels["caller"] != "" {
			t.Errorf("the alert is %+v", a)
		}
		w.press("", "3")
		if a := w.all()[0].Root; !strings.Contains(a.Summary, "非通知") {
			t.Errorf("the alert is %+v", a)
		}
	})
}

// Two reports of one caller within ten minutes are one incident with two
// recordings.
func TestSecondReport(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.press(stranger, "3")
		wait(8 * time.Minute)
		w.restart()
		w.calls(&caller{id: "call-2", number: "+81-3-1234-5678", keys: []string{"3"}}).expect(t, "インシデント I-1 に追加しました。鈴木さんに連絡しています。")
		links := ""
		for _, m := range w.alerts(1) {
			links += m.Alert.Link + " "
		}
		if len(w.all()) != 1 || !strings.Contains(links, "tape-1 ") || !strings.Contains(links, "tape-2 ") {
			t.Errorf("%d incidents, links %s", len(w.all()), links)
		}
		w.submit(escalation.Ack{Incident: 1, Person: "suzuki"})
		w.calls(&caller{id: "call-3", number: stranger, keys: []string{"3"}}).expect(t, "インシデント I-1 に追加しました。鈴木さんが対応中です。")
		w.press("0399999999", "3").expect(t, "インシデント I-2 を登録しました")
		wait(time.Minute)
		w.press(stranger, "3").expect(t, "インシデント I-3 を登録しました")
	})
}

// Of those who withhold their number nobody knows who is one with whom: each
// call is an incident, as many reports as it has.
func TestReportsOfTheUnknown(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for i, number := range []string{"", "", "anonymous", "anonymous", "Restricted"} {
			c := w.calls(&caller{id: fmt.Sprint("call-", i), number: number, keys: []string{"3"}})
			c.expect(t, fmt.Sprintf("インシデント I-%d を登録しました", i+1))
		}
		w.calls(&caller{id: "again", keys: []string{"3"}}).expect(t, "インシデント I-6 を登録しました")
		w.calls(&caller{id: "again", keys: []string{"3"}}).expect(t, "インシデント I-6 に追加しました")
	})
}

// What somebody has declared over is not what is reported now.
func TestReportAfterFix(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.press(stranger, "3")
		w.submit(escalation.Fix{Incident: 1, Person: "sato"})
		wait(time.Minute)
		w.press(stranger, "3").expect(t, "インシデント I-2 を登録しました。佐藤さんに連絡しています。")
	})
}

// Two at the same time under one number know of each other.
func TestReportsAtOnce(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		done := make(chan struct{})
		for _, id := range []string{"a", "b"} {
			go func() {
				defer func() { done <- struct{}{} }()
				w.flow.Answer(t.Context(), &caller{id: id, number: stranger, keys: []string{"3"}})
			}()
		}
		<-done
		<-done
		if list := w.all(); len(list) != 1 || list[0].Members != 2 {
			t.Errorf("%d incidents, the first of %d alerts", len(list), list[0].Members)
		}
	})
}

// What is remembered of callers does not grow.
func TestRememberedIsForgotten(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for _, number := range []string{"0310000001", "0310000002", "0310000003"} {
			w.press(number, "3")
			wait(11 * time.Minute)
		}
		w.press(stranger, "3")
		n := 0
		if err := w.store.View(t.Context(), func(tx store.Reader) error {
			for range tx.Scan(bucket, "", "") {
				n++
			}
			return nil
		}); err != nil || n != 1 {
			t.Errorf("%d callers are remembered, %v", n, err)
		}
	})
}

// Whoever hangs up after speaking has reported.
func TestHangUpAfterSpeaking(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		c := &caller{id: "x", number: stranger, keys: []string{"3"}}
		c.words = []phone.Recording{{Duration: 5 * time.Second, WAV: io.NopCloser(hangsUp{strings.NewReader("RIFF....WAVEfire"), func() { c.mu.Lock(); c.gone = true; c.mu.Unlock(); cancel() }})}}
		w.flow.Answer(ctx, c)
		if list := w.all(); len(list) != 1 || list[0].Root.Link == "" {
			t.Errorf("the incidents are %+v", list)
		}
	})
}

// hangsUp ends the call while the recording is stored.
type hangsUp struct {
	io.Reader
	end func()
}

func (h hangsUp) Read(b []byte) (int, error) { h.end(); return h.Reader.Read(b) }

func TestHangUpBeforeSpeaking(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for op := 4; op <= 5; op++ { // the instructions, and the recording
			w.calls(&caller{number: stranger, keys: []string{"3"}, fault: func(n int) error {
				if n == op {
					return phone.ErrHungUp
				}
				return nil
			}})
		}
		if list := w.all(); len(list) != 0 {
			t.Errorf("the incidents are %+v", list)
		}
		w.logged("hung up before a report")
	})
}

func TestNothingHeard(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		short := func() phone.Recording { return speech(500 * time.Millisecond) }
		c := w.calls(&caller{number: stranger, keys: []string{"3"}, words: []phone.Recording{short(), {}}})
		c.expect(t, "発信音のあとに、場所", "お声が聞こえませんでした", "通報は行いませんでした")
		if len(w.all()) != 0 || len(w.tapes.kept) != 0 {
			t.Error("silence was reported")
		}
		w.calls(&caller{number: stranger, keys: []string{"3"}, words: []phone.Recording{short()}}).expect(t, "お声が聞こえませんでした", "I-1 を登録しました")
	})
}

// The alert is raised whatever became of the recording.
func TestReportWithoutRecording(t *testing.T) {
	broken := func(w *world) { w.tapes.fail = errors.New("disk: secret path") }
	for name, c := range map[string]struct {
		prepare func(*world)
		caller  *caller
	}{
		"not stored":   {broken, &caller{}},
		"not readable": {func(*world) {}, &caller{words: []phone.Recording{{Duration: 9 * time.Second, WAV: io.NopCloser(iotest.ErrReader(errors.New("secret path")))}}}},
		"no WAV":       {func(*world) {}, &caller{words: []phone.Recording{{Duration: 9 * time.Second}}}},
		"not recorded": {func(*world) {}, &caller{fault: func(op int) error {
			if op == 5 {
				return errLine
			}
			return nil
		}}},
		"not even asked": {func(*world) {}, &caller{fault: func(op int) error {
			if op == 4 || op == 5 {
				return errLine
			}
			return nil
		}}},
		"after much trouble": {func(w *world) { w.tapes.fail = errors.New("full") }, &caller{fault: func(op int) error {
			if op <= 3 || op == 5 {
				return errLine
			}
			return nil
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				c.prepare(w)
				c.caller.number, c.caller.keys = stranger, []string{"3"}
				w.calls(c.caller)
				c.caller.expect(t, "お声は録音できませんでした", "I-1 を登録しました。佐藤さんに")
				c.caller.expectNot(t, "secret")
				list := w.all()
				if len(list) != 1 || list[0].Root.Link != "" || !strings.Contains(list[0].Root.Summary, "録音なし") {
					t.Errorf("the incidents are %+v", list)
				}
				if w.flow.Figures().Unheard != 1 {
					t.Errorf("figures are %+v", w.flow.Figures())
				}
			})
		})
	}
}

// A recording that never comes to its end is not waited for.
func TestEndlessRecording(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		r, wr := io.Pipe()
		defer wr.Close()
		c := &caller{id: "x", number: stranger, keys: []string{"3"}, words: []phone.Recording{{Duration: 9 * time.Second, WAV: r}}}
		c.fault = func(int) error { return nil }
		line := &closing{caller: c, pipe: r}
		w.flow.Answer(t.Context(), line)
		c.expect(t, "お声は録音できませんでした", "I-1 を登録しました")
	})
}

// closing gives the recording as it is, so that closing it ends its reading.
type closing struct {
	*caller
	pipe *io.PipeReader
}

func (c *closing) Record(ctx context.Context, limit time.Duration) (phone.Recording, error) {
	r, err := c.caller.Record(ctx, limit)
	r.WAV = c.pipe
	return r, err
}

// What cannot be stored at all is said to somebody.
func TestReportIsLost(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.core.submit = errors.New("disk: secret path")
		c := w.press(stranger, "3")
		c.expect(t, "通報を記録できませんでした。当番の佐藤さんに直接おつなぎします", "お電話ありがとうございました")
		c.expectNot(t, "登録しました", "secret")
		if len(c.rang) != 1 || c.rang[0] != "PJSIP/090-1111-1111@trunk" {
			t.Errorf("%q rang", c.rang)
		}
		c = w.calls(&caller{number: stranger, keys: []string{"3"}, talks: []phone.Outcome{phone.Busy}})
		c.expect(t, "おつなぎします", "通報は記録されていません。佐藤さんに直接お電話ください")
		if n := w.flow.Figures(); n.Lost != 2 || n.Reports != 0 {
			t.Errorf("figures are %+v", n)
		}
		w.logged("level=ERROR", "report could not be stored", "caller=0312345678", "recording=tape-1")
	})
}

// The rules may want an alert to wait. The caller hears so.
func TestReportThatWaits(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.rules.Low = append(w.rules.Low, "critical")
		w.press(stranger, "3").expect(t, "朝に担当者が確認します")
	})
	in(t, func(t *testing.T, w *world) {
		w.rules.Routes[2].Hold = escalation.Hold{For: 10 * time.Minute}
		w.press(stranger, "3").expect(t, "I-1 として記録しました。担当者への連絡は、まだ行っていません")
	})
	in(t, func(t *testing.T, w *world) {
		w.core.read = errors.New("away")
		w.press(stranger, "3").expect(t, "I-1 に記録しました")
	})
}

// Reports late in a call have all their time.
func TestLateReport(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		c := &caller{number: sato, keys: []string{"0", "3"}, slow: 4*time.Minute + 50*time.Second, words: []phone.Recording{speech(maxSpeak)}}
		w.calls(c).expect(t, "I-1 を登録しました")
		if a := w.incident(1).Root; a.Link == "" {
			t.Errorf("its recording is lost: %+v", a)
		}
	})
	in(t, func(t *testing.T, w *world) {
		many := make([]string, 20)
		for i := range many {
			many[i] = "3"
		}
		w.press(sato, many...)
		if inc := w.incident(1); inc.Members != maxReports {
			t.Errorf("%d reports on one call", inc.Members)
		}
	})
}

// The label by which reports belong together is the one that the
// configuration matches by.
func TestMatchedAsConfigured(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.press(stranger, "3")
		a := w.all()[0].Root
		if a.Field("labels."+config.ReportLabel) == "" || strings.Contains(a.Labels[config.ReportLabel], stranger) {
			t.Errorf("labels are %q", a.Labels)
		}
		synctest.Wait()
	})
}

// With the real folder, the link in the alert leads to what was said.
func TestRecordingIsFound(t *testing.T) {
	folder, err := recording.Open(t.TempDir(), recording.Limits{Number: 10, Age: time.Hour}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var console web.Recordings = folder
	in(t, func(t *testing.T, w *world) {
		w.flow.Recordings = folder
		var line phone.Answerer = w.flow
		line.Answer(t.Context(), &caller{id: "x", number: smith, keys: []string{"3"}})
		a := w.all()[0].Root
		id, ours := strings.CutPrefix(a.Link, "https://tebiki.example.org/recordings/")
		r, at, err := console.Recording(t.Context(), id)
		if err != nil || !ours || time.Since(at) > time.Minute {
			t.Fatalf("%s leads to %v of %s", a.Link, err, at)
		}
		defer r.Close()
		if data, err := io.ReadAll(r); err != nil || !strings.HasPrefix(string(data), "RIFF....WAVEvoice") {
			t.Errorf("it holds %q, %v", data, err)
		}
		if a.Labels["caller"] != smith {
			t.Errorf("the caller is %q", a.Labels["caller"])
		}
	})
}
