package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tapes hold one recording.
type tapes struct{ fail error }

const (
	tapeID = "20261125-030000-" + "0123456789abcdef0123456789abcdef"
	tape   = "RIFF....WAVE0123456789"
)

type tapeFile struct{ *strings.Reader }

func (tapeFile) Close() error { return nil }

func (d tapes) Recording(_ context.Context, id string) (io.ReadSeekCloser, time.Time, error) {
	switch {
	case d.fail != nil:
		return nil, time.Time{}, d.fail
	case id != tapeID:
		return nil, time.Time{}, missing(id)
	}
	return tapeFile{strings.NewReader(tape)}, minute, nil
}

func withTapes(c *Config) { c.Recordings = tapes{} }

func TestRecording(t *testing.T) {
	b := browser{t: t, h: newOffice().server(t, withTapes), person: "sato"}
	w := b.send("GET", "/recordings/"+tapeID, nil)
	h := w.Header()
	if w.Code != http.StatusOK || w.Body.String() != tape || h.Get("Content-Type") != "audio/wav" || h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("Cache-Control") != "no-store" || h.Get("Accept-Ranges") != "bytes" || h.Get("Content-Disposition") != `inline; filename="`+tapeID+`.wav"` {
		t.Errorf("%d, %v: %q", w.Code, h, w.Body)
	}
	b.header = http.Header{"Range": {"bytes=12-15"}}
	w = b.send("GET", "/recordings/"+tapeID, nil)
	if w.Code != http.StatusPartialContent || w.Body.String() != "0123" || w.Header().Get("Content-Range") != "bytes 12-15/22" {
		t.Errorf("%d, %v: %q", w.Code, w.Header(), w.Body)
	}
	b.header = http.Header{"Range": {"bytes=99-"}}
	if w := b.send("GET", "/recordings/"+tapeID, nil); w.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range that is not there: %d", w.Code)
	}
}

func TestRecordingMissing(t *testing.T) {
	b := browser{t: t, h: newOffice().server(t, withTapes), person: "sato"}
	for _, id := range []string{"x", "..", "%2e%2e%2fsecret", "a%22b", strings.Repeat("9", 4000)} {
		w := b.send("GET", "/recordings/"+id, nil)
		if w.Code != http.StatusNotFound && w.Code != http.StatusTemporaryRedirect && w.Code != http.StatusMovedPermanently || strings.Contains(w.Body.String(), "RIFF") {
			t.Errorf("%.20s: %d", id, w.Code)
		}
	}
	if w := (browser{t: t, h: newOffice().server(t), person: "sato"}).send("GET", "/recordings/"+tapeID, nil); w.Code != http.StatusNotFound {
		t.Errorf("without recordings: %d", w.Code)
	}
	broken := newOffice().server(t, func(c *Config) { c.Recordings = tapes{errors.New("disk: secret path")} })
	w := browser{t: t, h: broken, person: "sato"}.send("GET", "/recordings/"+tapeID, nil)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "secret path") {
		t.Errorf("a broken disk: %d\n%s", w.Code, w.Body)
	}
}

// A voice is for who has logged in.
func TestRecordingNeedsLogin(t *testing.T) {
	h := newOffice().server(t, withTapes, func(c *Config) { c.Password, c.SessionKey = "hunter2", make([]byte, 32) })
	w := browser{t: t, h: h}.send("GET", "/recordings/"+tapeID, nil)
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login?next=%2Frecordings%2F") {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("a\"\r\nb")
	f.Fuzz(func(t *testing.T, id string) {
		if got := fileName(id); strings.ContainsAny(got, "\"\r\n\\/") {
			t.Errorf("%q", got)
		}
	})
}
