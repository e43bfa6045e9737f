package search

import (
	"strings"
	"testing"

	"tebiki/knowhow"
	"tebiki/knowhow/search/searchtest"
)

// An outcome counts what became of alerts.
type outcome struct {
	right  int // the component is suggested
	wrong  int // another one is
	missed int // nothing is suggested though there is a component
	astray int // something is suggested though there is none
}

func (o *outcome) add(want string, got []Suggestion) {
	switch {
	case len(got) == 0 && want != "":
		o.missed++
	case len(got) == 0:
	case got[0].Component == want:
		o.right++
	case want != "":
		o.wrong++
	default:
		o.astray++
	}
}

func (o *outcome) precision() float64 {
	return float64(o.right) / float64(max(1, o.right+o.wrong+o.astray))
}

func (o *outcome) recall() float64 {
	return float64(o.right) / float64(o.right+o.wrong+o.missed)
}

// TestForText has generated alerts matched: half are about components that
// the know-how has, half about some that it lacks.
func TestForText(t *testing.T) {
	for _, tt := range []struct {
		name string
		corpus
		precision, recall float64
	}{{"tried", tried, 0.92, 0.65}, {"held", held, 0.88, 0.60}} {
		t.Run(tt.name, func(t *testing.T) {
			made, base := tt.make(t)
			x := New(base)
			var o outcome
			for _, a := range made.Alerts(400) {
				o.add(a.Want, x.ForText(a.Text, 1))
			}
			t.Logf("precision %.3f, recall %.3f: %+v", o.precision(), o.recall(), o)
			if o.precision() < tt.precision || o.recall() < tt.recall {
				t.Errorf("precision is %.3f and recall %.3f, want at least %.2f and %.2f", o.precision(), o.recall(), tt.precision, tt.recall)
			}
		})
	}
}

// TestForTextOfSample has real-looking alerts matched with the sample that
// people try first.
func TestForTextOfSample(t *testing.T) {
	x := New(sample(t))
	tests := []struct{ text, want string }{
		{"[FIRING:1] DiskFull (web-03.example.jp:9100 critical) /var has 2% left", "disk-full"},
		{"【障害】 証明書更新の期限まで 7 日 ホスト: www-02", "certificate"},
		{"10.0.0.1 10:35:02 2026-01-02 web-03.example.jp https://example.jp/disk-full", ""},
		{"severity: critical, status: firing, the host is down for more than 5m", "host-down"},
		{"severity: critical, status: firing, current value is 5.5 for more than 5m", ""},
		{"", ""},
		{"テスト", ""},
	}
	for _, tt := range tests {
		got := ""
		if found := x.ForText(tt.text, 3); len(found) > 0 {
			got = found[0].Component
		}
		if got != tt.want {
			t.Errorf("%q is taken for %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestForTextHostile(t *testing.T) {
	for _, x := range []*Index{New(sample(t)), New(new(knowhow.Base))} {
		for name, text := range hostile() {
			for _, s := range x.ForText(text, 100) {
				if _, ok := x.base.Entry(s.Component); !ok || s.Score < Threshold || s.Score > 1 {
					t.Errorf("%s: suggests %+v", name, s)
				}
			}
		}
		if got := x.ForText("disk full", 0); len(got) != 0 {
			t.Errorf("asked for none, got %+v", got)
		}
	}
}

func TestTelltale(t *testing.T) {
	tests := []struct{ text, want string }{
		{"[FIRING:1] DiskFull web-03.example.jp:9100", "DiskFull"},
		{"instance=10.0.0.1:9100 job=mysqld severity=critical", "mysqld"},
		{"ホスト: db01 容量不足", "ホスト: db01 容量不足"},
		{"https://example.jp/x user@example.jp 2026-01-02T03:04:05Z 42 97%", ""},
		{"mail-relay queue", "mail-relay queue"},
	}
	for _, tt := range tests {
		if got := strings.TrimSpace(telltale(tt.text)); got != tt.want {
			t.Errorf("telltale(%q) is %q, want %q", tt.text, got, tt.want)
		}
	}
}

// BenchmarkForText asks with an alert as Alertmanager writes them.
func BenchmarkForText(b *testing.B) {
	base := largeBase(b, 10_000)
	x := New(base)
	text := searchtest.New(3, 0, 10).Alerts(1)[0].Text
	b.ReportAllocs()
	for b.Loop() {
		x.ForText(text, 3)
	}
}
