package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters"
)

// fault is a failure before its operation is known.
type fault struct {
	code  adapters.Code
	after time.Duration
	what  string
	cause error

	unsent bool // it was never on its way
}

func (f *fault) Error() string {
	if f.cause == nil {
		return f.what
	}
	return f.what + ": " + f.cause.Error()
}

func (f *fault) Unwrap() error { return f.cause }

func refused(format string, args ...any) error {
	return &fault{code: adapters.Refused, what: fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) error {
	return &fault{code: adapters.NotFound, what: fmt.Sprintf(format, args...)}
}

// failed gives an error its operation, its code and what to do.
func (s *Slack) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	var done *adapters.Error
	if errors.As(err, &done) {
		return err
	}
	f := explain(err)
	return &adapters.Error{Op: op, Code: f.code, After: f.after, Err: f}
}

// explain reads an error of slack-go, of the way there, or of our own.
func explain(err error) *fault {
	var own *fault
	var limited *sdk.RateLimitedError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &limited):
		return &fault{code: adapters.Throttled, after: max(limited.RetryAfter, time.Second), what: "Slack asks for fewer calls", cause: err}
	case errors.Is(err, context.Canceled):
		return &fault{code: adapters.Unavailable, what: "the program stops or gave up", cause: err}
	}
	var status sdk.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusTooManyRequests {
		return &fault{code: adapters.Throttled, after: time.Second, what: "Slack asks for fewer calls", cause: err}
	}
	name, needed := slackError(err)
	err = detailed(err)
	r, known := remedies[name]
	switch {
	case known && needed != "":
		return &fault{code: r.code, what: r.what + " (it needs " + needed + ")", cause: err}
	case known:
		return &fault{code: r.code, what: r.what, cause: err}
	case name != "":
		return &fault{code: adapters.Unavailable, what: "Slack does not do it now", cause: err}
	}
	return &fault{code: adapters.Unavailable, what: "Slack does not answer: check the network and https://slack-status.com", cause: err}
}

// detailed adds what Slack says about the place of a fault.
func detailed(err error) error {
	var answer sdk.SlackErrorResponse
	if !errors.As(err, &answer) || len(answer.ResponseMetadata.Messages) == 0 {
		return err
	}
	return fmt.Errorf("%w: %.500s", err, strings.Join(answer.ResponseMetadata.Messages, "; "))
}

// slackError is the name that Slack gave its error, "" for an error on the
// way.
func slackError(err error) (name, needed string) {
	var answer sdk.SlackErrorResponse
	if !errors.As(err, &answer) {
		return "", ""
	}
	name, _, _ = strings.Cut(answer.Err, " ")
	return name, answer.Needed
}

// is tells whether Slack answered with one of these errors.
func is(err error, names ...string) bool {
	name, _ := slackError(err)
	for _, n := range names {
		if name == n {
			return true
		}
	}
	return false
}

// answered tells whether Slack itself said no: then nothing was done. Any
// other failure may have come after it was.
func answered(err error) bool {
	var limited *sdk.RateLimitedError
	var own *fault
	if errors.As(err, &limited) || errors.As(err, &own) && own.unsent {
		return true
	}
	name, _ := slackError(err)
	return name != "" && !is(err, "internal_error", "fatal_error", "service_unavailable", "request_timeout")
}
