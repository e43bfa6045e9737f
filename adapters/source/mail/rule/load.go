package rule

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Parse reads a file of rules: a configuration with them under mail, a mapping
// as it stands there, or the bare list. The error is Faults when the file is
// to be corrected.
func Parse(file, text string) (*Set, error) {
	r := &reader{file: file}
	n := r.root(text)
	if n == nil {
		return nil, r.faults.err()
	}
	if under := valueOf(n, "mail"); under != nil {
		p := sectionOf(under)
		if p.rules == nil && p.ready == nil {
			r.fault(under, "mail has neither rules nor ready; add one of them")
		}
		return load(r, p)
	}
	if n.Kind == yaml.SequenceNode {
		return load(r, section{rules: n})
	}
	ours := func(*yaml.Node) {}
	r.mapping(n, "mail", keys{"rules": ours, "ready": ours, "zone": ours})
	return load(r, sectionOf(n))
}

// Read reads the rules, the names of ready sets and the zone out of the part
// of a configuration that stands under mail. Other keys of it are the caller's.
func Read(file string, mail *yaml.Node) (*Set, error) {
	return load(&reader{file: file}, sectionOf(mail))
}

// A section is what stands under mail for rules; nil for what does not.
type section struct{ rules, ready, zone *yaml.Node }

func sectionOf(n *yaml.Node) section {
	return section{rules: valueOf(n, "rules"), ready: valueOf(n, "ready"), zone: valueOf(n, "zone")}
}

// valueOf gives the value of one key of a mapping; nil without it.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// load reads rules, and puts the ready ones after them. Without rules there
// are none, and without names of ready ones all.
func load(r *reader, p section) (*Set, error) {
	set, wanted := &Set{}, Ready()
	if p.rules != nil && r.plain(p.rules) {
		set.rules = r.rules(p.rules)
	}
	if p.ready != nil && r.plain(p.ready) {
		wanted = r.readyNames(p.ready)
	}
	if p.zone != nil && r.plain(p.zone) {
		set.zone = r.zone(p.zone)
	}
	if err := r.faults.err(); err != nil {
		return nil, err
	}
	for _, name := range wanted {
		more, err := readyRules(name)
		if err != nil {
			return nil, err
		}
		set.rules = append(set.rules, more...)
	}
	return set, nil
}

func (r *reader) readyNames(n *yaml.Node) []string {
	var out []string
	r.list(n, "ready", func(n *yaml.Node) {
		name := r.text(n, "a ready set")
		switch {
		case name == "":
		case !slices.Contains(Ready(), name):
			r.fault(n, "there is no ready set %q; %s", name, suggest(name, Ready()))
		case slices.Contains(out, name):
			r.fault(n, "the ready set %q is named twice; remove one", name)
		default:
			out = append(out, name)
		}
	})
	return out
}

// rules reads the list of them.
func (r *reader) rules(n *yaml.Node) []*rule {
	if n.Kind != yaml.SequenceNode {
		r.fault(n, "rules must be a list; write lines beginning with \"- name: ...\"")
		return nil
	}
	var out []*rule
	lines := map[string]int{}
	for _, child := range n.Content {
		one := r.rule(child)
		if first, twice := lines[one.name]; twice && one.name != "" {
			r.fault(child, "a rule named %q is on line %d already; give this one another name", one.name, first)
		}
		lines[one.name] = child.Line
		out = append(out, one)
	}
	return out
}

// known are the fields that a rule reads, for what refers to them.
type known struct {
	names    []string
	prefixes []string // of pairs
}

func (k *known) has(name string) bool {
	if slices.Contains(mailTexts, name) || slices.Contains(k.names, name) || strings.HasPrefix(name, headerText) {
		return true
	}
	return slices.ContainsFunc(k.prefixes, func(p string) bool { return strings.HasPrefix(name, p+".") })
}

// all are what may be written, for who has written something else.
func (k *known) all() []string {
	out := slices.Concat(k.names, mailTexts, []string{headerText + "NAME"})
	for _, p := range k.prefixes {
		out = append(out, p+".NAME")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *reader) field(n *yaml.Node, what, name string, k *known) {
	if name != "" && !k.has(name) {
		r.fault(n, "%s: there is no field %q; %s", what, name, suggest(name, k.all()))
	}
}

func (r *reader) fields(n *yaml.Node, what string, t template, k *known) {
	for _, name := range t.names() {
		r.field(n, what, name, k)
	}
}
