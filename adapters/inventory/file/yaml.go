package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tebiki/adapters/inventory"
)

// yamlLine is how yaml.v3 begins an error that has a line.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func (p *parser) document(data []byte) []inventory.Server {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		p.syntax(err)
		return nil
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		p.fault(max(more.Line, 1), "a second document begins here, or its end is not YAML: one file is one document")
		return nil
	}
	if len(doc.Content) == 0 {
		p.syntax(io.EOF)
		return nil
	}
	return p.top(doc.Content[0])
}

func (p *parser) syntax(err error) {
	line := 1
	if errors.Is(err, io.EOF) {
		p.fault(line, "the file is empty: it needs a list under servers:")
		return
	}
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		if m[1] != "" {
			_, _ = fmt.Sscan(m[1], &line)
		}
		text = text[len(m[0]):]
	}
	p.fault(line, "this is not YAML: %s", text)
}

func (p *parser) top(n *yaml.Node) (out []inventory.Server) {
	list := &yaml.Node{Line: n.Line}
	p.mapping(n, "the file", map[string]func(*yaml.Node){"servers": func(v *yaml.Node) { list = v }})
	if list.Kind != yaml.SequenceNode {
		if len(p.faults) == 0 {
			p.fault(list.Line, "servers: a list of servers is wanted")
		}
		return nil
	}
	if len(list.Content) > maxServers {
		p.fault(list.Content[maxServers].Line, "there are %d servers, at most %d are read", len(list.Content), maxServers)
		return nil
	}
	for _, item := range list.Content {
		out = append(out, p.server(item))
	}
	return out
}

func (p *parser) server(n *yaml.Node) (s inventory.Server) {
	var group, owners *yaml.Node
	ok := p.mapping(n, "a server", map[string]func(*yaml.Node){
		"host":    func(v *yaml.Node) { s.Host = p.scalar(v, "host", p.host) },
		"aliases": func(v *yaml.Node) { s.Aliases = p.sequence(v, "aliases", maxAliases, p.host) },
		"owners":  func(v *yaml.Node) { owners, s.Owners = v, p.sequence(v, "owners", maxOwners, p.id) },
		"group":   func(v *yaml.Node) { group, s.Group = v, p.scalar(v, "group", p.id) },
		"team":    func(v *yaml.Node) { s.Team = p.scalar(v, "team", p.id) },
		"service": func(v *yaml.Node) { s.Service = p.scalar(v, "service", p.id) },
		"env":     func(v *yaml.Node) { s.Env = p.scalar(v, "env", p.id) },
		"note":    func(v *yaml.Node) { s.Note = p.scalar(v, "note", p.text) },
	})
	if ok && s.Host == "" && !has(n, "host") {
		p.fault(n.Line, noHost)
	}
	if group != nil && owners != nil && len(owners.Content) > 0 {
		p.fault(group.Line, groupAndMore)
	}
	return s
}

// mapping hands each value of a mapping to what reads its key. It tells
// whether n is one at all.
func (p *parser) mapping(n *yaml.Node, what string, keys map[string]func(*yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		p.fault(n.Line, "%s: keys and values are wanted, this is %s", what, kind(n))
		return false
	}
	given := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, node := n.Content[i], n.Content[i+1]
		read, known := keys[key.Value]
		first, again := given[key.Value]
		switch {
		case !known:
			p.fault(key.Line, "unknown key %.40q: %s has %s", key.Value, what, strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
		case again:
			p.fault(key.Line, "%s is given a second time; the first is in line %d", key.Value, first)
		default:
			given[key.Value] = key.Line
			read(node)
		}
	}
	return true
}

func has(n *yaml.Node, key string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// kind names what stands there, for people.
func kind(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys and values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "a reference to an anchor"
	case n.Tag == "!!null":
		return "empty"
	case n.Tag == "!!str":
		return "text"
	}
	return strings.TrimPrefix(n.Tag, "!!") + ": put it in quotes"
}

// scalar hands a string to what reads it.
func (p *parser) scalar(n *yaml.Node, what string, read func(value, string) string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		p.fault(n.Line, "%s: text is wanted, this is %s", what, kind(n))
		return ""
	}
	v := value{n.Line, n.Value}
	if !p.short(v, what) {
		return ""
	}
	return read(v, what)
}

// sequence reads a list of names.
func (p *parser) sequence(n *yaml.Node, what string, most int, one func(value, string) string) []string {
	if n.Kind != yaml.SequenceNode {
		p.fault(n.Line, "%s: a list is wanted, this is %s", what, kind(n))
		return nil
	}
	var all []value
	for _, item := range n.Content {
		p.scalar(item, what, func(v value, _ string) string { all = append(all, v); return "" })
	}
	return p.list(n.Line, all, what, most, one)
}
