package file

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"tebiki/adapters/inventory"
)

// index finds servers. It is never changed once it is made.
type index struct {
	servers []inventory.Server // in the order of their names
	names   map[string]int     // own names and aliases, normal
	labels  map[string]int     // first labels of own names and aliases; shared for those of several
}

const shared = -1

var errNone = errors.New("no server has this name")

func newIndex(servers []inventory.Server) *index {
	x := &index{
		servers: slices.Clone(servers),
		names:   make(map[string]int, len(servers)),
		labels:  make(map[string]int, len(servers)),
	}
	slices.SortFunc(x.servers, func(a, b inventory.Server) int {
		return strings.Compare(normal(a.Host), normal(b.Host))
	})
	for i, s := range x.servers {
		for _, name := range append([]string{s.Host}, s.Aliases...) {
			x.add(i, normal(name))
		}
	}
	return x
}

func (x *index) add(i int, name string) {
	x.names[name] = i
	label, ok := firstLabel(name)
	if !ok {
		return
	}
	if other, known := x.labels[label]; known && other != i {
		i = shared
	}
	x.labels[label] = i
}

// find goes from the surest to the least sure: the whole name, then the name
// as the first label of another, then its own first label.
//
// The last is for a host that a monitoring system knows under another domain;
// it does not hold between two names of which the inventory knows both.
func (x *index) find(host string) (inventory.Server, error) {
	name := normal(host)
	if i, ok := x.names[name]; ok {
		return x.servers[i], nil
	}
	label := name
	if first, ok := firstLabel(name); ok {
		label = first
	} else if isAddress(name) || name == "" {
		return inventory.Server{}, errNone
	}
	i, ok := x.names[label]
	if !ok {
		i, ok = x.labels[label]
	}
	switch {
	case !ok:
		return inventory.Server{}, errNone
	case i == shared:
		return inventory.Server{}, fmt.Errorf("several servers begin with %q: give the whole name", label)
	}
	return x.servers[i], nil
}

// normal is how names are compared: without case and the root's point, and
// an address as netip writes it.
func normal(name string) string {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	bare := strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		return addr.Unmap().String()
	}
	return name
}

func isAddress(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}

// firstLabel gives what stands before the first point of a name that has
// one; addresses have none.
func firstLabel(name string) (label string, ok bool) {
	label, _, ok = strings.Cut(name, ".")
	return label, ok && label != "" && !isAddress(name)
}
