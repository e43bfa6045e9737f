package text

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	placeholder = regexp.MustCompile(`\{[a-z]+\}`)
	literal     = regexp.MustCompile(`"([a-z]+(?:\.[a-z ]*)*)"`)
)

// TestCatalogues: both languages say the same things with the same values.
func TestCatalogues(t *testing.T) {
	en, ja := read(English), read(Japanese)
	if len(en) < 100 {
		t.Fatalf("the English catalogue has %d sentences: it did not parse", len(en))
	}
	for key, s := range en {
		if _, ok := ja[key]; !ok {
			t.Errorf("ja.yaml lacks %q", key)
			continue
		}
		a, b := placeholder.FindAllString(s, -1), placeholder.FindAllString(ja[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s: English has %v, Japanese %v", key, a, b)
		}
	}
	for key := range ja {
		if _, ok := en[key]; !ok {
			t.Errorf("en.yaml lacks %q", key)
		}
	}
}

// TestEveryKeyIsUsed reads the code: a key stands there whole, or the part up
// to its last dot does, when the rest is a status or a name.
func TestEveryKeyIsUsed(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, m := range literal.FindAllStringSubmatch(string(data), -1) {
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range read(English) {
		prefixed := false
		for i, r := range key {
			prefixed = prefixed || r == '.' && used[key[:i+1]]
		}
		if !used[key] && !prefixed {
			t.Errorf("nothing says %q", key)
		}
	}
}

func TestSay(t *testing.T) {
	p := For("ja", nil)
	if got := p.Say("late.acknowledged", "incident", "I-1", "by", "<田中>"); got != "I-1 はすでに <田中> さんが対応中です。" {
		t.Error(got)
	}
	if got := For("fr", nil).Markdown("news.one recovered", "what", "**x** {time}", "time", "now"); strings.Contains(got, "**x**") || !strings.Contains(got, "(now)") {
		t.Errorf("Markdown got through, or a value was taken for a placeholder: %q", got)
	}
}

func TestTimes(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	at := time.Date(2026, 11, 24, 20, 5, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{For("ja", tokyo).Time(at), "11月25日(水) 05:05"},
		{For("en", nil).Time(at), "Tue 24 Nov 20:05"},
		{For("ja", tokyo).Day(at), "2026年11月25日(水)"},
		{For("en", nil).Duration(time.Second), "1 second"},
		{For("en", nil).Duration(119 * time.Second), "119 seconds"},
		{For("en", nil).Duration(2 * time.Minute), "2 minutes"},
		{For("ja", nil).Duration(49 * time.Hour), "2日"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMoments(t *testing.T) {
	at := time.Date(2026, 11, 25, 9, 36, 0, 0, time.UTC)
	p := For(Japanese, time.FixedZone("JST", 9*3600))
	if got, want := p.Markdown("standing.resolved", "resolved", at), `**復旧**: [11月25日\(水\) 18\:36](time:1795599360)`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.Say("standing.resolved", "resolved", at), "**復旧**: 11月25日(水) 18:36"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.Fixed().Markdown("standing.resolved", "resolved", at), `**復旧**: 11月25日\(水\) 18\:36`; got != want {
		t.Errorf("on a ticket it is %s, want %s", got, want)
	}
	if got := p.Markdown("standing.resolved", "resolved", time.Time{}); strings.Contains(got, "time:") {
		t.Errorf("no moment became one: %s", got)
	}
}
