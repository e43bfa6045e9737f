// Package file is the inventory that a file holds, as YAML
//
//	servers:
//	  - host: db1.example.com
//	    aliases: [db1.internal, 192.0.2.10]
//	    owners: [smith, garcia]    # people; or
//	    group: dba                 # a group in their place
//	    team: platform-en
//	    service: db
//	    env: production
//	    note: Primary of the pair db1/db2.
//
// or, when its name ends in .csv or .tsv, as the table that a spreadsheet
// writes, with the same words above its columns:
//
//	host,aliases,owners,team,service
//	db1.example.com,db1.internal 192.0.2.10,smith garcia,platform-en,db
//
// Its way is bytes, text (whatever a spreadsheet has encoded it in), cells or
// nodes with their lines, servers, and an index that is never changed, from
// which Server answers. It is parsed strictly and whole: every fault is told
// at once. Run reads it again when it changes; a file with faults changes
// nothing but Fault, and the last one without stays.
package file

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
)

// MaxSize is how large the file may be, in bytes.
const MaxSize = 64 << 20

// A File is the inventory of one file. It is safe for concurrent use.
type File struct {
	fsys  fs.FS
	name  string
	state atomic.Pointer[state]

	mu   sync.Mutex // held while reading
	seen string     // the stamp of what was read last, good or not
}

// A state is the last good file, and what is wrong with the one there now.
type state struct {
	index *inventory.Index
	fault error
}

var _ inventory.Inventory = (*File)(nil)

// Load reads the file. A file with faults gives Faults, all of them.
func Load(fsys fs.FS, name string) (*File, error) {
	f := &File{fsys: fsys, name: name}
	if err := f.Reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Reload reads the file now. When it gives an error, which is also Fault's,
// the servers are those of the last good file.
func (f *File) Reload() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = f.stamp()
	return f.load()
}

// Fault is what keeps the newest file from being used; nil when it is.
func (f *File) Fault() error { return f.state.Load().fault }

// Run looks for changes until ctx is done, and logs what became of each.
func (f *File) Run(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.look(log)
		}
	}
}

func (f *File) look(log *slog.Logger) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.stamp()
	if now == f.seen {
		return
	}
	f.seen = now // taken first: what changes while it is read is seen by the next look
	if err := f.load(); err != nil {
		log.Warn("the inventory does not load; what was loaded before stays in use", "file", f.name, "fault", err)
		return
	}
	log.Info("inventory loaded", "file", f.name, "servers", f.state.Load().index.Len())
}

// stamp sums up what tells one state of the file from another.
func (f *File) stamp() string {
	info, err := fs.Stat(f.fsys, f.name)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano(), info.Mode())
}

func (f *File) load() error {
	servers, err := f.read()
	if err == nil {
		f.state.Store(&state{index: inventory.NewIndex(servers)})
		return nil
	}
	if old := f.state.Load(); old != nil {
		f.state.Store(&state{index: old.index, fault: err})
	}
	return err
}

func (f *File) read() ([]inventory.Server, error) {
	info, err := fs.Stat(f.fsys, f.name)
	if err != nil {
		return nil, fmt.Errorf("read the inventory: %w", err)
	}
	if info.Size() > MaxSize {
		return nil, fmt.Errorf("read the inventory: %s has %d bytes, at most %d are read", f.name, info.Size(), MaxSize)
	}
	data, err := fs.ReadFile(f.fsys, f.name)
	if err != nil {
		return nil, fmt.Errorf("read the inventory: %w", err)
	}
	return Parse(f.name, data)
}

// Server gives the server that a host's name, first label, alias or address
// means.
func (f *File) Server(_ context.Context, host string) (inventory.Server, error) {
	s, err := f.state.Load().index.Find(host)
	if err != nil {
		return inventory.Server{}, &adapters.Error{Op: fmt.Sprintf("look up %.80q in the inventory", host), Code: adapters.NotFound, Err: err}
	}
	return s, nil
}

// Servers lists all of them in the order of their names.
func (f *File) Servers(context.Context) ([]inventory.Server, error) {
	return f.state.Load().index.Servers(), nil
}
