package http

import (
	"context"
	"maps"
	"slices"
	"time"

	"tebiki/adapters/tracker/remote"
)

// await lets do be done once for all who want it now, and waits no longer than
// Wait: do goes on.
func await[T any](ctx context.Context, v *Inventory, key string, do func() (T, error)) (got T, err error) {
	if err := v.resting(time.Now()); err != nil {
		return got, err
	}
	type result struct {
		got T
		err error
	}
	done := make(chan result, 1)
	ask := func() {
		got, err, _ := v.flight.Do(key, func() (any, error) { return do() })
		r := result{err: err}
		r.got, _ = got.(T)
		done <- r
	}
	if !v.start(ask) {
		return got, remote.Later("the inventory is closed")
	}
	timer := time.NewTimer(v.opt.Wait)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.got, r.err
	case <-timer.C:
		err = remote.Later("the inventory has not answered within %s", v.opt.Wait)
		v.late(err)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return got, err
}

// start does f beside the caller, unless the inventory is closed.
func (v *Inventory) start(f func()) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return false
	}
	v.work.Go(f)
	return true
}

// resting gives the failure because of which nothing is asked for a moment.
func (v *Inventory) resting(now time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now.Before(v.until) {
		return v.away
	}
	return nil
}

// late notes that somebody has waited in vain. That others were answered
// meanwhile shows that there only were many to wait for.
func (v *Inventory) late(err error) {
	v.mu.Lock()
	busy := time.Since(v.heard) < v.opt.Wait
	v.mu.Unlock()
	if !busy {
		v.failed(err)
	}
}

// failed notes that the inventory cannot be asked.
func (v *Inventory) failed(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	rest := pause
	if f := remote.Of(err); f != nil {
		rest = max(rest, f.After)
	}
	if v.away == nil {
		v.opt.Log.Warn("the inventory cannot be asked; what it answered before is used", "err", err)
	}
	v.away, v.until = err, time.Now().Add(rest)
}

// works notes that it answers.
func (v *Inventory) works() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.away != nil {
		v.opt.Log.Info("the inventory answers again")
	}
	v.away, v.until, v.heard = nil, time.Time{}, time.Now()
}

// Fault is why the inventory could not be asked last; nil when it could.
func (v *Inventory) Fault() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.away
}

// Problems are what in the answers could not be used so far, as Look tells it.
func (v *Inventory) Problems() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Sorted(maps.Keys(v.said))
}
