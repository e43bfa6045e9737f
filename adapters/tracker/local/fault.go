package local

import (
	"errors"
	"fmt"

	"tebiki/adapters"
)

// fault is a failure before its operation is known.
type fault struct {
	code adapters.Code
	what string
}

func (f *fault) Error() string { return f.what }

func asFault(err error, f **fault) bool { return errors.As(err, f) }

func refused(format string, args ...any) error {
	return &fault{adapters.Refused, fmt.Sprintf(format, args...)}
}

func notFound(key string) error {
	return &fault{adapters.NotFound, fmt.Sprintf("there is no ticket %q", key)}
}
