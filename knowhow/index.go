package knowhow

import (
	"fmt"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"
)

// An indexer reads knowhow.yaml. Checks are read before components, so that
// every reference is followed where it stands.
type indexer struct {
	*reader
	base    *Base
	written map[string]bool
	checks  map[string]*Check
	words   map[string]position
	used    map[string]bool // documents and checks that something refers to
}

func parseIndex(l *loader, text string) {
	x := &indexer{
		reader:  newReader(File, text, &l.faults),
		base:    l.base,
		written: l.written,
		checks:  make(map[string]*Check),
		words:   make(map[string]position),
		used:    make(map[string]bool),
	}
	root, ok := x.root(text)
	if !ok {
		return
	}
	var components, checks *yaml.Node
	x.mapping(root, File, fileShape, keys{
		"components": func(n *yaml.Node) { components = n },
		"checks":     func(n *yaml.Node) { checks = n },
	})
	if checks != nil {
		x.pairs(checks, "checks", x.check)
	}
	if components != nil {
		x.list(components, "components", x.component)
	}
	x.unknownFields()
	x.unused()
}

func (x *indexer) document(n *yaml.Node) string {
	name := x.id(n, "a document's name")
	if name != "" && !x.written[name] {
		x.fault(n, "there is no document %q; write %s/%s.ja.md or %[2]s/%[1]s.en.md", name, Folder, name)
	}
	x.used["document "+name] = true
	return name
}

func (x *indexer) checkUse(n *yaml.Node, e *Entry, s *Subticket) {
	name := x.text(n, "a check's name")
	c, ok := x.checks[name]
	if !ok {
		if name != "" {
			x.fault(n, "no check %q is defined; define it under checks, or correct the name", name)
		}
		return
	}
	if slices.Contains(s.Checks, c) {
		x.fault(n, "the check %q stands here twice; remove one", name)
		return
	}
	x.used["check "+name] = true
	x.fillable(n, e, c)
	s.Checks = append(s.Checks, c)
}

// fillable reports parameters that no ticket of the component can fill.
func (x *indexer) fillable(n *yaml.Node, e *Entry, c *Check) {
	for _, p := range c.Params {
		if p.Default == "" && p.From != "" && p.From != FieldHost && p.From != FieldRequester && !e.hasField(p.From) {
			x.fault(n, "the check %q takes %q from the request field %q, which the component %q has not; add the field, or a default to the parameter", c.Name, p.Name, p.From, e.Name)
		}
	}
}

// unknownFields reports parameters taken from what no component asks for.
func (x *indexer) unknownFields() {
	for _, c := range x.base.checks {
		for _, p := range c.Params {
			known := p.From == "" || p.From == FieldHost || p.From == FieldRequester ||
				slices.ContainsFunc(x.base.entries, func(e *Entry) bool { return e.hasField(p.From) })
			if !known {
				*x.faults = append(*x.faults, p.at.fault(fmt.Sprintf("no component has the request field %q; take it from %s, %s or a field of a component", p.From, FieldHost, FieldRequester)))
			}
		}
	}
}

// linked finds documents that a document's text links to.
var linked = regexp.MustCompile(`\]\(<?(?:\./)?([a-z0-9-]+)\.(?:ja|en)\.md[)>#]`)

func (x *indexer) links(from, text string) {
	for _, m := range linked.FindAllStringSubmatch(text, -1) {
		if m[1] != from {
			x.used["document "+m[1]] = true
		}
	}
}

// unused warns of what nothing refers to.
func (x *indexer) unused() {
	for _, d := range x.base.docs {
		for _, text := range []string{d.TODO, d.Procedure, d.Checks, d.Special} {
			x.links(d.Name, text)
		}
	}
	for _, c := range x.base.checks {
		if !x.used["check "+c.Name] {
			x.base.warnings = append(x.base.warnings, c.at.fault(fmt.Sprintf("no sub-ticket uses the check %q; use it or remove it", c.Name)))
		}
	}
	for _, d := range x.base.docs {
		if !x.used["document "+d.Name] {
			at := position{d.Source, 1, 1}
			x.base.warnings = append(x.base.warnings, at.fault(fmt.Sprintf("no sub-ticket and no other document refers to the document %q; refer to it or remove it", d.Name)))
		}
	}
}
