package searchtest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNDCG(t *testing.T) {
	grades := map[string]int{"a": 3, "b": 2, "c": 1, "d": 1}
	tests := []struct {
		name    string
		answers []string
		want    float64
	}{
		{"the best order", []string{"a", "b", "d", "c"}, 1},
		{"nothing", nil, 0},
		{"nothing right", []string{"x", "y"}, 0},
		{"too late", []string{"v", "w", "x", "y", "z", "a"}, 0},
		{"the best alone", []string{"a"}, 7 / (7 + 3/math.Log2(3) + 1/math.Log2(4) + 1/math.Log2(5))},
	}
	for _, tt := range tests {
		if got := NDCG(grades, tt.answers, 5); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %.4f, want %.4f", tt.name, got, tt.want)
		}
	}
	if worse, better := NDCG(grades, []string{"b", "a"}, 5), NDCG(grades, []string{"a", "b"}, 5); worse >= better {
		t.Errorf("the wrong order is worth %.3f, the right one %.3f", worse, better)
	}
	if got := NDCG(nil, []string{"a"}, 5); got != 0 {
		t.Errorf("without anything right: %v, want 0", got)
	}
}

// The same seed makes the same know-how, queries and alerts, and every right
// answer is there to be found.
func TestSameSeed(t *testing.T) {
	one, two := New(7, 0, 40), New(7, 0, 40)
	base, err := one.Base()
	if err != nil {
		t.Fatal(err)
	}
	again, err := two.Base()
	if err != nil {
		t.Fatal(err)
	}
	if base.Digest() != again.Digest() {
		t.Error("the same seed makes different documents")
	}
	queries := one.Queries(5)
	if diff := cmp.Diff(queries, two.Queries(5)); diff != "" {
		t.Errorf("the same seed makes different queries:\n%s", diff)
	}
	if len(queries) != 5*len(kinds) {
		t.Errorf("%d queries, want 5 of each of %d kinds", len(queries), len(kinds))
	}
	alerts := one.Alerts(20)
	if diff := cmp.Diff(alerts, two.Alerts(20)); diff != "" {
		t.Errorf("the same seed makes different alerts:\n%s", diff)
	}
	for _, a := range alerts {
		if _, ok := base.Entry(a.Want); a.Want != "" && !ok {
			t.Errorf("an alert is about %q, which is not there", a.Want)
		}
	}
}

func TestHalvesShareNothing(t *testing.T) {
	seen := make(map[string]bool)
	for _, half := range subjects {
		for _, s := range half {
			if seen[s.slug] {
				t.Errorf("%s is in both", s.slug)
			}
			seen[s.slug] = true
		}
	}
}

func TestHalfWidth(t *testing.T) {
	if got, want := halfWidth("バックアップサーバー2"), "ﾊﾞｯｸｱｯﾌﾟｻｰﾊﾞｰ2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
