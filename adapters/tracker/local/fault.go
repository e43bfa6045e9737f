package local

import (
	"errors"
	"fmt"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
)

// fault is a failure before its operation is known.
type fault struct {
	code adapters.Code
	what string
	err  error // below; mostly nil
}

func (f *fault) Error() string { return f.what }

func (f *fault) Unwrap() error { return f.err }

func asFault(err error, f **fault) bool { return errors.As(err, f) }

func refused(format string, args ...any) error {
	return &fault{code: adapters.Refused, what: fmt.Sprintf(format, args...)}
}

// foreignCursor says that a cursor is not this tracker's.
func foreignCursor() error {
	return &fault{adapters.Refused, tracker.ErrCursor.Error() + ": begin again with an empty one", tracker.ErrCursor}
}

func notFound(key string) error {
	return &fault{code: adapters.NotFound, what: fmt.Sprintf("there is no ticket %q", key)}
}
