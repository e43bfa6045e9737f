package jira

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// silent takes the warnings out of a search's answer, by which Data Center
// may tell that a query's project is not there.
type silent struct{ http.RoundTripper }

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	if json.Unmarshal(body, &answer) == nil && answer["warningMessages"] != nil {
		delete(answer, "warningMessages")
		if body, err = json.Marshal(answer); err != nil {
			return nil, err
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// TestHiddenForHours takes the project away for hours. That is said, at
// once where Jira tells and when the tickets are looked for where it does not;
// no ticket is taken for gone, and what happened meanwhile is read once.
func TestHiddenForHours(t *testing.T) {
	for name, c := range map[string]struct{ away, back func(*bench) }{
		"archived": {func(b *bench) { b.Archive("OPS") }, func(b *bench) { b.Restore("OPS") }},
		"hidden":   {func(b *bench) { b.Forbid("BROWSE_PROJECTS") }, func(b *bench) { b.Permit("BROWSE_PROJECTS") }},
	} {
		for _, quiet := range []bool{false, true} {
			t.Run(name+map[bool]string{true: " without a word"}[quiet], func(t *testing.T) {
				bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
					b := newBench(t, kind, usual, withProject(jiratest.Classic(), true))
					if quiet {
						b.wire.to = silent{b.wire.to}
					}
					cursor := b.since("").Cursor
					b.Create("sato", jiratest.Values{"summary": "old"})
					b.settle()
					cursor = b.since(cursor).Cursor
					b.Create("sato", jiratest.Values{"summary": "new"})
					c.away(b)
					said := b.unseenFor(&cursor, 3*time.Hour)
					if most := time.Minute; said > most && !(quiet && kind == jiratest.DataCenter && said <= 10*time.Minute) {
						t.Errorf("it is said after %v", said)
					}
					c.back(b)
					if got := b.since(cursor); len(got.Tickets) != 1 || got.Tickets[0].Title != "new" || len(got.Gone) != 0 {
						t.Errorf("then there are %+v", got)
					}
				})
			})
		}
	}
}

// unseenFor polls, and gives when the first poll says what is wrong. From then
// on all do, and none costs more than a few requests.
func (b *bench) unseenFor(cursor *string, d time.Duration) (said time.Duration) {
	b.t.Helper()
	said = -1
	for at := time.Duration(0); at < d; at += 30 * time.Second {
		time.Sleep(30 * time.Second) // in the bubble's time
		b.Forget()
		got, err := b.tr.Since(b.t.Context(), *cursor)
		switch {
		case err == nil && said >= 0, len(got.Gone)+len(got.Tickets) > 0:
			b.t.Fatalf("after %v there are %+v, %v", at, got, err)
		case err == nil:
			*cursor = got.Cursor
			continue
		case adapters.CodeOf(err) != adapters.Denied || errors.Is(err, tracker.ErrCursor) || !has(err.Error(), "archived", "restore it", "tracker.project"):
			b.t.Fatal(err)
		}
		if n := b.Count(); n > 8 { // with the facts, which are asked for again
			b.t.Errorf("%d requests: %s", n, b.asked())
		}
		if said < 0 {
			said = at
		}
	}
	if said < 0 {
		b.t.Fatal("it is never said")
	}
	return said
}

// TestWriteToAHiddenProject: what is written to a project that is out of sight is
// an administrator's to mend, not refused for good.
func TestWriteToAHiddenProject(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, nil, withProject(jiratest.Classic(), true))
		b.create(tracker.Draft{Label: "x", Title: "x"})
		b.settle()
		b.Archive("OPS")
		_, created := b.tr.Create(t.Context(), tracker.Draft{Label: "y", Title: "y"})
		_, changed := b.tr.Change(t.Context(), "OPS-1", tracker.Change{Title: ptr("z")})
		for what, err := range map[string]error{"create": created, "change": changed, "comment": b.tr.Comment(t.Context(), "OPS-1", tracker.Comment{Body: "x"})} {
			if adapters.CodeOf(err) != adapters.Denied || !has(err.Error(), "archived", "restore it", "correct tracker.project") {
				t.Errorf("%s: %v", what, err)
			}
		}
		b.Restore("OPS")
		b.create(tracker.Draft{Label: "y", Title: "y"})
		b.change("OPS-1", tracker.Change{Title: ptr("z")})
	})
}
