package lanes

import (
	"context"
	"runtime"
	"sync"
	"testing"
)

func TestOneAtATime(t *testing.T) {
	var l Lanes
	var all sync.WaitGroup
	inside, done := 0, 0 // the race detector sees two at once
	for range 50 {
		all.Go(func() {
			unlock, err := l.Lock(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if inside++; inside > 1 {
				t.Errorf("%d are inside", inside)
			}
			runtime.Gosched()
			inside--
			done++
		})
	}
	all.Wait()
	if done != 50 || len(l.busy) != 0 {
		t.Errorf("%d were inside, %d names are kept", done, len(l.busy))
	}
}

func TestNamesDoNotWaitForEachOther(t *testing.T) {
	var l Lanes
	unlock, err := l.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.Lock(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	other()
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := l.Lock(ended, "a"); err == nil {
		t.Error("a taken name was given to one who had stopped waiting")
	}
	unlock()
	if len(l.busy) != 0 {
		t.Errorf("%d names are kept", len(l.busy))
	}
}
