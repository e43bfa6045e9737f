// Package http is the inventory that answers over HTTP: NetBox, or any API
// that gives JSON for a URL with the host in it.
//
// A question's way:
//
//	host ─► kept answer, not yet old ─────────────────────────────────────────────► server
//	          │ none, or old
//	          ▼
//	        one request for all who ask for it now ─► JSON ─► mapping ─► keep ─────► server
//	          │ away, or not there within Wait: the request goes on without them
//	          ▼
//	        the answer before, marked Stale; without one an error
//
// That a server is not there is kept too, for a shorter time. A host that the
// API does not know is looked for in the list of all servers by the rule of
// the port and, without a list, asked for once more by its first label.
// After a failure nothing is asked for a moment, so that two hundred alerts do
// not each wait for an inventory that is away. A Memory keeps what was
// answered over a restart.
package http

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sync/singleflight"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker/remote"
)

// Options say how the inventory is asked.
type Options struct {
	URL    string            // with {host} in its path or query
	Header map[string]string // sent with every request
	Items  string            // JSON path of the servers, of an answer that lists them; "" when the answer is the server
	Map    map[string]string // a server's field, as the file's are called, to its JSON path in one server
	List   *List             // where all are listed; nil when nowhere

	Keep      time.Duration // how long an answer is good
	Wait      time.Duration // the longest that anybody waits for one; 2 s when it is 0
	Transport http.RoundTripper
	Memory    Memory // nil: nothing outlives a restart
	Log       *slog.Logger
}

// A List says where all servers are listed.
type List struct {
	URL   string
	Items string // JSON path of the servers in it
	Next  string // JSON path of the next page's address; "" when there is one page
}

// A Memory keeps the newest answer for a name over a restart.
type Memory interface {
	Load(ctx context.Context) (map[string]inventory.Server, error)
	// Keep replaces what is kept for a name; nil forgets it.
	Keep(ctx context.Context, name string, s *inventory.Server) error
}

const (
	defaultWait = 2 * time.Second
	maxNone     = time.Minute      // that a server is not there is good for no longer
	pause       = 10 * time.Second // after a failure nothing is asked
	timeout     = 10 * time.Second // of one request
	atOnce      = 8                // requests
	maxKept     = 20_000           // answers
)

// An Inventory asks an API. It is safe for concurrent use.
type Inventory struct {
	opt     Options
	client  *remote.Client
	mapping *mapping
	items   *path
	list    listing

	flight singleflight.Group
	kept   *cache
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu     sync.Mutex
	closed bool
	work   sync.WaitGroup
	heard  time.Time       // when it answered last
	away   error           // why the inventory could not be asked last; nil when it could
	until  time.Time       // while it is away nothing is asked until then
	said   map[string]bool // what was wrong with answers, each logged once
}

var _ inventory.Inventory = (*Inventory)(nil)

// New makes the inventory, with what was kept. It asks nothing yet.
func New(ctx context.Context, o Options) (*Inventory, error) {
	if o.Wait == 0 {
		o.Wait = defaultWait
	}
	v := &Inventory{opt: o, kept: newCache(maxKept), said: map[string]bool{},
		client: remote.New(remote.Options{Name: "the inventory", Transport: o.Transport, Timeout: timeout, AtOnce: atOnce,
			Authorize: authorize(o.Header), Explain: explain, Login: login})}
	if err := v.parse(); err != nil {
		return nil, err
	}
	if o.Memory != nil {
		kept, err := o.Memory.Load(ctx)
		if err != nil {
			return nil, fmt.Errorf("read what the inventory has answered before: %w", err)
		}
		for name, s := range kept {
			v.kept.put(name, answer{server: &s})
		}
	}
	v.ctx, v.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return v, nil
}

// parse reads the JSON paths.
func (v *Inventory) parse() (err error) {
	if err = checkURL(v.opt.URL); err != nil {
		return err
	}
	if v.items, err = parsePath("items", v.opt.Items); err != nil {
		return err
	}
	if v.opt.List != nil {
		if v.list.items, err = parsePath("list.items", v.opt.List.Items); err != nil {
			return err
		}
		if v.list.next, err = parsePath("list.next", v.opt.List.Next); err != nil {
			return err
		}
	}
	v.mapping, err = newMapping(v.opt.Map)
	return err
}

// Close ends the requests that are under way.
func (v *Inventory) Close() error {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.cancel()
	v.work.Wait()
	return nil
}

// Server gives the server that a host's name means to the inventory.
func (v *Inventory) Server(ctx context.Context, host string) (inventory.Server, error) {
	op := fmt.Sprintf("ask the inventory for %.80q", host)
	name, err := askable(host)
	if err != nil {
		return inventory.Server{}, &adapters.Error{Op: op, Code: adapters.NotFound, Err: err}
	}
	old, known := v.kept.get(name)
	if !known || !time.Now().Before(old.until) {
		var a answer
		if a, err = await(ctx, v, name, func() (answer, error) { return v.ask(name) }); err == nil {
			old = a
		}
	}
	switch {
	case err == nil && old.server == nil:
		return inventory.Server{}, &adapters.Error{Op: op, Code: adapters.NotFound, Err: old.why}
	case old.server == nil:
		return inventory.Server{}, remote.Named(op, err)
	}
	s := old.server.Clone()
	s.Stale = err != nil
	return s, nil
}

// maxName is as long as a host's name in DNS can be.
const maxName = 253

// askable gives the name that is asked for. What is no name is not asked: a
// slash or points alone would lead to another place of the API.
func askable(host string) (string, error) {
	name := inventory.Name(host)
	bad := func(r rune) bool { return unicode.IsControl(r) || r == '/' || r == '\\' }
	if len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) || strings.Trim(name, ".") == "" {
		return "", errors.New("that is no name of a host")
	}
	return name, nil
}
