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
