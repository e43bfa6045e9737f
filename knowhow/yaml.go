package knowhow

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxText bounds one value of a YAML file, in bytes.
const maxText = 1000

// A reader walks the nodes of one YAML file. Whatever is wrong becomes a
// fault at its node, and reading goes on.
type reader struct {
	file   string
	lines  int
	faults *Faults
}

func newReader(file, text string, faults *Faults) *reader {
	return &reader{file: file, lines: strings.Count(text, "\n") + 1, faults: faults}
}

func (r *reader) at(n *yaml.Node) position {
	return position{r.file, min(max(n.Line, 1), r.lines), max(n.Column, 1)}
}

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	*r.faults = append(*r.faults, r.at(n).fault(fmt.Sprintf(format, args...)))
}

// root parses text, which must be one YAML document without anchors: with
// them a small file can stand for gigabytes, and no reader of a diff sees it.
func (r *reader) root(text string) (*yaml.Node, bool) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var doc, more yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.fault(&doc, "there is nothing to read here; write what is needed")
		return nil, false
	case err != nil:
		r.syntax(err)
		return nil, false
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		r.fault(&more, "a second YAML document begins here; remove the line with ---")
		return nil, false
	}
	return doc.Content[0], r.plain(&doc)
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func (r *reader) syntax(err error) {
	at := &yaml.Node{Line: 1}
	m := syntaxLine.FindStringSubmatch(err.Error())
	if m != nil && m[1] != "" {
		at.Line, _ = strconv.Atoi(m[1])
	}
	what := err.Error()
	if m != nil {
		what = what[len(m[0]):]
	}
	r.fault(at, "this is not YAML: %s; correct it here or near here", what)
}

// plain reports every anchor and alias.
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

// mapping reads n by its shape. Of the keys it lacks each that is needed is
// reported.
func (r *reader) mapping(n *yaml.Node, what string, s *shape, values keys) {
	seen := r.pairs(n, what, func(key, value *yaml.Node) {
		read, ok := values[key.Value]
		if !ok || s.key(key.Value) == nil {
			r.fault(key, "%s has no key %q; it may have %s", what, key.Value, strings.Join(slices.Sorted(slices.Values(s.names())), ", "))
			return
		}
		read(value)
	})
	if n.Kind == yaml.MappingNode {
		r.together(n, what, s, seen)
	}
}

// together reports which keys a mapping lacks, and which do not go together.
func (r *reader) together(n *yaml.Node, what string, s *shape, seen map[string]*yaml.Node) {
	if len(seen) == 0 && s.empty != "" {
		r.fault(n, "%s %s", what, s.empty)
	}
	for _, key := range s.keys {
		if key.needed && seen[key.name] == nil {
			r.fault(n, "%s has no %s; add it", what, key.name)
		}
		if at := seen[key.name]; at != nil && key.beside != "" && seen[key.beside] == nil {
			r.fault(at, "%s has %s without %s; add that or remove this", what, key.name, key.beside)
		}
	}
	var first string
	for _, name := range s.one {
		switch at := seen[name]; {
		case at == nil:
		case first == "":
			first = name
		default:
			r.fault(at, "%s has %s and %s; keep one of them", what, first, name)
		}
	}
	if s.one != nil && first == "" {
		r.fault(n, "%s has no %s; add one of them", what, strings.Join(s.one, " and no "))
	}
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

// list reads each item of n, which must have one.
func (r *reader) list(n *yaml.Node, what string, item func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		r.fault(n, "%s must be a list with at least one item; write it as [one, two] or as lines beginning with \"- \"", what)
		return
	}
	for _, child := range n.Content {
		item(child)
	}
}

// text reads one line that is not empty, as it stands: 10 and yes are text.
func (r *reader) text(n *yaml.Node, what string) string {
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" || strings.TrimSpace(n.Value) == "":
		r.fault(n, "%s must be text; write it", what)
	case !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!timestamp"}, n.ShortTag()):
		r.fault(n, "%s has the YAML tag %s; remove the tag", what, n.Tag)
	case len(n.Value) > maxText:
		r.fault(n, "%s is longer than %d bytes; shorten it", what, maxText)
	case !utf8.ValidString(n.Value) || strings.ContainsFunc(n.Value, invisible):
		r.fault(n, "%s holds a line break or another character that cannot be seen; remove it", what)
	default:
		return n.Value
	}
	return ""
}

// texts reads one line for each language, or one for both.
func (r *reader) texts(n *yaml.Node, what string) Text {
	if n.Kind != yaml.MappingNode {
		s := r.text(n, what)
		return Text{Ja: s, En: s}
	}
	var t Text
	r.mapping(n, what, textShape, keys{
		Japanese: func(n *yaml.Node) { t.Ja = r.text(n, what) },
		English:  func(n *yaml.Node) { t.En = r.text(n, what) },
	})
	return t
}

// id reads a name that is also written elsewhere.
func (r *reader) id(n *yaml.Node, what string) string {
	s := r.text(n, what)
	if s != "" && !isID(s) {
		r.fault(n, "%s is %q and must be made of lower-case letters, digits and hyphens; rename it", what, s)
		return ""
	}
	return s
}

func (r *reader) pattern(n *yaml.Node, what string) *Pattern {
	s := r.text(n, what)
	if s == "" {
		return nil
	}
	p, err := newPattern(s)
	if err != nil {
		r.fault(n, "%s is no RE2 expression (%v); correct it", what, err)
		return nil
	}
	return p
}
