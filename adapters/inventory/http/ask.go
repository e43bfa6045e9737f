package http

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker/remote"
)

// An answer is what is kept for a name.
type answer struct {
	server *inventory.Server // nil: there is none
	why    error             // then
	until  time.Time         // when it is old; zero for what an earlier run has kept
}

// ask asks for a name and keeps the answer.
func (v *Inventory) ask(name string) (answer, error) {
	s, problems, err := v.find(v.ctx, name)
	v.complain(problems)
	var a answer
	switch {
	case err == nil:
		a = answer{server: &s, until: time.Now().Add(v.opt.Keep)}
	case codeOf(err) == adapters.NotFound:
		a = answer{why: err, until: time.Now().Add(min(maxNone, v.opt.Keep))}
	default:
		return a, err
	}
	v.keep(name, a)
	return a, nil
}

// keep keeps an answer, and remembers it if it is another than before.
func (v *Inventory) keep(name string, a answer) {
	old, _ := v.kept.get(name)
	gone := v.kept.put(name, a)
	if v.opt.Memory == nil {
		return
	}
	var err error
	if !reflect.DeepEqual(old.server, a.server) {
		err = v.opt.Memory.Keep(v.ctx, name, a.server)
	}
	if gone != "" {
		err = errors.Join(err, v.opt.Memory.Keep(v.ctx, gone, nil))
	}
	if err != nil && v.ctx.Err() == nil {
		v.opt.Log.Warn("what the inventory answers is not kept over a restart", "host", name, "err", err)
	}
}

// complain logs what is wrong with answers, each thing once.
func (v *Inventory) complain(problems []string) {
	const most = 100
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range problems {
		if !v.said[p] && len(v.said) < most {
			v.said[p] = true
			v.opt.Log.Warn("something in the inventory's answers cannot be used", "what", p)
		}
	}
}

// Look asks for a host at once, whatever is kept, and tells what in the answer
// cannot be used.
func (v *Inventory) Look(ctx context.Context, host string) (inventory.Server, []string, error) {
	op := fmt.Sprintf("ask the inventory for %.80q", host)
	name, err := askable(host)
	if err != nil {
		return inventory.Server{}, nil, &adapters.Error{Op: op, Code: adapters.NotFound, Err: err}
	}
	s, problems, err := v.find(ctx, name)
	return s, problems, remote.Named(op, err)
}

// find asks for a name and, where there is none, for what else may be meant.
func (v *Inventory) find(ctx context.Context, name string) (inventory.Server, []string, error) {
	s, problems, err := v.question(ctx, name)
	if codeOf(err) != adapters.NotFound {
		return s, problems, err
	}
	if v.opt.List != nil {
		x, failed := v.all()
		if failed != nil {
			return s, nil, failed
		}
		s, none := x.Find(name)
		if none != nil {
			return s, nil, remote.Missing("%v", none)
		}
		return s, nil, nil
	}
	label, ok := inventory.FirstLabel(name)
	if !ok {
		return s, problems, err
	}
	s, problems, other := v.question(ctx, label)
	if codeOf(other) != adapters.NotFound && other != nil {
		return s, problems, other
	}
	if other != nil || !named(s, label) { // else another domain's server, perhaps
		return inventory.Server{}, nil, err
	}
	return s, problems, nil
}

// named tells whether a server's own name, or an alias, is exactly this.
func named(s inventory.Server, name string) bool {
	for _, n := range append([]string{s.Host}, s.Aliases...) {
		if inventory.Name(n) == name {
			return true
		}
	}
	return false
}

// question sends one request for a name.
func (v *Inventory) question(ctx context.Context, name string) (inventory.Server, []string, error) {
	body, err := v.get(ctx, fill(v.opt.URL, name))
	if err != nil {
		return inventory.Server{}, nil, err
	}
	if v.items == nil {
		if _, many := body.([]any); many {
			return inventory.Server{}, nil, remote.Refused("the answer is a list: write where in it the servers are, such as items: $[*]")
		}
		s, problems, ok := v.mapping.server(body, name)
		if !ok {
			return s, nil, remote.Missing("nothing that the map names is in the answer")
		}
		return s, problems, nil
	}
	servers, problems := v.mapping.servers(v.items.Select(body), name)
	s, err := inventory.NewIndex(servers).Find(name)
	switch {
	case len(servers) == 0:
		return s, problems, remote.Missing("there is no server in the answer")
	case err != nil && len(servers) == 1:
		return s, problems, remote.Missing("the server in the answer is called %q, and has no alias %q", servers[0].Host, name)
	case err != nil:
		return s, problems, remote.Missing("%d servers are in the answer, and none is called so: %v", len(servers), err)
	}
	return s, problems, nil
}
