package tracker

import (
	"context"
	"fmt"

	"tebiki/adapters"
)

// A Doctor is a tracker elsewhere that can tell whether everything is there
// that Tebiki needs. It changes nothing.
type Doctor interface {
	Doctor(ctx context.Context, e Expect) Report
}

// Expect is what a tracker is held against.
type Expect struct {
	Components []string // of the know-how
	People     []string // addresses in the tracker
}

// A Report is what was found.
type Report struct {
	Facts []string // how the tracker is, and what Tebiki makes of it
	Found []adapters.Finding
}

// Fact adds what is worth knowing.
func (r *Report) Fact(format string, args ...any) {
	r.Facts = append(r.Facts, fmt.Sprintf(format, args...))
}

// Fault adds what is wrong.
func (r *Report) Fault(about, fault, do string) {
	r.Found = append(r.Found, adapters.Finding{About: about, Fault: fault, Do: do})
}
