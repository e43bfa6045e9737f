// Package tracker is the port to where the team keeps its tickets.
//
// A tracker has no idempotency of its own, so every creation and comment
// carries a label that the adapter must make unique: asked for the same
// label again it gives back what is there and makes nothing. Ids of people
// in this package are the tracker's own; bot/roster maps them.
//
// Errors are *adapters.Error. NotFound: no such ticket. Refused: the tracker
// will never take this (an unknown component, a person who cannot be
// assigned). Denied: our credentials, or what their user may do or see, which
// an administrator mends. Everything else may be tried again.
package tracker

import (
	"context"
	"errors"
	"time"
)

// ErrCursor is in the chain of an error of Since when the cursor is of another
// tracker, or of none. Nothing else may be taken for it: who reads begins anew
// after it, and what changed since the cursor is lost to them.
var ErrCursor = errors.New("the cursor is not of this tracker")

// A Cause is what an adapter's error may tell, in its chain, to whoever has to
// mend it.
type Cause interface {
	error
	// Words are what is wrong and what to do, and what the tracker says. They
	// hold no secret and nothing internal.
	Words() string
	// Login tells that it is the login that is refused, not what its user may
	// do.
	Login() bool
}

// A Status is where a ticket stands, whatever the tracker calls it.
type Status string

// An operator fixes a ticket, which asks the leader to look; the leader
// closes it.
const (
	Open   Status = "open"
	Fixed  Status = "fixed"
	Closed Status = "closed"
)

// A Ticket as the tracker holds it.
type Ticket struct {
	Key       string            `json:"key"`              // the tracker's name for it, "OPS-12"
	Parent    string            `json:"parent,omitempty"` // key of the ticket this is a sub-ticket of
	Component string            `json:"component,omitempty"`
	Title     string            `json:"title"`          // plain text, one line
	Body      string            `json:"body,omitempty"` // Markdown
	Status    Status            `json:"status"`
	Assignee  string            `json:"assignee,omitempty"`
	Reporter  string            `json:"reporter,omitempty"`
	Priority  Priority          `json:"priority,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"` // "host" and the component's own request fields
	Label     string            `json:"label,omitempty"`  // of the Draft that made it; "" when it was made elsewhere
	Created   time.Time         `json:"created"`
	Updated   time.Time         `json:"updated"`
	URL       string            `json:"url,omitempty"` // where a person opens it
	Omitted   []Omission        `json:"-"`             // only in the answer of the Create that made it, and of those soon after
}

// A Priority orders tickets of one list.
type Priority string

// The priorities that Tebiki sets.
const (
	Urgent Priority = "urgent"
	Normal Priority = ""
	Low    Priority = "low"
)

// A Link is where a person reads on.
type Link struct{ Title, URL string }

// A Draft is a ticket to be made.
type Draft struct {
	Label     string // unique for the cause; required, for a person's form too
	Parent    string // makes it a sub-ticket
	Component string
	Title     string // plain text, one line; the adapter cuts it to the tracker's length
	Body      string // Markdown
	Assignee  string
	Reporter  string
	Priority  Priority
	Fields    map[string]string
	Links     []Link // shown beside the text where the tracker has a place for it, below it otherwise
}

// An Omission is what a tracker did not take of a draft, which it made all
// the same: a ticket without a component is better than none.
type Omission struct {
	Field string `json:"field"`         // as the tracker's users call it: "Component"
	Value string `json:"value"`         // what it should have been
	Why   string `json:"why,omitempty"` // in the tracker's words
}

// A Comment is a note on a ticket.
type Comment struct {
	Label  string // unique for the cause; "" for what a person wrote
	Author string
	Body   string // Markdown
}

// A Change alters a ticket; nil leaves a thing as it is. Repeating a change
// that already holds makes no entry in the history.
type Change struct {
	By       string // who does it
	Status   *Status
	Assignee *string // "" takes the ticket from everybody
	Title    *string
	Body     *string
}

// A Said is a comment that a person has written in the tracker itself.
type Said struct {
	Ticket string // key
	ID     string // the tracker's own, unique on the ticket
	Author string
	Text   string // as they typed it
	At     time.Time
}

// A Batch is a piece of the tracker's changes.
type Batch struct {
	Tickets []Ticket // as they are now, oldest change first; one may be there repeatedly
	Said    []Said   // oldest first, each once; its ticket is in Tickets of this batch or an earlier one
	Gone    []string // keys of tickets that were deleted, or moved out of sight
	Cursor  string   // where the next call goes on
	More    bool     // there is more already
	Skipped int      // with an empty cursor: open tickets from before, which are left alone
}

// A Filter says which tickets a list shows; what is empty does not filter.
type Filter struct {
	Status    Status
	Component string
	Assignee  string
	TopLevel  bool   // no sub-tickets
	Limit     int    // at most so many; 50 when it is 0
	Before    string // only tickets older than the one with this key
}

// An Event is one line of a ticket's history.
type Event struct {
	At   time.Time
	By   string // who; "" when nobody said
	Kind Kind
	Text string // the comment, or what the thing is now
}

// A Kind says what happened to a ticket.
type Kind string

// The kinds.
const (
	Created   Kind = "created"
	Commented Kind = "comment"
	Assigned  Kind = "assigned" // Text is the assignee, "" for nobody
	Moved     Kind = "status"   // Text is the status
	Retitled  Kind = "title"
	Rewritten Kind = "body"
)

// A Tracker keeps tickets.
type Tracker interface {
	Ticket(ctx context.Context, key string) (Ticket, error)
	Subtickets(ctx context.Context, key string) ([]Ticket, error)
	// Create makes a ticket, or gives the one that has the draft's label, as
	// it is now. An unknown parent is NotFound.
	Create(ctx context.Context, d Draft) (Ticket, error)
	// Comment adds a note. One whose label the ticket has already is there.
	Comment(ctx context.Context, key string, c Comment) error
	Change(ctx context.Context, key string, c Change) (Ticket, error)
	// Since gives what changed after a cursor. "" means from now on: it
	// gives no tickets and the cursor to go on from. A cursor that is not
	// this tracker's is Refused, with ErrCursor; after any other error the
	// cursor stays good.
	Since(ctx context.Context, cursor string) (Batch, error)
	// List gives the newest tickets first. The next page is the same filter
	// with Before set to the last key of this one.
	List(ctx context.Context, f Filter) ([]Ticket, error)
	// History gives what happened to a ticket, oldest first.
	History(ctx context.Context, key string) ([]Event, error)
	// URL is where a person opens the ticket; "" when there is no such place.
	URL(key string) string
}

// A Waker is a tracker that knows when something has changed, so that its
// reader need not wait for the next poll.
type Waker interface {
	// Changed gives a channel that is closed at the next change.
	Changed() <-chan struct{}
}
