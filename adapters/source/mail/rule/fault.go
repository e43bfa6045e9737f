package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing in the rules that must be corrected, and how.
type Fault struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
	What   string
}

// String is the form compilers use, which editors and CI turn into links.
func (f Fault) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.What)
}

// Faults are all the faults of one file in order of place. As an error they
// are one line each.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// err gives the faults in order, each once; nil without any.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.What, b.What))
	})
	return slices.Compact(fs)
}
