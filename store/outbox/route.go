package outbox

import (
	"context"
	"fmt"
)

// A Route says who delivers the items of one kind at one destination. Flows
// that share a destination share its workers and its pauses, and nothing else.
type Route struct {
	Dest, Kind string
	Handle     Handler
}

// Handle gives the handler of a destination: each item goes to the route of
// its kind. An item of a kind that no route has is kept and tried again, for
// the version of the program that knows it.
func Handle(dest string, routes []Route) Handler {
	byKind := map[string]Handler{}
	for _, r := range routes {
		if r.Dest == dest {
			byKind[r.Kind] = r.Handle
		}
	}
	return func(ctx context.Context, it Item) error {
		h, ok := byKind[it.Kind]
		if !ok {
			return fmt.Errorf("deliver %s at %s: this version of the program does not know what %q is", it.Key, dest, it.Kind)
		}
		return h(ctx, it)
	}
}
