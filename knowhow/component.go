package knowhow

import (
	"slices"

	"gopkg.in/yaml.v3"
)

func (x *indexer) component(n *yaml.Node) {
	e := new(Entry)
	var aliases, subtickets *yaml.Node
	x.mapping(n, "a component", componentShape, keys{
		"name":         func(n *yaml.Node) { e.Name = x.text(n, "a component's name"); e.nameAt = x.at(n); x.word(n, e, e.Name) },
		"title":        func(n *yaml.Node) { e.Title = x.texts(n, "a component's title") },
		"aliases":      func(n *yaml.Node) { aliases = n },
		"request_type": func(n *yaml.Node) { e.RequestType = x.text(n, "request_type") },
		"team":         func(n *yaml.Node) { e.Team = x.text(n, "team"); e.teamAt = x.at(n) },
		"fields":       func(n *yaml.Node) { x.list(n, "fields", func(n *yaml.Node) { x.field(n, e) }) },
		"alerts":       func(n *yaml.Node) { x.list(n, "alerts", func(n *yaml.Node) { x.matcher(n, e) }) },
		"subtickets":   func(n *yaml.Node) { subtickets = n },
	})
	if e.Title == (Text{}) {
		e.Title = Text{Ja: e.Name, En: e.Name}
	}
	if aliases != nil {
		x.list(aliases, "aliases", func(n *yaml.Node) { x.alias(n, e) })
	}
	if subtickets != nil {
		x.list(subtickets, "subtickets", func(n *yaml.Node) { x.subticket(n, e) })
	}
	x.base.entries = append(x.base.entries, e)
}

func (x *indexer) alias(n *yaml.Node, e *Entry) {
	alias := x.text(n, "an alias")
	x.word(n, e, alias)
	e.Aliases = append(e.Aliases, alias)
}

// word makes the entry known under a name or alias that nothing else has.
func (x *indexer) word(n *yaml.Node, e *Entry, word string) {
	key := wordKey(word)
	switch first, taken := x.words[key]; {
	case word == "":
	case key == "":
		x.fault(n, "%q has no letter or digit to be found by; write a word", word)
	case taken && x.base.words[key] == e:
		x.fault(n, "%q finds this component already (line %d); remove it", word, first.line)
	case taken:
		x.fault(n, "%q finds the component %q already (line %d); give each its own words", word, x.base.words[key].Name, first.line)
	default:
		x.words[key] = x.at(n)
		x.base.words[key] = e
		e.spellings = append(e.spellings, spelling{word, key})
	}
}

func (x *indexer) field(n *yaml.Node, e *Entry) {
	var f Field
	x.mapping(n, "a field", fieldShape, keys{
		"name":     func(n *yaml.Node) { f.Name = x.fieldName(n, e) },
		"label":    func(n *yaml.Node) { f.Label = x.texts(n, "a field's label") },
		"pattern":  func(n *yaml.Node) { f.Pattern = x.pattern(n, "a field's pattern") },
		"required": func(n *yaml.Node) { f.Required = x.yes(n, "required") },
	})
	e.Fields = append(e.Fields, f)
}

func (x *indexer) fieldName(n *yaml.Node, e *Entry) string {
	name := x.id(n, "a field's name")
	if name != "" && e.hasField(name) {
		x.fault(n, "the component has a field %q already; rename one of them", name)
	}
	return name
}

// Checks lists the component's checks, each once even if several pieces of
// the work show it.
func (e *Entry) Checks() []*Check {
	var out []*Check
	for _, sub := range e.Subtickets {
		for _, c := range sub.Checks {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

func (e *Entry) hasField(name string) bool {
	return slices.ContainsFunc(e.Fields, func(f Field) bool { return f.Name == name })
}

func (x *indexer) yes(n *yaml.Node, what string) bool {
	if n.ShortTag() != "!!bool" || (n.Value != "true" && n.Value != "false") {
		x.fault(n, "%s must be true or false, without quotes; write one of them", what)
	}
	return n.Value == "true"
}

func (x *indexer) matcher(n *yaml.Node, e *Entry) {
	var m Matcher
	glob := func(to *string) func(*yaml.Node) {
		return func(n *yaml.Node) { *to = x.text(n, "an alert's glob") }
	}
	x.mapping(n, "an alert", alertShape, keys{
		"source": glob(&m.Source), "host": glob(&m.Host), "service": glob(&m.Service),
		"check": glob(&m.Check), "summary": glob(&m.Summary),
		"labels": func(n *yaml.Node) { m.Labels = x.labels(n) },
	})
	e.Alerts = append(e.Alerts, m)
}

func (x *indexer) labels(n *yaml.Node) map[string]string {
	labels := make(map[string]string)
	x.pairs(n, "labels", func(key, value *yaml.Node) {
		labels[key.Value] = x.text(value, "a label's glob")
	})
	if n.Kind == yaml.MappingNode && len(labels) == 0 {
		x.fault(n, "labels asks for nothing; name a label or remove it")
	}
	return labels
}

func (x *indexer) subticket(n *yaml.Node, e *Entry) {
	var s Subticket
	x.mapping(n, "a sub-ticket", subticketShape, keys{
		"title":    func(n *yaml.Node) { s.Title = x.texts(n, "a sub-ticket's title") },
		"document": func(n *yaml.Node) { s.Doc = x.document(n) },
		"checks": func(n *yaml.Node) {
			x.list(n, "a sub-ticket's checks", func(n *yaml.Node) { x.checkUse(n, e, &s) })
		},
	})
	e.Subtickets = append(e.Subtickets, s)
}
