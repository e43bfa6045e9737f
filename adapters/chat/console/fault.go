package console

import (
	"fmt"

	"tebiki/adapters"
)

// fault is a failure before its operation is known.
type fault struct {
	code adapters.Code
	what string
}

func (f *fault) Error() string { return f.what }

func refused(format string, args ...any) error {
	return &fault{adapters.Refused, fmt.Sprintf(format, args...)}
}

// nobody is what cannot be anybody's address.
var nobody = &fault{adapters.NotFound, "nobody has this address"}

// gone is what a person gets who presses what a newer state took away.
var gone = &fault{adapters.NotFound, "this button is no longer there"}

// quote keeps an error short whatever somebody put for a name.
func quote(s string) string { return fmt.Sprintf("%.80q", s) }
