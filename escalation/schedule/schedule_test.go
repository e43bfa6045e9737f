package schedule

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func weekly(z *time.Location) *Schedule {
	return &Schedule{Name: "infra", Zone: z, Layers: []Layer{{
		Name: "primary", People: []string{"tanaka", "suzuki", "sato"},
		Start: time.Date(2026, 3, 23, 0, 0, 0, 0, z), Days: 7, At: 9 * time.Hour,
	}}}
}

// TestHandover walks over a change to summer time (29 March 2026 in Berlin):
// the handover stays at nine by the clock on the wall.
func TestHandover(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	s := weekly(z)
	s.Overrides = []Override{{Layer: "primary", Person: "lee", From: time.Date(2026, 4, 1, 12, 0, 0, 0, z), Until: time.Date(2026, 4, 2, 12, 0, 0, 0, z)}}
	for _, c := range []struct{ at, person, from, until string }{
		{"2026-03-01 00:00", "tanaka", "2026-02-23 09:00", "2026-03-02 09:00"},
		{"2026-03-23 08:59", "tanaka", "2026-03-16 09:00", "2026-03-23 09:00"},
		{"2026-03-23 09:00", "tanaka", "2026-03-23 09:00", "2026-03-30 09:00"},
		{"2026-03-30 08:59", "tanaka", "2026-03-23 09:00", "2026-03-30 09:00"},
		{"2026-03-30 09:00", "suzuki", "2026-03-30 09:00", "2026-04-01 12:00"},
		{"2026-04-01 12:00", "lee", "2026-04-01 12:00", "2026-04-02 12:00"},
		{"2026-04-02 12:00", "suzuki", "2026-04-02 12:00", "2026-04-06 09:00"},
		{"2026-04-06 09:00", "sato", "2026-04-06 09:00", "2026-04-13 09:00"},
		{"2026-04-13 09:00", "tanaka", "2026-04-13 09:00", "2026-04-20 09:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, z)
		if err != nil {
			t.Fatal(err)
		}
		sh, ok := s.At("primary", at)
		from, until := sh.From.In(z).Format("2006-01-02 15:04"), sh.Until.In(z).Format("2006-01-02 15:04")
		if !ok || sh.Person != c.person || from != c.from || until != c.until {
			t.Errorf("at %s: %s from %s until %s, want %+v", c.at, sh.Person, from, until, c)
		}
	}
	next, ok := s.Next("primary", time.Date(2026, 3, 31, 0, 0, 0, 0, z))
	if !ok || next.Person != "lee" || !next.Override {
		t.Errorf("next is %+v, want the override", next)
	}
}

// TestShiftsCover: whatever the schedule, its shifts follow each other
// without a gap, and each says of every moment in it what At says.
func TestShiftsCover(t *testing.T) {
	zones := []*time.Location{time.UTC, zone(t, "Asia/Tokyo"), zone(t, "America/New_York"), zone(t, "Australia/Lord_Howe")}
	rapid.Check(t, func(t *rapid.T) {
		s := weekly(rapid.SampledFrom(zones).Draw(t, "zone"))
		s.Layers[0].Days = rapid.IntRange(1, 20).Draw(t, "days")
		s.Layers[0].At = time.Duration(rapid.IntRange(0, 23).Draw(t, "hour")) * time.Hour
		for range rapid.IntRange(0, 3).Draw(t, "overrides") {
			from := s.Layers[0].Start.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "from")) * time.Hour)
			s.Overrides = append(s.Overrides, Override{Layer: "primary", Person: "lee", From: from,
				Until: from.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "hours")) * time.Hour)})
		}
		from := s.Layers[0].Start.Add(time.Duration(rapid.IntRange(-500, 1500).Draw(t, "at")) * time.Hour)
		shifts := s.Shifts("primary", from, from.AddDate(0, 1, 0))
		for i, sh := range shifts {
			if i > 0 && !sh.From.Equal(shifts[i-1].Until) {
				t.Fatalf("a gap between %+v and %+v", shifts[i-1], sh)
			}
			for _, at := range []time.Time{sh.From, sh.Until.Add(-time.Second)} {
				if got, _ := s.At("primary", at); i > 0 && got.Person != sh.Person {
					t.Fatalf("at %s it is %s, the shift says %s", at, got.Person, sh.Person)
				}
			}
		}
	})
}

func TestCheck(t *testing.T) {
	s := &Schedule{Name: "x", Layers: []Layer{{Name: "a", Days: 1}, {Name: "a", People: []string{"p"}, Days: 0}, {Name: "b", People: []string{"p"}, Days: 7, At: 25 * time.Hour}},
		Overrides: []Override{{Layer: "c", Person: "p"}}}
	err := s.Check()
	if err == nil {
		t.Fatal("no fault found")
	}
	for _, want := range []string{"no time zone", `layer "a" has no people`, "twice", "every 0 days", "hands over at 25h", `layer "c", which there is not`, "before it begins"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about %q in:\n%v", want, err)
		}
	}
	if err := weekly(time.UTC).Check(); err != nil {
		t.Error(err)
	}
}
