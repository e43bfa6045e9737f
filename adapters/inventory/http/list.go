package http

import (
	"context"
	"net/url"
	"sync"
	"time"

	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker/remote"
)

// The limits of a list.
const (
	maxPages   = 1000
	maxServers = 100_000
)

// A listing is all servers, as they were when they were listed last.
type listing struct {
	items, next *path

	mu    sync.Mutex
	index *inventory.Index // nil until they were
	until time.Time        // when it is old
}

func (l *listing) get() (x *inventory.Index, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.index, l.index != nil && time.Now().Before(l.until)
}

func (l *listing) set(x *inventory.Index, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index, l.until = x, until
}

// listKey is no name that can be asked for.
const listKey = "/"

// Servers lists all servers or, of an inventory that has no list, those that
// were asked for so far, in the order of their names.
func (v *Inventory) Servers(ctx context.Context) ([]inventory.Server, error) {
	if v.opt.List == nil {
		return inventory.NewIndex(v.kept.servers()).Servers(), nil
	}
	x, fresh := v.list.get()
	if fresh {
		return x.Servers(), nil
	}
	newer, err := await(ctx, v, listKey, v.readList)
	switch {
	case err == nil:
		return newer.Servers(), nil
	case x == nil:
		return nil, remote.Named("list the servers of the inventory", err)
	}
	out := x.Servers()
	for i := range out {
		out[i].Stale = true
	}
	return out, nil
}

// all gives the list, read by this goroutine or one that has begun before.
func (v *Inventory) all() (*inventory.Index, error) {
	if x, fresh := v.list.get(); fresh {
		return x, nil
	}
	x, err, _ := v.flight.Do(listKey, func() (any, error) { return v.readList() })
	if err != nil {
		return nil, err
	}
	return x.(*inventory.Index), nil
}

// readList reads the list page by page.
func (v *Inventory) readList() (*inventory.Index, error) {
	var servers []inventory.Server
	address := v.opt.List.URL
	for page := 1; address != ""; page++ {
		if page > maxPages || len(servers) > maxServers {
			return nil, remote.Refused("the inventory's list has more than %d pages or %d servers: correct list.next, or let list.url list fewer", maxPages, maxServers)
		}
		body, err := v.get(v.ctx, address)
		if err != nil {
			return nil, err
		}
		found, problems := v.mapping.servers(v.list.items.Select(body), "")
		v.complain(problems)
		servers = append(servers, found...)
		if address, err = v.nextPage(address, body); err != nil {
			return nil, err
		}
	}
	x := inventory.NewIndex(servers)
	v.list.set(x, time.Now().Add(v.opt.Keep))
	return x, nil
}

// nextPage gives the address of the page after this; "" after the last. It is
// asked where this one was: an API behind a proxy often does not know how it
// is reached, and the header's secret goes nowhere else.
func (v *Inventory) nextPage(address string, body any) (string, error) {
	if v.list.next == nil {
		return "", nil
	}
	text := first(v.list.next.Select(body))
	if text == "" {
		return "", nil
	}
	here, err := url.Parse(address)
	if err != nil {
		return "", remote.Refused("the list's address %q cannot be read: %v", address, err)
	}
	next, err := here.Parse(text)
	if err != nil || next.Hostname() != here.Hostname() {
		return "", remote.Refused("the list goes on at %.200q, which is elsewhere: correct list.next", text)
	}
	next.Scheme, next.Host, next.User = here.Scheme, here.Host, here.User
	return next.String(), nil
}
