package source_test

import (
	"encoding/json"
	"testing"
	"time"

	"tebiki/adapters/source"
)

const usual = `{"source":"zabbix","key":"trigger-1234","severity":"critical","host":"db1.example.com","service":"db",` +
	`"check":"disk /var","summary":"disk /var is 91% full on db1.example.com","labels":{"rack":"r12","dc":"tokyo"},` +
	`"link":"https://zabbix.example.com/trigger/1234","status":"firing","at":"2026-01-02T03:04:05Z"}`

// BenchmarkParse reports its time as a ratio to encoding/json's Unmarshal of
// the same body in the same run.
func BenchmarkParse(b *testing.B) {
	body := []byte(usual)
	plain := timed(b, func() error { var a plainAlert; return json.Unmarshal(body, &a) })
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	b.ResetTimer()
	for b.Loop() {
		if _, err := source.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/plain, "of-encoding/json")
}

// timed gives the nanoseconds that fn takes.
func timed(b *testing.B, fn func() error) float64 {
	const runs = 20_000
	start := time.Now()
	for range runs {
		if err := fn(); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(start)) / runs
}
