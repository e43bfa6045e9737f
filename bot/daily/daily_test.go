package daily_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/daily"
	"tebiki/bot/roster"
	"tebiki/store"
)

func crew(t *testing.T) *roster.Roster {
	t.Helper()
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	r, err := roster.New([]roster.Person{{ID: "sato", Name: "佐藤", Team: "jp"}, {ID: "lee", Name: "Hannah", Team: "uk"}}, []roster.Team{
		{ID: "jp", Name: "インフラ", Leader: "sato", Lang: "ja", Zone: zone("Asia/Tokyo"), Morning: 9 * time.Hour, Holidays: map[string]bool{"2000-01-04": true}},
		{ID: "uk", Name: "Platform", Leader: "lee", Zone: zone("Europe/London"), Morning: 8 * time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMornings: each team's own time and days, each day once, also with a
// restart in between, and one that was missed as soon as it runs again. The
// bubble's clock begins on Saturday 2000-01-01 at midnight, UTC.
func TestMornings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, r := store.NewMemory(), crew(t)
		var done []string
		fail := true // the first time of all
		work := daily.Work{Name: "a thing", Bucket: "thing", Do: func(_ context.Context, team roster.Team, now time.Time) error {
			if fail {
				fail = false
				return errors.New("the chat is away")
			}
			done = append(done, team.ID+" "+now.UTC().Format("2006-01-02 15:04"))
			return nil
		}}
		var log strings.Builder
		clock := &daily.Clock{Store: st, Roster: r, Log: slog.New(slog.NewTextHandler(&log, nil))}
		for _, hours := range []time.Duration{49, 3, 12, 72} { // how long it runs; then it is away for two hours
			ctx, stop := context.WithTimeout(t.Context(), hours*time.Hour)
			if err := clock.Run(ctx, work); err != nil {
				t.Fatal(err)
			}
			stop()
			time.Sleep(2 * time.Hour)
		}
		want := []string{
			"jp 2000-01-03 00:01", // nine in Tokyo; the first try failed
			"uk 2000-01-03 08:00",
			"uk 2000-01-04 08:00", // a holiday in Japan
			"jp 2000-01-05 00:00",
			"uk 2000-01-05 08:00",
			"jp 2000-01-06 00:00",
			"uk 2000-01-06 08:00",
		}
		if d := cmp.Diff(want, done); d != "" {
			t.Errorf("mornings (-want +got):\n%s", d)
		}
		if n := strings.Count(log.String(), "the chat is away"); n != 1 {
			t.Errorf("%d lines in the log:\n%s", n, log.String())
		}
	})
}
