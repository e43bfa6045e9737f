package rule

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxText bounds one value, in bytes.
const maxText = 4000

// A reader walks the nodes of one file. Whatever is wrong becomes a fault at
// its node, and reading goes on.
type reader struct {
	file   string
	faults Faults
}

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, Fault{r.file, max(n.Line, 1), max(n.Column, 1), fmt.Sprintf(format, args...)})
}

// root parses text, which must be one YAML document.
func (r *reader) root(text string) *yaml.Node {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var doc, more yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.fault(&doc, "there is nothing here; write rules, or remove the file")
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		r.fault(&more, "a second YAML document begins here; remove the line with ---")
		return nil
	}
	return doc.Content[0]
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func (r *reader) syntax(err error) {
	at := &yaml.Node{Line: 1}
	what := err.Error()
	if m := syntaxLine.FindStringSubmatch(what); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		what = what[len(m[0]):]
	}
	r.fault(at, "this is not YAML: %s; correct it here or near here", what)
}

// plain reports every anchor and alias: with them a small file can stand for
// gigabytes.
func (r *reader) plain(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.fault(n, "anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins with one of them")
		return false
	}
	ok := true
	for _, child := range n.Content {
		ok = r.plain(child) && ok
	}
	return ok
}

// keys say what reads the value of each key of a mapping.
type keys map[string]func(*yaml.Node)

// mapping reads n, which must have the keys that are needed and no others than
// those in values.
func (r *reader) mapping(n *yaml.Node, what string, values keys, needed ...string) map[string]*yaml.Node {
	seen := r.pairs(n, what, func(key, value *yaml.Node) {
		if read, ok := values[key.Value]; ok {
			read(value)
			return
		}
		r.fault(key, "%s has no key %q; %s", what, key.Value, suggest(key.Value, slices.Sorted(maps.Keys(values))))
	})
	for _, key := range needed {
		if n.Kind == yaml.MappingNode && seen[key] == nil {
			r.fault(n, "%s has no %s; add it", what, key)
		}
	}
	return seen
}

// pairs calls read for every pair of the mapping n, once for each key.
func (r *reader) pairs(n *yaml.Node, what string, read func(key, value *yaml.Node)) map[string]*yaml.Node {
	seen := make(map[string]*yaml.Node)
	if n.Kind != yaml.MappingNode {
		r.fault(n, "%s must be a mapping (key: value); write one", what)
		return seen
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.fault(key, "a key must be one word; write it as one")
			continue
		}
		if first, twice := seen[key.Value]; twice {
			r.fault(key, "%q is given twice, first on line %d; keep one of them", key.Value, first.Line)
			continue
		}
		seen[key.Value] = key
		read(key, value)
	}
	return seen
}

// list reads each item of n, which may be a single one without brackets.
func (r *reader) list(n *yaml.Node, what string, item func(*yaml.Node)) {
	switch n.Kind {
	case yaml.SequenceNode:
		for _, child := range n.Content {
			item(child)
		}
	case yaml.ScalarNode:
		item(n)
	default:
		r.fault(n, "%s must be a list; write it as [one, two] or as lines beginning with \"- \"", what)
	}
}

// text reads a value as it stands: 10 and yes are text.
func (r *reader) text(n *yaml.Node, what string) string {
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" || strings.TrimSpace(n.Value) == "":
		r.fault(n, "%s must be text; write it", what)
	case !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, n.ShortTag()):
		r.fault(n, "%s has the YAML tag %s; remove the tag", what, n.Tag)
	case len(n.Value) > maxText:
		r.fault(n, "%s is longer than %d bytes; shorten it", what, maxText)
	case !utf8.ValidString(n.Value) || strings.ContainsFunc(n.Value, unicode.IsControl):
		r.fault(n, "%s holds a line break or another character that cannot be seen; remove it, or write \\n in a pattern", what)
	default:
		return n.Value
	}
	return ""
}

func (r *reader) pattern(n *yaml.Node, what string) *regexp.Regexp {
	s := r.text(n, what)
	if s == "" {
		return nil
	}
	p, err := regexp.Compile(s)
	if err != nil {
		r.fault(n, "%s is no RE2 expression (%s); correct it", what, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	return p
}

func (r *reader) template(n *yaml.Node, what string) template {
	s := r.text(n, what)
	t, err := parseTemplate(s)
	if err != nil {
		r.fault(n, "%s: %v", what, err)
	}
	return t
}
