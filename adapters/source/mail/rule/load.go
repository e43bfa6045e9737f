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
	if section := valueOf(n, "mail"); section != nil {
		rules, ready := valueOf(section, "rules"), valueOf(section, "ready")
		if rules == nil && ready == nil {
			r.fault(section, "mail has neither rules nor ready; add one of them")
		}
		return load(r, rules, ready)
	}
	if n.Kind == yaml.SequenceNode {
		return load(r, n, nil)
	}
	var rules, ready *yaml.Node
	r.mapping(n, "mail", keys{"rules": func(n *yaml.Node) { rules = n }, "ready": func(n *yaml.Node) { ready = n }})
	return load(r, rules, ready)
}

// Read reads the rules and the names of ready sets out of the part of a
// configuration that stands under mail. Other keys of it are the caller's.
func Read(file string, mail *yaml.Node) (*Set, error) {
	return load(&reader{file: file}, valueOf(mail, "rules"), valueOf(mail, "ready"))
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

// load reads rules, and puts the ready ones after them. Either may be nil:
// there are no rules then, and all ready ones.
func load(r *reader, rules, ready *yaml.Node) (*Set, error) {
	set, wanted := &Set{}, Ready()
	if rules != nil && r.plain(rules) {
		set.rules = r.rules(rules)
	}
	if ready != nil && r.plain(ready) {
		wanted = r.readyNames(ready)
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
