package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"tebiki/store"
	"tebiki/store/outbox"
)

// BenchmarkStart queues a million stored items, each in a lane of its own, for
// a destination that hangs: the seconds and the memory of the worst restart.
func BenchmarkStart(b *testing.B) {
	const items = 1_000_000
	st := store.NewMemory()
	fill(b, st, items)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		before := heap()
		box := outbox.New(st, slog.New(slog.DiscardHandler), outbox.Destination{
			Name: "chat", Handle: func(ctx context.Context, _ outbox.Item) error { <-ctx.Done(); return ctx.Err() },
		})
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		began := time.Now()
		go func() { ended <- box.Run(ctx) }()
		for box.Stats()[0].Waiting+box.Stats()[0].Running < items {
			<-tick.C
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/million")
		b.ReportMetric(float64(heap()-before)/items, "heap-B/item")
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
}

func fill(b *testing.B, st store.Store, items int) {
	b.Helper()
	for i := 0; i < items; {
		err := st.Update(b.Context(), func(tx store.Writer) error {
			for end := i + 10_000; i < end; i++ {
				it := item(fmt.Sprintf("chat lane-%d incident/%d/page/1", i, i))
				if err := outbox.Add(tx, it); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkDelivery adds items one at a time and waits for each: the time from
// the commit to the handler and its result.
func BenchmarkDelivery(b *testing.B) {
	st := store.NewMemory()
	delivered := make(chan struct{})
	var box *outbox.Outbox
	box = outbox.New(st, slog.New(slog.DiscardHandler), outbox.Destination{
		Name: "chat", Handle: func(ctx context.Context, it outbox.Item) error {
			defer func() { delivered <- struct{}{} }()
			return box.Settle(ctx, it, nil)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- box.Run(ctx) }()
	for b.Loop() {
		err := st.Update(ctx, func(tx store.Writer) error { return outbox.Add(tx, item("chat a k")) })
		if err != nil {
			b.Fatal(err)
		}
		box.Wake()
		<-delivered
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}
