package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Fault is one thing in the configuration that must be corrected, and how.
type Fault struct {
	File string
	Line int // from 1
	What string
}

// String is the form compilers use, which editors and CI turn into links.
func (f Fault) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What) }

// Faults are all the faults of one file in the order of their lines. As an
// error they are one line each.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// A place is where something stands in the file: keys and list positions from the top, each
// after a NUL. The top is "".
type place string

func at(keys ...string) place {
	var p place
	for _, k := range keys {
		p = p.key(k)
	}
	return p
}

func (p place) key(k string) place  { return p + "\x00" + place(k) }
func (p place) index(i int) place   { return p.key("[" + strconv.Itoa(i) + "]") }
func (p place) within(o place) bool { return p == o || strings.HasPrefix(string(p), string(o)+"\x00") }
func (p place) parent() place       { return p[:max(0, strings.LastIndexByte(string(p), 0))] }

// String is the place as people write it: alerts.routes[2].policy.
func (p place) String() string {
	var b strings.Builder
	for k := range strings.SplitSeq(strings.TrimPrefix(string(p), "\x00"), "\x00") {
		// A key may hold anything; a fault has to stay one readable line.
		if q := strconv.Quote(k); k == "" || q != `"`+k+`"` {
			k = q
		}
		if b.Len() > 0 && !strings.HasPrefix(k, "[") {
			b.WriteByte('.')
		}
		b.WriteString(k)
	}
	return b.String()
}

// A placed fault still knows where in the file's tree it is.
type placed struct {
	at     place
	line   int
	what   string
	broken bool // nothing below could be read at all
}

// fault notes what is wrong at a place.
func (r *reader) fault(p place, format string, args ...any) {
	r.faults = append(r.faults, placed{at: p, line: r.line(p), what: fmt.Sprintf(format, args...)})
}

// consequence notes what is wrong at a place, unless a fault at that place or
// at one of the causes explains it already.
func (r *reader) consequence(p place, what string, causes ...place) {
	for _, c := range append(causes, p) {
		if r.faulty(c) {
			return
		}
	}
	r.fault(p, "%s", what)
}

func (r *reader) faulty(p place) bool {
	return slices.ContainsFunc(r.faults, func(f placed) bool {
		return f.at.within(p) || f.broken && p.within(f.at)
	})
}

// line gives the line of a place, or of the nearest one around it that stands
// in the file.
func (r *reader) line(p place) int {
	for ; p != ""; p = p.parent() {
		if n, ok := r.lines[p]; ok {
			return n
		}
	}
	return 1
}

func (r *reader) sorted() Faults {
	out := make(Faults, len(r.faults))
	for i, f := range r.faults {
		what := f.what
		if f.at != "" {
			what = f.at.String() + ": " + what
		}
		out[i] = Fault{File: r.file, Line: f.line, What: what}
	}
	slices.SortStableFunc(out, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.What, b.What)) })
	return slices.Compact(out)
}
