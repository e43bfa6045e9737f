package http

import (
	"fmt"
	"slices"
	"strings"

	"github.com/theory/jsonpath"

	"tebiki/adapters/inventory"
)

// fields are what can be mapped, called as in the file.
var fields = []string{"host", "aliases", "owners", "group", "team", "service", "env", "note"}

// A path is one JSON path of the configuration.
type path struct {
	*jsonpath.Path
	key string // of the configuration
}

// parsePath reads a path; nil for none.
func parsePath(key, text string) (*path, error) {
	if text == "" {
		return nil, nil
	}
	p, err := jsonpath.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no JSON path such as $.owner.name: %w", key, text, err)
	}
	return &path{p, key}, nil
}

// A mapping makes servers of JSON.
type mapping struct{ paths map[string]*path }

func newMapping(texts map[string]string) (*mapping, error) {
	m := &mapping{paths: map[string]*path{}}
	for field, text := range texts {
		if !slices.Contains(fields, field) {
			return nil, fmt.Errorf("map.%s: a server has no such field: it has %s", field, strings.Join(fields, ", "))
		}
		p, err := parsePath("map."+field, text)
		if err != nil {
			return nil, err
		}
		if p != nil {
			m.paths[field] = p
		}
	}
	return m, nil
}

// servers makes those of a list. One without a name of its own is only told
// of: whose it is nobody could ask. asked stands for that name in an answer of
// one.
func (m *mapping) servers(items []any, asked string) (out []inventory.Server, problems []string) {
	if len(items) != 1 {
		asked = ""
	}
	for _, item := range items {
		s, wrong, _ := m.server(item, asked)
		problems = append(problems, wrong...)
		if s.Host == "" {
			problems = append(problems, "map.host: a server in the list has no name there")
			continue
		}
		out = append(out, s)
	}
	return out, problems
}

// server makes one of JSON, and tells what in it cannot be used; ok is false
// when nothing of it is there. A server that has owners is theirs, and its
// group only stands for none.
func (m *mapping) server(item any, asked string) (s inventory.Server, problems []string, ok bool) {
	r := &reading{mapping: m, item: item}
	host, assumed := r.host(asked)
	s = inventory.Server{
		Host: host, Aliases: r.aliases(), Owners: r.list("owners", maxOwners),
		Group: r.one("group"), Team: r.one("team"), Service: r.one("service"), Env: r.one("env"), Note: r.note(),
	}
	isHost := func(a string) bool { return inventory.Name(a) == inventory.Name(s.Host) }
	s.Assumed = assumed && !slices.ContainsFunc(s.Aliases, isHost)
	s.Aliases = slices.DeleteFunc(s.Aliases, isHost)
	if len(s.Owners) > 0 {
		s.Group = ""
	}
	return s, r.problems, r.found
}
