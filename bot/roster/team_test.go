package roster

import (
	"testing"
	"time"
)

func TestBusinessDay(t *testing.T) {
	team := Team{Zone: zone(t, "Asia/Tokyo"), Holidays: map[string]bool{"2026-12-31": true}}
	for at, want := range map[string]bool{
		"2026-11-27T14:59:59Z": true,  // Friday, one second before midnight in Tokyo
		"2026-11-27T15:00:00Z": false, // Saturday there, Friday in London
		"2026-11-29T14:59:59Z": false, // Sunday
		"2026-11-29T15:00:00Z": true,  // Monday there
		"2026-12-30T14:59:59Z": true,
		"2026-12-30T15:00:00Z": false, // the holiday begins
		"2026-12-31T15:00:00Z": true,  // and is over
	} {
		tm, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := team.BusinessDay(tm); got != want {
			t.Errorf("BusinessDay(%s) = %v", at, got)
		}
	}
}

// TestWorked counts working time of a team from nine to six in Tokyo.
func TestWorked(t *testing.T) {
	team := Team{Zone: zone(t, "Asia/Tokyo"), Morning: 9 * time.Hour, Evening: 18 * time.Hour, Holidays: map[string]bool{"2026-12-31": true}}
	for _, tt := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-11-25 10:00", "2026-11-25 12:30", 2*time.Hour + 30*time.Minute},
		{"2026-11-25 07:00", "2026-11-25 23:00", 9 * time.Hour},
		{"2026-11-25 17:00", "2026-11-26 10:00", 2 * time.Hour},
		{"2026-11-27 17:00", "2026-11-30 09:30", 90 * time.Minute}, // a weekend
		{"2026-11-28 00:00", "2026-11-29 23:59", 0},
		{"2026-12-30 18:00", "2027-01-01 12:00", 3 * time.Hour}, // a holiday
		{"2026-11-25 20:00", "2026-11-25 22:00", 0},
		{"2026-11-26 10:00", "2026-11-25 10:00", 0},
		{"1990-01-01 00:00", "2026-11-25 10:00", 1000 * 9 * time.Hour * 5 / 7}, // no more than is looked at
	} {
		at := func(s string) time.Time {
			v, err := time.ParseInLocation("2006-01-02 15:04", s, team.Zone)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		got := team.Worked(at(tt.from), at(tt.to))
		if tt.want > 1000*time.Hour {
			if got < tt.want-20*time.Hour || got > tt.want+20*time.Hour {
				t.Errorf("%s to %s: %s", tt.from, tt.to, got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("%s to %s: %s of work, want %s", tt.from, tt.to, got, tt.want)
		}
	}
}
