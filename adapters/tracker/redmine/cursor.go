package redmine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// A cursor says how far the changes have been read. Its reader keeps it with
// what follows from a batch, in one commit; so what is in it is certain, and
// what the adapter itself remembers of a batch is written when the cursor
// behind the batch comes back.
type cursor struct {
	Version int           `json:"v"`
	Project string        `json:"p"`
	Begun   int64         `json:"begun"`           // notes from before are no news
	From    int64         `json:"from"`            // what changed before has been read
	Seen    map[int]int64 `json:"seen,omitempty"`  // what changed since, by issue: the change that was read
	Noted   map[int]int   `json:"noted,omitempty"` // the last entry of the histories that the batch read
	Gone    []int         `json:"gone,omitempty"`  // what the batch said is gone
}

const (
	cursorVersion = 1
	maxCursor     = 8 << 20
)

func (c *cursor) String() string {
	out, err := json.Marshal(c)
	if err != nil { // of numbers and a name
		return ""
	}
	return string(out)
}

func (r *Redmine) parseCursor(s string) (cursor, error) {
	c := cursor{}
	d := json.NewDecoder(bytes.NewReader([]byte(s[:min(len(s), maxCursor)])))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil || d.More() {
		return c, foreign("the cursor is not one of Redmine's: begin again with an empty one")
	}
	if c.Version != cursorVersion || c.Begun < 0 || c.From < 0 {
		return c, foreign("the cursor is of version %d, this program reads %d: begin again with an empty one", c.Version, cursorVersion)
	}
	if c.Project != r.scope() {
		return c, foreign("the cursor is of %q, not of %q: begin again with an empty one", c.Project, r.scope())
	}
	if c.Seen == nil {
		c.Seen = map[int]int64{}
	}
	return c, nil
}

// foreign says that a cursor is not this tracker's.
func foreign(format string, args ...any) error {
	return &remote.Fault{Code: adapters.Refused, What: fmt.Sprintf(format, args...), Err: tracker.ErrCursor}
}

// advance gives the cursor behind a batch that read what changed up to the
// end, or up to some second of which not all was read. Redmine's clock shows
// now at least. What is before the overlap need not be remembered.
func (c *cursor) advance(to, now int64, overlap time.Duration) {
	to = min(to, now-int64(overlap/time.Second))
	if to <= c.From {
		return
	}
	drops := false
	for _, at := range c.Seen {
		drops = drops || at < to
	}
	if !drops { // the same cursor says as much
		return
	}
	c.From = to
	for id, at := range c.Seen {
		if at < to {
			delete(c.Seen, id)
		}
	}
}

// stamp writes a second as a filter has it.
func stamp(second int64) string { return time.Unix(second, 0).UTC().Format("2006-01-02T15:04:05Z") }

func from(second int64) string { return ">=" + stamp(second) }

// within is a filter for one second. Redmine's database may keep fractions of
// it, so the filter takes the next one's beginning along.
func within(second int64) string { return fmt.Sprintf("><%s|%s", stamp(second), stamp(second+1)) }
