package inventory

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// An Index finds servers by any of their names, by the rule of the port. It
// is never changed once it is made, so any number of goroutines may use it.
type Index struct {
	servers []Server       // in the order of their names
	names   map[string]int // own names and aliases, as Name writes them
	labels  map[string]int // first labels of own names and aliases; shared for those of several
}

const shared = -1

// ErrNone says that no server has a name.
var ErrNone = errors.New("no server has this name")

// NewIndex makes the index of servers. Of two with the same name one counts.
func NewIndex(servers []Server) *Index {
	x := &Index{
		servers: make([]Server, len(servers)),
		names:   make(map[string]int, len(servers)),
		labels:  make(map[string]int, len(servers)),
	}
	for i, s := range servers {
		x.servers[i] = s.Clone()
	}
	slices.SortStableFunc(x.servers, func(a, b Server) int {
		return strings.Compare(Name(a.Host), Name(b.Host))
	})
	for i, s := range x.servers {
		for _, name := range append([]string{s.Host}, s.Aliases...) {
			x.add(i, Name(name))
		}
	}
	return x
}

func (x *Index) add(i int, name string) {
	x.names[name] = i
	label, ok := FirstLabel(name)
	if !ok {
		return
	}
	if other, known := x.labels[label]; known && other != i {
		i = shared
	}
	x.labels[label] = i
}

// Len is how many servers there are.
func (x *Index) Len() int { return len(x.servers) }

// Servers lists all of them in the order of their names.
func (x *Index) Servers() []Server {
	out := make([]Server, len(x.servers))
	for i, s := range x.servers {
		out[i] = s.Clone()
	}
	return out
}

// Find goes from the surest to the least sure: the whole name, then the name
// as the first label of another, then its own first label.
//
// The last is for a host that a monitoring system knows under another domain;
// it does not hold between two names of which the inventory knows both. A
// first label that several servers share means none of them: an owner who is
// perhaps the wrong one is worse than none.
func (x *Index) Find(host string) (Server, error) {
	name := Name(host)
	if i, ok := x.names[name]; ok {
		return x.servers[i].Clone(), nil
	}
	label := name
	if first, ok := FirstLabel(name); ok {
		label = first
	} else if IsAddress(name) || name == "" {
		return Server{}, ErrNone
	}
	i, ok := x.names[label]
	if !ok {
		i, ok = x.labels[label]
	}
	switch {
	case !ok:
		return Server{}, ErrNone
	case i == shared:
		return Server{}, fmt.Errorf("several servers begin with %q: give the whole name", label)
	}
	return x.servers[i].Clone(), nil
}

// Name is how names are compared: without case and the root's point, and an
// address as netip writes it.
func Name(name string) string {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	bare := strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		return addr.Unmap().String()
	}
	return name
}

// IsAddress tells whether a name is an IP address.
func IsAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// FirstLabel gives what stands before the first point of a name that has one;
// addresses have none.
func FirstLabel(name string) (label string, ok bool) {
	label, _, ok = strings.Cut(name, ".")
	return label, ok && label != "" && !IsAddress(name)
}
