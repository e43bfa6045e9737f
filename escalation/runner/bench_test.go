package runner

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/bolt"
)

// BenchmarkSubmit is the rate at which 64 senders get one alert each
// accepted, without a disk.
func BenchmarkSubmit(b *testing.B) {
	r := New(store.NewMemory(), benchRules(), Options{})
	defer start(b, r)()
	var n atomic.Int64
	var senders sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		senders.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				if _, err := r.Submit(context.Background(), signal(hostName(int(i)), "disk")); err != nil {
					b.Error(err)
				}
			}
		})
	}
	senders.Wait()
	b.StopTimer()
	accepted, commits := r.Counts()
	b.ReportMetric(float64(accepted)/b.Elapsed().Seconds(), "alerts/s")
	b.ReportMetric(float64(accepted)/float64(max(commits, 1)), "alerts/commit")
}

// BenchmarkLoad is what a start waits for: 100,000 open incidents, and a
// million alerts of which nine of ten belong to closed ones.
func BenchmarkLoad(b *testing.B) {
	incidents, alerts := 100_000, 1_000_000
	if testing.Short() {
		incidents, alerts = 1_000, 10_000
	}
	st, err := bolt.Open(filepath.Join(b.TempDir(), "load.db"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	fill(b, st, incidents, alerts)
	before := heap()
	var perIncident float64
	for b.Loop() {
		r := New(st, benchRules(), Options{})
		if err := r.Load(context.Background()); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if n, m := r.state.Len(); n != incidents || m != alerts {
			b.Fatalf("%d incidents and %d alerts were loaded", n, m)
		}
		perIncident = float64(heap()-before) / float64(incidents)
		runtime.KeepAlive(r)
		b.StartTimer()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/load")
	b.ReportMetric(perIncident, "B/incident")
}

// benchRules see no storm, and remember little to see one.
func benchRules() *escalation.Rules {
	rules := testRules()
	rules.Storm = escalation.Rate{Count: 100, Within: time.Nanosecond}
	return rules
}

// BenchmarkDecode compares the two forms of a stored incident.
func BenchmarkDecode(b *testing.B) {
	var c escalation.Changes
	escalation.Step(escalation.NewState(benchRules()), &c, escalation.Signal{Alert: sampleAlert(1, "disk")}, time.Now())
	key := store.Seq(uint64(c.Incidents[0].ID))
	json, err := store.Encode(1, c.Incidents[0])
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range map[string][]byte{"json": json, "compact": encodeIncident(c.Incidents[0])} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.ReportMetric(float64(len(value)), "stored-B")
			for b.Loop() {
				if _, err := decodeIncident(key, value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// fill stores alerts of closed incidents, then open incidents with one each.
func fill(b *testing.B, st store.Store, incidents, alerts int) {
	b.Helper()
	now := time.Now()
	each := alerts/incidents - 1
	puts := make([]put, 0, alerts+3*incidents)
	state := escalation.NewState(benchRules())
	for id := range incidents {
		for seq := range each {
			m := escalation.Member{Incident: escalation.ID(id + 1), Seq: uint32(seq + 1), Count: 1, Signal: 1, First: now, Last: now,
				Alert: sampleAlert(id, fmt.Sprint("check-", seq))}
			m.Fingerprint = m.Alert.Fingerprint()
			state.LoadMember(m)
			value, err := encodeMember(&m)
			if err != nil {
				b.Fatal(err)
			}
			puts = append(puts, put{bucketAlert, numbered(m.Incident, m.Seq), value})
		}
	}
	var c escalation.Changes
	for i := range incidents {
		now := now.Add(time.Duration(i-incidents) * time.Millisecond) // no storm
		rc := escalation.Step(state, &c, escalation.Signal{Alert: sampleAlert(i, "disk")}, now)
		escalation.Step(state, &c, escalation.TicketMade{Incident: rc.Incident, Ticket: fmt.Sprint("OPS-", i)}, now)
		escalation.Step(state, &c, escalation.PageResult{Incident: rc.Incident, Page: 1, Outcome: escalation.Delivered}, now)
		escalation.Step(state, &c, escalation.Timer{}, now)
	}
	open, err := encode(&c)
	if err != nil {
		b.Fatal(err)
	}
	puts = append(puts, open...)
	for len(puts) > 0 {
		n := min(len(puts), 20_000)
		if err := st.Update(context.Background(), func(tx store.Writer) error { return putAll(tx, puts[:n]) }); err != nil {
			b.Fatal(err)
		}
		puts = puts[n:]
	}
}

func sampleAlert(i int, check string) escalation.Alert {
	return escalation.Alert{Source: "prometheus", Severity: "critical", Host: hostName(i), Service: fmt.Sprint("shop-", i%50), Check: check,
		Summary: "The root file system of " + hostName(i) + " is 97 % full and will be full in 2 hours",
		Labels:  map[string]string{"cluster": "tokyo-1", "env": "production", "team": "infra"},
		Link:    "https://monitoring.example.org/graph?host=" + hostName(i), At: time.Now().UTC()}
}
