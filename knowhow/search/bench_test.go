package search

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"tebiki/knowhow"
)

// sizes are numbers of documents, half of them Japanese.
var sizes = []int{10_000, 100_000}

// largeBase makes know-how of n documents in which nothing stands twice but the
// words.
func largeBase(b *testing.B, n int) *knowhow.Base {
	b.Helper()
	_, base := corpus{seed: 3, components: n / 4}.make(b)
	return base
}

// heap is what is in use, after a collection.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// cpu is the processor time that was used, which other programs on the
// machine make no longer.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkNew also tells how much memory the finished index takes, besides
// the documents.
func BenchmarkNew(b *testing.B) {
	for _, n := range sizes {
		base := largeBase(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			before, began := heap(), cpu(b)
			var x *Index
			for b.Loop() {
				x = New(base)
			}
			b.ReportMetric(float64((cpu(b)-began).Milliseconds())/float64(b.N), "cpu-ms/op")
			b.ReportMetric((heap()-before)/(1<<20), "MB-kept")
			b.ReportMetric(float64(len(x.posts.terms)), "terms")
			b.ReportMetric(float64(len(x.posts.data))/(1<<20), "MB-postings")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range sizes {
		base := largeBase(b, n)
		x := New(base)
		for _, query := range []string{
			"redis-full-osaka1", "redis out of space", "メールリレー 容量不足", "srever cretificate",
			"ろーどばらんさーの証明書の期限が切れそうなときはどうすればいいですか", "サーバー", "the server of the",
		} {
			b.Run(fmt.Sprintf("%d/%s", n, query), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.Search(query, "ja", 5)
				}
			})
		}
	}
}

// BenchmarkSuggest is of knowhow itself: chat says after a search which names
// come near.
func BenchmarkSuggest(b *testing.B) {
	base := largeBase(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		base.Suggest("srever cretificate of the relay", 3)
	}
}
