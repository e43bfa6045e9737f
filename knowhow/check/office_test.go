package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// office is a bot with an inventory of two servers, an audit log, and
// executors that do as they are told.
type office struct {
	mu    sync.Mutex
	ran   []string // the place and the command
	audit []Run
	do    executor
	deaf  bool // the audit log takes nothing
}

func (o *office) at(place string) Executor {
	return executor(func(ctx context.Context, argv []string, limit int) (Output, error) {
		o.mu.Lock()
		o.ran = append(o.ran, place+": "+strings.Join(argv, " "))
		o.mu.Unlock()
		if o.do == nil {
			return Output{Text: []byte("ok")}, nil
		}
		return o.do(ctx, argv, limit)
	})
}

func (o *office) resolve(_ context.Context, host string) (string, error) {
	switch host {
	case "web1", "www.example.jp":
		return "192.0.2.1", nil
	case "web2":
		return "", nil
	case "torn":
		return "", errors.New("connection refused")
	}
	return "", fmt.Errorf("looking for %q: %w", host, ErrUnlisted)
}

func (o *office) record(_ context.Context, r Run) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.deaf {
		return errors.New("disk full")
	}
	o.audit = append(o.audit, r)
	return nil
}

func (o *office) runner(t *testing.T, change ...func(*Options)) *Runner {
	t.Helper()
	opts := Options{Local: o.at("bot"), Server: o.at, HTTP: o.at("http"), Resolve: o.resolve, Audit: o.record}
	for _, c := range change {
		c(&opts)
	}
	r, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
