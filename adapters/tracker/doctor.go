package tracker

import (
	"context"

	"tebiki/adapters"
)

// A Doctor is a tracker elsewhere that can tell whether everything is there
// that Tebiki needs. It changes nothing.
type Doctor interface {
	Doctor(ctx context.Context, e Expect) adapters.Report
}

// Expect is what a tracker is held against.
type Expect struct {
	Components []string // of the know-how
	People     []string // addresses in the tracker
}
