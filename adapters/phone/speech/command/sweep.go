package command

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone/speech/sounds"
)

// handedOut is how long after its last use a sound may still be played: no
// call lasts longer.
const handedOut = time.Hour

// Swept is what a Sweep did.
type Swept struct {
	Kept, Removed           int
	KeptBytes, RemovedBytes int64
}

// Run sweeps now and every so often, and tells of each, until ctx ends.
func (v *Voice) Run(ctx context.Context, every time.Duration, told func(Swept, error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		told(v.Sweep(time.Now()))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep removes the sounds that nobody used for long, then those that were
// used the longest ago until the others fit with room for new ones. What was
// handed out within the last hour stays in any case.
func (v *Voice) Sweep(now time.Time) (Swept, error) {
	return v.sweep(now, v.limits.Folder/8)
}

// sweep leaves room for so many bytes.
func (v *Voice) sweep(now time.Time, room int64) (Swept, error) {
	v.use.Lock()
	defer v.use.Unlock()
	all, err := v.list()
	if err != nil {
		return Swept{}, unavailable(fmt.Sprintf("sweep the sounds in %s", v.folder.Dir()), err)
	}
	done := Swept{Kept: len(all)}
	for _, k := range all {
		done.KeptBytes += k.size
	}
	var failures []error
	for _, k := range all {
		idle := now.Sub(k.used)
		if idle < handedOut || idle < v.limits.Unused && !sounds.IsUnready(k.path) && done.KeptBytes+room <= v.limits.Folder {
			continue
		}
		if err := os.Remove(k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, err)
			continue
		}
		done.Kept, done.KeptBytes = done.Kept-1, done.KeptBytes-k.size
		done.Removed, done.RemovedBytes = done.Removed+1, done.RemovedBytes+k.size
	}
	v.size.Store(done.KeptBytes)
	if err := errors.Join(failures...); err != nil {
		return done, &adapters.Error{Op: "remove old sounds", Code: adapters.Unavailable, Err: err}
	}
	return done, nil
}

// kept is a sound, or what was left of one that was being written.
type kept struct {
	path string
	used time.Time
	size int64
}

// list gives the sounds that this package made, and nothing else that lies
// in the folder; the one that was used the longest ago comes first.
func (v *Voice) list() (all []kept, err error) {
	entries, err := os.ReadDir(v.folder.Dir())
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !isOurs(e.Name()) && !sounds.IsUnready(e.Name()) {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, kept{filepath.Join(v.folder.Dir(), e.Name()), info.ModTime(), info.Size()})
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	return all, nil
}

// isOurs tells the files that nameOf has named.
func isOurs(file string) bool {
	name, ok := strings.CutSuffix(file, ".wav")
	b, err := hex.DecodeString(name)
	return ok && err == nil && len(b) == nameSize
}
