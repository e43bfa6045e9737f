package knowhow

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func loadSmall(t *testing.T, change func(files map[string]string)) *Base {
	t.Helper()
	files := small()
	change(files)
	base, err := Load(filesOf(files))
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func TestCheckRoster(t *testing.T) {
	base, err := Load(filesOf(small()))
	if err != nil {
		t.Fatal(err)
	}
	nobody := func(string) bool { return false }
	want := `docs/free.en.md:3: the roster has no person or team "sato"; name the owner by an id of the roster
knowhow.yaml:4: the roster has no team "infra"; name one of its teams`
	if got := base.CheckRoster(nobody, nobody).Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCheckComponents(t *testing.T) {
	base := loadSmall(t, func(map[string]string) {})
	if got := base.CheckComponents(func(c string) bool { return c == "disk" }); len(got) > 0 {
		t.Errorf("the tracker has it: %v", got)
	}
	got := base.CheckComponents(func(string) bool { return false })
	if want := `knowhow.yaml:2: the tracker has no component "disk", so no ticket comes here; add it there, or correct the name`; got.Error() != want || got[0].Column != 11 {
		t.Errorf("got %v (column %d), want %s", got, got[0].Column, want)
	}
}

func TestCheckReviews(t *testing.T) {
	base := loadSmall(t, func(files map[string]string) {
		files["docs/free.ja.md"] = strings.Replace(files["docs/free.en.md"], "2026-04-01\n", "2026-04-01\nreview_after: 30d\n", 1)
	})
	const year = 365 * 24 * time.Hour
	day := func(s string) time.Time { at, _ := time.Parse(time.DateOnly, s); return at }
	for at, want := range map[string]int{"2026-04-01": 0, "2026-05-01": 0, "2026-05-02": 1, "2027-04-01": 1, "2027-04-02": 2} {
		if got := base.CheckReviews(day(at), year); len(got) != want {
			t.Errorf("on %s %d reviews are over, want %d: %v", at, len(got), want, got)
		}
	}
	got := base.CheckReviews(day("2026-06-01"), year)
	if want := "docs/free.ja.md:4: reviewed on 2026-04-01, and to be looked at again by 2026-05-01; read it, correct it, and write the day here"; got.Error() != want || got[0].Column != 11 {
		t.Errorf("got %v (column %d), want %s", got, got[0].Column, want)
	}
}

func TestCheckRules(t *testing.T) {
	base := loadSmall(t, func(map[string]string) {})
	want := `knowhow.yaml:9: the check "df" never runs: nobody lets it; change the check, or ask whoever runs the bot`
	if got := base.CheckRules(func(*Check) string { return "nobody lets it" }); got.Error() != want {
		t.Errorf("%q, want %q", got.Error(), want)
	}
	if got := base.CheckRules(func(*Check) string { return "" }); len(got) > 0 {
		t.Errorf("of what runs: %v", got)
	}
}

func TestCheckRuns(t *testing.T) {
	base := loadSmall(t, func(map[string]string) {})
	for _, tt := range []struct {
		ran, well bool
		want      string
	}{
		{false, false, ""}, {true, true, ""},
		{true, false, `knowhow.yaml:9: the check "df" has never run to its end; run it by hand, and correct or remove it`},
	} {
		if got := base.CheckRuns(func(string) (bool, bool) { return tt.ran, tt.well }); got.Error() != tt.want {
			t.Errorf("ran %v, well %v: %q, want %q", tt.ran, tt.well, got.Error(), tt.want)
		}
	}
}

// Editors and CI go to the column: it is that of the value to correct.
func TestColumns(t *testing.T) {
	files := small()
	files["knowhow.yaml"] += "  web: {get: \"ftp://h/\", json: x, expect: {compare: [\"< 1\", \"x\"], exit: x}, params: {p: {from: host, pattern: .+, default: -x}}}\n"
	_, err := Load(filesOf(files))
	faults, _ := err.(Faults)
	var columns []int
	for _, f := range faults {
		columns = append(columns, f.Column)
	}
	if want := []int{14, 32, 61, 73, 96, 124}; !slices.Equal(columns, want) {
		t.Errorf("columns are %v of %v, want %v", columns, err, want)
	}
}
