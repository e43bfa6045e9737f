package file

import (
	"fmt"
	"path"
	"slices"
	"strings"

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

// Parse reads the text of an inventory, YAML or by its name's ending a table.
// Its error is Faults.
func Parse(name string, data []byte) ([]inventory.Server, error) {
	p := &parser{file: name, seen: map[string]int{}}
	read := p.document
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".tsv":
		read = p.table
	}
	servers := read(data)
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, p.faults
	}
	return servers, nil
}

// A parser gathers the faults of one file, whatever its shape.
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
