package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"tebiki/adapters/inventory"
)

// The limits of one file.
const (
	maxServers = 100_000
	maxAliases = 64
	maxOwners  = 16
	maxText    = 1024
	maxFaults  = 100 // reported at once
)

// A Fault is one thing that is wrong in the file.
type Fault struct {
	File string
	Line int
	What string
}

func (f Fault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What) }

// Faults are all that is wrong in a file, in its order.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Parse reads the text of an inventory. Its error is Faults.
func Parse(name string, data []byte) ([]inventory.Server, error) {
	p := &parser{file: name, seen: map[string]int{}}
	servers := p.document(data)
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, p.faults
	}
	return servers, nil
}

type parser struct {
	file   string
	faults Faults
	seen   map[string]int // normal name -> line
}

// fault notes what is wrong. Beyond maxFaults one more line says so.
func (p *parser) fault(line int, format string, args ...any) {
	switch {
	case len(p.faults) < maxFaults:
		p.faults = append(p.faults, Fault{p.file, line, fmt.Sprintf(format, args...)})
	case len(p.faults) == maxFaults:
		p.faults = append(p.faults, Fault{p.file, line, "there are more faults from here on"})
	}
}

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
		"host":    func(v *yaml.Node) { s.Host = p.host(v, "host") },
		"aliases": func(v *yaml.Node) { s.Aliases = p.list(v, "aliases", maxAliases, p.host) },
		"owners":  func(v *yaml.Node) { owners, s.Owners = v, p.list(v, "owners", maxOwners, p.id) },
		"group":   func(v *yaml.Node) { group, s.Group = v, p.id(v, "group") },
		"team":    func(v *yaml.Node) { s.Team = p.id(v, "team") },
		"service": func(v *yaml.Node) { s.Service = p.id(v, "service") },
		"env":     func(v *yaml.Node) { s.Env = p.id(v, "env") },
		"note":    func(v *yaml.Node) { s.Note = p.text(v, "note") },
	})
	if ok && s.Host == "" && !has(n, "host") {
		p.fault(n.Line, "this server has no host")
	}
	if group != nil && owners != nil && len(owners.Content) > 0 {
		p.fault(group.Line, "group: a group owns a server in place of people; name one or the other")
	}
	return s
}
