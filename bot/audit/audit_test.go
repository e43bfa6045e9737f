package audit_test

import (
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/audit"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/storetest"
)

// TestGrows: each run leaves its beginning and its end, whoever runs them at
// once, and the tallies count them.
func TestGrows(t *testing.T) {
	l := &audit.Log{Store: store.NewMemory(), Log: slog.New(slog.DiscardHandler)}
	began := time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, name := range []string{"df", "uptime"} {
				r := check.Run{Who: "sato", Ticket: "T-1", Check: name, Command: name + " -h", Where: "server", Host: "web1", Started: began}
				if err := l.Keep(t.Context(), r); err != nil {
					t.Error(err)
				}
				r.Ended, r.Began, r.Took = true, true, time.Second
				if name == "uptime" {
					r.Reason = check.Late
				}
				if err := l.Keep(t.Context(), r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	tallies, err := l.Tallies(t.Context())
	if d := cmp.Diff(map[string]audit.Tally{"df": {Ran: 8, Well: 8}, "uptime": {Ran: 8}}, tallies); d != "" || err != nil {
		t.Errorf("tallies (-want +got):\n%s%v", d, err)
	}
	n := uint64(0)
	for {
		piece, err := l.After(t.Context(), n, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range piece {
			if n++; r.Number != n || r.Who != "sato" || r.Host != "web1" || r.Ended != (r.Took > 0) || !r.Started.Equal(began) {
				t.Errorf("record %d: %+v", n, r)
			}
		}
		if len(piece) < 5 {
			break
		}
	}
	if n != 32 {
		t.Errorf("%d records, want 32", n)
	}
	if piece, err := l.After(t.Context(), math.MaxUint64, 5); err != nil || len(piece) != 0 {
		t.Errorf("after the largest number come %d records, %v", len(piece), err)
	}
}

// TestTried: what was never let begin is counted apart, unless nobody waited
// for it.
func TestTried(t *testing.T) {
	l := &audit.Log{Store: store.NewMemory(), Log: slog.New(slog.DiscardHandler)}
	for _, reason := range []check.Reason{check.Denied, check.Refused, check.Unlisted, check.Stopped} {
		if err := l.Keep(t.Context(), check.Run{Check: "rm", Started: time.Now(), Ended: true, Reason: reason}); err != nil {
			t.Fatal(err)
		}
	}
	tallies, err := l.Tallies(t.Context())
	if d := cmp.Diff(map[string]audit.Tally{"rm": {Tried: 3}}, tallies); d != "" || err != nil {
		t.Errorf("tallies (-want +got):\n%s%v", d, err)
	}
}

// TestNotKept: what cannot be kept is an error, which keeps a check from
// beginning; the end of one that ran is complained of in the log.
func TestNotKept(t *testing.T) {
	st := storetest.NewFaulty(store.NewMemory())
	var log strings.Builder
	l := &audit.Log{Store: st, Log: slog.New(slog.NewTextHandler(&log, nil))}
	st.Fail(errors.New("full"))
	if err := l.Keep(t.Context(), check.Run{Check: "df"}); err == nil || log.Len() > 0 {
		t.Errorf("%v, log %q", err, log.String())
	}
	if err := l.Keep(t.Context(), check.Run{Check: "df", Ended: true}); err == nil || !strings.Contains(log.String(), "the end of a check is missing") {
		t.Errorf("%v, log %q", err, log.String())
	}
}
