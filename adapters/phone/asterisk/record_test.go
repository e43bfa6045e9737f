package asterisk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

const (
	silent    = -1          // a recording in which nobody speaks
	minReport = time.Second // what is shorter is no report to those who ask for one
)

func TestRecord(t *testing.T) {
	s := time.Second
	speak := asterisktest.Step{After: 2 * s, Say: 8 * s}
	for _, c := range []struct {
		name     string
		spoil    func(*world)
		script   asterisktest.Script
		err      bool
		hungUp   bool
		kept     int
		most     time.Duration
		shortest time.Duration
	}{
		{"silence", nil, steps(speak), false, false, 0, 20 * s, 8 * s},
		{"hash", nil, steps(speak, asterisktest.Step{Key: "#"}), false, false, 0, 12 * s, 8 * s},
		{"any key", nil, steps(speak, asterisktest.Step{Key: "5"}), false, false, 0, 12 * s, 8 * s},
		{"hung up", nil, steps(speak, asterisktest.Step{HangUp: true}), false, false, 0, 12 * s, 8 * s},
		{"the limit", nil, steps(asterisktest.Step{After: 2 * s, Say: 90 * s}), false, false, 0, 33 * s, 29 * s},
		{"one word", nil, steps(asterisktest.Step{After: 2 * s, Say: s}), false, false, 0, 12 * s, s},
		{"nothing is said", nil, steps(), false, false, 0, 8 * s, silent},
		{"nothing is said, and its end is not told", func(w *world) { w.fake.Disturb("RecordingFinished", 1, asterisktest.Trouble{Lose: true}) }, steps(), false, false, 0, 13 * s, silent},
		{"hung up after silence", nil, steps(asterisktest.Step{After: 5500 * time.Millisecond, HangUp: true}), false, false, 0, 8 * s, silent},
		{"a key after silence", nil, steps(asterisktest.Step{After: 5500 * time.Millisecond, Key: "#"}), false, false, 0, 8 * s, silent},
		{"a cough", nil, steps(asterisktest.Step{After: 3 * s, Say: 200 * time.Millisecond}, asterisktest.Step{After: s, HangUp: true}), false, false, 0, 8 * s, silent},
		{"hung up before a word", nil, steps(asterisktest.Step{HangUp: true}), false, true, 0, 5 * s, 0},
		{"it cannot be had at first", func(w *world) { w.fake.Fail("GET recordings/stored/*/file", 3, asterisktest.Unavailable()) }, steps(speak), false, false, 0, 23 * s, 8 * s},
		{"its answer breaks", func(w *world) { w.fake.Fail("GET recordings/stored/*/file", 2, asterisktest.Fault{Cut: true}) }, steps(speak), false, false, 0, 23 * s, 8 * s},
		{"a page in its place", func(w *world) {
			w.fake.Fail("GET recordings/stored/*/file", -1, asterisktest.Fault{Status: http.StatusOK, Body: "<html>"})
		}, steps(speak), true, false, 1, 40 * s, 0},
		{"it cannot begin", func(w *world) {
			w.fake.Fail("POST channels/*/record", 1, asterisktest.Fault{Status: http.StatusInternalServerError})
		}, steps(speak), true, false, 0, 2 * s, 0},
		{"its end is not told", func(w *world) { w.fake.Disturb("RecordingFinished", 1, asterisktest.Trouble{Lose: true}) }, steps(speak), false, false, 0, 26 * s, 8 * s},
		{"no event is told", func(w *world) { w.fake.Disturb("*", -1, asterisktest.Trouble{Lose: true}) }, steps(speak, asterisktest.Step{HangUp: true}), false, false, 0, 30 * s, 8 * s},
		{"the websocket breaks", func(w *world) { time.AfterFunc(5*s, w.fake.DropSockets) }, steps(speak), false, false, 0, 30 * s, 8 * s},
		{"the websocket freezes", func(w *world) { time.AfterFunc(5*s, w.fake.FreezeSockets) }, steps(speak), false, false, 0, 30 * s, 8 * s},
		{"Asterisk dies", func(w *world) { time.AfterFunc(5*s, w.fake.Die); time.AfterFunc(7*s, w.fake.Return) }, steps(speak), false, true, 0, 30 * s, 0},
		{"Asterisk hangs a little", func(w *world) { time.AfterFunc(5*s, w.fake.Hang); time.AfterFunc(9*s, w.fake.Resume) }, steps(speak), false, false, 0, 30 * s, 8 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.visit(c.script, func(ctx context.Context, l phone.Line) {
					if c.spoil != nil {
						c.spoil(w)
					}
					began := time.Now()
					rec, err := l.Record(ctx, 30*s)
					took := time.Since(began)
					w.fake.Mend()
					switch {
					case c.hungUp != errors.Is(err, phone.ErrHungUp) || (err != nil) != (c.err || c.hungUp):
						t.Errorf("it gave %v", err)
					case took > c.most:
						t.Errorf("it took %v", took)
					case err != nil:
						return
					}
					defer rec.WAV.Close()
					if c.shortest == silent && rec.Duration >= minReport {
						t.Errorf("%v of silence are a report", rec.Duration)
					}
					wav, err := io.ReadAll(rec.WAV)
					if got := time.Duration(max(0, len(wav)-44)) * time.Second / 16000; err != nil || got < c.shortest || rec.Duration < c.shortest {
						t.Errorf("%v were kept, said to be %v; %v", got, rec.Duration, err)
					}
				})
				if n := len(w.fake.Stored()); n != c.kept {
					t.Errorf("%d recordings are kept at Asterisk, want %d", n, c.kept)
				}
			})
		})
	}
}

// TestSpoken: of what Asterisk tells of a recording, and what is in it, either
// says that somebody speaks; a second that Asterisk tells may be silence.
func TestSpoken(t *testing.T) {
	const s = time.Second
	hum := func(quiet, loud time.Duration) []byte {
		out := asterisktest.WAV(quiet + loud)
		for i := wavHead + 2*int(quiet*8000/s); i+3 < len(out); i += 4 {
			out[i+1], out[i+3] = 0x20, 0xe0
		}
		return out
	}
	for _, c := range []struct {
		name   string
		wav    []byte
		talked time.Duration
		want   time.Duration
	}{
		{"silence", asterisktest.WAV(6 * s), 0, 0},
		{"silence of which a second is told", asterisktest.WAV(6 * s), s, 0},
		{"eighteen seconds of it, as Asterisk 22.10.1 told and kept them", asterisktest.WAV(200 * time.Millisecond), s, 0},
		{"a whisper that Asterisk heard", asterisktest.WAV(6 * s), 3 * s, 6 * s},
		{"a voice", hum(2*s, 4*s), 4 * s, 6 * s},
		{"a voice of which nothing is told", hum(2*s, 4*s), 0, 6 * s},
		{"a word", hum(s, 500*time.Millisecond), s, 1500 * time.Millisecond},
		{"a click", hum(4*s, 40*time.Millisecond), s, 0},
		{"a head alone", asterisktest.WAV(0), 3 * s, 0},
		{"cut short", []byte("RIFF"), 0, 0},
		{"of another kind", append([]byte("RIFF....WAVEgsm "), make([]byte, 2*16000+wavHead-16)...), 0, 2 * s},
	} {
		if got := spoken(c.wav, c.talked); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestNoFolder: an Asterisk that has no place for recordings is told so.
func TestNoFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Fail("POST channels/*/record", 1, asterisktest.Fault{Status: http.StatusInternalServerError, Body: `{"message":"Internal Server Error"}`})
		w.visit(steps(), func(ctx context.Context, l phone.Line) {
			_, err := l.Record(ctx, time.Minute)
			if err == nil || adapters.CodeOf(err) != adapters.Unavailable || !strings.Contains(err.Error(), "/var/spool/asterisk/recording") {
				t.Errorf("%v", err)
			}
		})
	})
}

// TestRecordTwice: what was recorded before is not given for what is said now.
func TestRecordTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake.Fail("DELETE recordings/stored/*", 1, asterisktest.Fault{Status: http.StatusInternalServerError})
		w.visit(steps(asterisktest.Step{After: 2 * time.Second, Say: 9 * time.Second}, asterisktest.Step{Key: "#"}, asterisktest.Step{After: 2 * time.Second, Say: time.Second}, asterisktest.Step{Key: "#"}), func(ctx context.Context, l phone.Line) {
			var sizes []int
			for range 2 {
				rec, err := l.Record(ctx, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				wav, _ := io.ReadAll(rec.WAV)
				sizes = append(sizes, len(wav))
			}
			if sizes[1] >= sizes[0] {
				t.Errorf("the recordings have %v bytes", sizes)
			}
		})
	})
}
