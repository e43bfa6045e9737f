// Package file is the inventory that a YAML file holds:
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
// The file is parsed strictly and whole; what it says becomes an index that
// is never changed, and Server answers from it. Reload reads the file again
// and, if that has faults, goes on with the last one that had none.
package file

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
)

// MaxSize is how large the file may be, in bytes.
const MaxSize = 64 << 20

// A File is the inventory of one file. It is safe for concurrent use.
type File struct {
	fsys  fs.FS
	name  string
	index atomic.Pointer[index]
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

// Reload reads the file again. When it gives an error the servers are those
// of the last good file.
func (f *File) Reload() error {
	data, err := read(f.fsys, f.name)
	if err != nil {
		return fmt.Errorf("read the inventory: %w", err)
	}
	servers, err := Parse(f.name, data)
	if err != nil {
		return err
	}
	f.index.Store(newIndex(servers))
	return nil
}

func read(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxSize {
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", name, info.Size(), MaxSize)
	}
	return fs.ReadFile(fsys, name)
}

// Server gives the server that a host's name, first label, alias or address
// means. A first label that several servers share means none of them: an
// owner who is perhaps the wrong one is worse than none.
func (f *File) Server(_ context.Context, host string) (inventory.Server, error) {
	s, err := f.index.Load().find(host)
	if err != nil {
		return inventory.Server{}, &adapters.Error{Op: fmt.Sprintf("look up %.80q in the inventory", host), Code: adapters.NotFound, Err: err}
	}
	return clone(s), nil
}

// Servers lists all of them in the order of their names.
func (f *File) Servers(context.Context) ([]inventory.Server, error) {
	servers := f.index.Load().servers
	out := make([]inventory.Server, len(servers))
	for i, s := range servers {
		out[i] = clone(s)
	}
	return out, nil
}

// clone keeps callers from changing what others are given.
func clone(s inventory.Server) inventory.Server {
	s.Aliases, s.Owners = slices.Clone(s.Aliases), slices.Clone(s.Owners)
	return s
}
