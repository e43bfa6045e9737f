package bolt

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/store"
)

// BenchmarkPut writes time-ordered keys from so many callers. The ratio beside
// it is to what this disk syncs in a second, measured in the same run: it says
// how many puts a sync carries.
func BenchmarkPut(b *testing.B) {
	syncs := syncsPerSecond(b)
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := openNew(b)
			began := time.Now()
			putAll(b, s, callers)
			rate := float64(b.N) / time.Since(began).Seconds()
			b.ReportMetric(rate, "puts/s")
			b.ReportMetric(rate/syncs, "puts/sync")
			if st := s.Stats(); st.Commits > 0 {
				b.ReportMetric(float64(st.Updates)/float64(st.Commits), "puts/commit")
			}
		})
	}
}

func putAll(b *testing.B, s *Store, callers int) {
	value := make([]byte, 200)
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				err := s.Update(b.Context(), func(tx store.Writer) error {
					n, err := tx.Next("b")
					if err != nil {
						return err
					}
					return tx.Put("b", store.Seq(n), value)
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func syncsPerSecond(b *testing.B) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, os.Getpagesize())
	began, n := time.Now(), 0
	for time.Since(began) < time.Second/2 {
		if _, err := f.WriteAt(page, 0); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds()
}
