package escalation

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

func benchAlert(n int) Alert {
	return Alert{Source: "zabbix", Host: fmt.Sprintf("host%06d", n), Check: "http", Severity: "critical", Summary: fmt.Sprintf("no answer from host%06d", n)}
}

// grown is a state with n alerts: an incident each, or one storm.
func grown(n int, storm bool) *world {
	r := testRules()
	if !storm {
		r.Storm.Count = 1 << 30
		r.Storm.Within = time.Nanosecond
	}
	w := &world{state: NewState(r), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	for i := range n {
		if !storm {
			w.state.opened = map[string][]time.Time{}
		}
		Step(w.state, &Changes{}, Signal{benchAlert(i)}, w.now)
	}
	return w
}

func benchSignals(b *testing.B, first int, storm bool) {
	w := grown(100_000, storm)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := first + i
		if first == 0 {
			n %= 100_000
		} else if !storm {
			w.state.opened = map[string][]time.Time{}
		}
		Step(w.state, &Changes{}, Signal{benchAlert(n)}, w.now)
	}
}

func BenchmarkNewAlert(b *testing.B)  { benchSignals(b, 100_000, false) }
func BenchmarkRepeat(b *testing.B)    { benchSignals(b, 0, false) }
func BenchmarkStormJoin(b *testing.B) { benchSignals(b, 100_000, true) }

func BenchmarkResolveStorm(b *testing.B) {
	w := grown(100_000, true)
	for b.Loop() {
		Step(w.state, &Changes{}, Fix{Incident: 4, Person: "tanaka"}, w.now)
		w.now = w.now.Add(6 * time.Minute)
		Step(w.state, &Changes{}, Signal{benchAlert(4)}, w.now)
	}
}

// BenchmarkHeap reports the memory of an open incident with one alert.
func BenchmarkHeap(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		w := grown(100_000, false)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/100_000, "B/incident")
		runtime.KeepAlive(w)
	}
}
