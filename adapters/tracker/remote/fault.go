package remote

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tebiki/adapters"
)

// A Fault is why a call did not succeed.
type Fault struct {
	Code   adapters.Code
	Status int               // of the answer; 0 when there was none
	After  time.Duration     // how long to leave the tracker alone; 0 means unknown
	What   string            // what is wrong and what to do, in our words
	Says   []string          // what the tracker says
	Fields map[string]string // what the tracker says of single fields, by its own names of them
	Sent   bool              // it may have been carried out
	Page   bool              // the answer is made for a browser: it is not the tracker's
	Err    error             // below; may be nil

	login bool // the credentials themselves are refused
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return joined(f.Words(), f.Err.Error())
	}
	return f.Words()
}

// Words are what is wrong in our words and the tracker's, without the error
// below.
func (f *Fault) Words() string {
	parts := append([]string{f.What}, f.Says...)
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		parts = append(parts, name+": "+f.Fields[name])
	}
	return joined(parts...)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// Login tells that the credentials themselves are refused, not what their user
// may do.
func (f *Fault) Login() bool { return f.login || f.Status == http.StatusUnauthorized }

func (f *Fault) Unwrap() error { return f.Err }

// Refused is a fault of the request itself, found before it was sent.
func Refused(format string, args ...any) error {
	return &Fault{Code: adapters.Refused, What: fmt.Sprintf(format, args...)}
}

// Missing says that something is not there.
func Missing(format string, args ...any) error {
	return &Fault{Code: adapters.NotFound, What: fmt.Sprintf(format, args...)}
}

// Later says that something cannot be done for now.
func Later(format string, args ...any) error {
	return &Fault{Code: adapters.Unavailable, What: fmt.Sprintf(format, args...)}
}

// Named gives an error its operation: what the port's callers see. An error
// that has one already keeps it.
func Named(op string, err error) error {
	var named *adapters.Error
	if err == nil || errors.As(err, &named) {
		return err
	}
	var f *Fault
	if errors.As(err, &f) {
		return &adapters.Error{Op: op, Code: f.Code, After: f.After, Err: err}
	}
	return &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
}

// Of gives the fault in an error's chain; nil when there is none.
func Of(err error) *Fault {
	var f *Fault
	errors.As(err, &f)
	return f
}

// Is tells whether the tracker answered with one of these statuses.
func Is(err error, statuses ...int) bool {
	f := Of(err)
	return f != nil && f.Status != 0 && slices.Contains(statuses, f.Status)
}

// Undone tells that what was asked for was certainly not done: it was never
// sent, or the tracker said no.
func Undone(err error) bool {
	f := Of(err)
	return f != nil && !f.Sent
}
