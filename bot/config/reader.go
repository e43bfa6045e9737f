package config

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// A reader takes YAML apart into wire types and remembers where each value
// stood.
type reader struct {
	file   string
	lines  map[place]int
	faults []placed
}

func newReader(file string) *reader { return &reader{file: file, lines: map[place]int{}} }

// What a wire type may do for itself.
type (
	// a scalar is read from the text of one value
	scalar interface{ parse(text string) error }
	// a selfReader knows its own shape
	selfReader interface {
		read(r *reader, n *yaml.Node, p place)
	}
	// a defaulter has values for what the file leaves out
	defaulter interface{ setDefaults() }
)

var (
	yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)
	// yaml.v3 counts lines from 0 in what its parser says, from 1 in what its
	// scanner says. These are the parser's.
	countedFrom0 = regexp.MustCompile(`^did not find expected (node content|key|'-' indicator|',' or|<)`)
)

// document reads the whole file into what `to` points to; ok is false when
// nothing of it could be read.
func (r *reader) document(data []byte, to any) (ok bool) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if err != nil && !errors.Is(err, io.EOF) {
		r.notYAML(err)
		return false
	}
	top := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1}
	if len(doc.Content) > 0 {
		top = doc.Content[0]
	}
	r.value(top, "", to)
	ok = !slices.ContainsFunc(r.faults, func(f placed) bool { return f.at == "" && f.broken })
	var more yaml.Node
	if err := dec.Decode(&more); err == nil {
		r.faults = append(r.faults, placed{line: more.Line, what: "a second document begins here; put everything into one"})
	} else if !errors.Is(err, io.EOF) {
		r.notYAML(err)
	}
	return ok
}

func (r *reader) notYAML(err error) {
	f := placed{line: 1, what: err.Error(), broken: true}
	if m := yamlError.FindStringSubmatch(err.Error()); m != nil {
		f.what = strconv.Quote(m[2])
		n, _ := strconv.Atoi(m[1])
		if n > 0 && countedFrom0.MatchString(m[2]) {
			n++
		}
		f.line = max(1, n)
	}
	f.what = "this is not YAML: " + f.what + "; often a colon, a quote or the indentation of this line or one near it"
	r.faults = append(r.faults, f)
}

// broken notes that a value has the wrong shape, so that nothing of it can be
// read.
func (r *reader) broken(p place, format string, args ...any) {
	r.fault(p, format, args...)
	r.faults[len(r.faults)-1].broken = true
}

// value reads one value into what `to` points to.
func (r *reader) value(n *yaml.Node, p place, to any) {
	if _, known := r.lines[p]; !known {
		r.lines[p] = n.Line
	}
	if d, ok := to.(defaulter); ok {
		d.setDefaults()
	}
	if n.Kind == yaml.AliasNode {
		r.broken(p, "anchors and aliases are not read here; write it out")
		return
	}
	switch t := to.(type) {
	case selfReader:
		t.read(r, n, p)
		return
	case scalar:
		r.scalar(n, p, t.parse)
		return
	}
	r.kind(n, p, reflect.ValueOf(to).Elem())
}

// kind reads the kinds that need no method of their own.
func (r *reader) kind(n *yaml.Node, p place, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		r.structure(n, p, v)
	case reflect.Slice:
		r.list(n, p, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(n, p, v.Interface())
	case reflect.Int:
		r.scalar(n, p, func(s string) error { return parseInt(s, v) })
	case reflect.Bool:
		r.scalar(n, p, func(s string) error { return parseBool(s, v) })
	default:
		r.text(n, p, v)
	}
}

// structure reads a mapping into a struct whose fields name their keys.
func (r *reader) structure(n *yaml.Node, p place, v reflect.Value) {
	fields := map[string]any{}
	for i := range v.NumField() {
		if key := v.Type().Field(i).Tag.Get("key"); key != "" {
			fields[key] = v.Field(i).Addr().Interface()
		}
	}
	r.mapping(n, p, func(key string, n *yaml.Node) {
		if to, ok := fields[key]; ok {
			r.value(n, p.key(key), to)
			return
		}
		r.fault(p.key(key), "there is no such key; %s", choices(key, fields))
	})
}

// mapping calls each for every key, and refuses a key that stands there twice.
// Nothing at all, as when all lines below are commented out, is an empty
// mapping.
func (r *reader) mapping(n *yaml.Node, p place, each func(key string, n *yaml.Node)) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.broken(p, "is %s; want keys and values", shape(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode {
			r.faults = append(r.faults, placed{at: p, line: k.Line, what: "a key is " + shape(k) + "; want a word"})
			continue
		}
		if first, twice := seen[k.Value]; twice {
			f := placed{at: p.key(k.Value), line: k.Line, what: "stands there twice, first in line " + strconv.Itoa(first) + "; keep one"}
			r.faults = append(r.faults, f)
			continue
		}
		seen[k.Value] = k.Line
		r.lines[p.key(k.Value)] = k.Line
		each(k.Value, n.Content[i+1])
	}
}

func (r *reader) list(n *yaml.Node, p place, v reflect.Value) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.broken(p, "is %s; want a list, such as [a, b]", shape(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		r.value(c, p.index(i), v.Index(i).Addr().Interface())
	}
}
