package file

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// mapping hands each value of a mapping to what reads its key. It tells
// whether n is one at all.
func (p *parser) mapping(n *yaml.Node, what string, keys map[string]func(*yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		p.fault(n.Line, "%s: keys and values are wanted, this is %s", what, kind(n))
		return false
	}
	given := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := keys[key.Value]
		first, again := given[key.Value]
		switch {
		case !known:
			p.fault(key.Line, "unknown key %.40q: %s has %s", key.Value, what, strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
		case again:
			p.fault(key.Line, "%s is given a second time; the first is in line %d", key.Value, first)
		default:
			given[key.Value] = key.Line
			read(value)
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

// scalar reads a string; ok is false, and the fault noted, when it is none.
func (p *parser) scalar(n *yaml.Node, what string) (s string, ok bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		p.fault(n.Line, "%s: text is wanted, this is %s", what, kind(n))
		return "", false
	}
	if len(n.Value) > maxText {
		p.fault(n.Line, "%s: has %d bytes, at most %d are read", what, len(n.Value), maxText)
		return "", false
	}
	return n.Value, true
}

func (p *parser) text(n *yaml.Node, what string) string {
	s, ok := p.scalar(n, what)
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	if ok && strings.ContainsFunc(s, bad) {
		p.fault(n.Line, "%s: has a control character", what)
	}
	return strings.TrimSpace(s)
}

// list reads a list of names, none of them twice.
func (p *parser) list(n *yaml.Node, what string, most int, one func(*yaml.Node, string) string) (out []string) {
	if n.Kind != yaml.SequenceNode {
		p.fault(n.Line, "%s: a list is wanted, this is %s", what, kind(n))
		return nil
	}
	if len(n.Content) > most {
		p.fault(n.Line, "%s: there are %d, at most %d are read", what, len(n.Content), most)
		return nil
	}
	for _, item := range n.Content {
		name := one(item, what)
		if name != "" && slices.Contains(out, name) {
			p.fault(item.Line, "%s: %q is there twice", what, name)
		}
		out = append(out, name)
	}
	return out
}

var idPattern = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]{0,63}$`)

func (p *parser) id(n *yaml.Node, what string) string {
	s, ok := p.scalar(n, what)
	if ok && !idPattern.MatchString(s) {
		p.fault(n.Line, "%s: %.80q is no name: letters, digits, '.', '_' and '-' are wanted, at most 64", what, s)
	}
	return s
}

var hostPattern = regexp.MustCompile(`^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)*$`)

// host reads a name that no other server may have.
func (p *parser) host(n *yaml.Node, what string) string {
	s, ok := p.scalar(n, what)
	if !ok {
		return ""
	}
	if _, err := netip.ParseAddr(s); err != nil && (!hostPattern.MatchString(s) || len(s) > 253) {
		p.fault(n.Line, "%s: %.80q is no host name and no address", what, s)
		return ""
	}
	if line, taken := p.seen[normal(s)]; taken {
		p.fault(n.Line, "%s: %q is taken by line %d", what, s, line)
		return ""
	}
	p.seen[normal(s)] = n.Line
	return s
}
