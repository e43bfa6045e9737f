package request_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/bot/request"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"
)

// TestHangingCheck: the push waits a little for a check that hangs, goes
// without, and the result follows: in the message, and as a comment on the
// sub-ticket that shows the check.
func TestHangingCheck(t *testing.T) {
	in(t, func(w *world) {
		w.checks.slow = map[string]time.Duration{"inodes": 50 * time.Second}
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		time.Sleep(14 * time.Second)
		same(t, "messages while it may still end", len(w.messages("lee")), 0)
		time.Sleep(2 * time.Second)
		want(t, "the message", text(w.pushed()), "**df** (", "**inodes** has not ended yet")
		want(t, "the sub-ticket", w.ticket("T-2").Body, "**df** (", "**inodes** has not ended yet")
		same(t, "a press meanwhile", w.again("T-1", "disk-full").State, request.AgainRunning)
		w.rest()
		want(t, "the message then", text(w.pushed()), "**inodes** (", "50\\.0 s")
		if strings.Contains(text(w.pushed()), "not ended") {
			t.Errorf("the message still waits:\n%s", text(w.pushed()))
		}
		cs := w.comments("T-2")
		if len(cs) != 1 || strings.Contains(cs[0], "df") {
			t.Fatalf("comments on the sub-ticket: %q", cs)
		}
		want(t, "the comment", cs[0], "took longer", "**inodes** (", "50\\.0 s")
		same(t, "comments on what does not show it", len(w.comments("T-3"))+len(w.comments("T-1")), 0)
		same(t, "checks run", w.checks.runs, []string{"df", "inodes", "inodes"})
		same(t, "those of them that nobody waited for", w.checks.late, 1)
		same(t, "messages", titles(w.messages("lee")), []string{"T-1 x"})
		same(t, "a press later", w.again("T-1", "disk-full").State, request.AgainStarted)
	})
}

// TestHangingChecksOfMany: tickets whose checks hang hold up no other for
// longer than the push waits, however many they are.
func TestHangingChecksOfMany(t *testing.T) {
	in(t, func(w *world) {
		w.checks.took = 24 * time.Hour
		for i := range 12 { // three for each worker
			w.create(tracker.Draft{Title: fmt.Sprint(i), Component: "disk", Assignee: "lee"})
		}
		time.Sleep(70 * time.Second)
		w.create(tracker.Draft{Title: "last", Component: "account", Assignee: "tanaka"})
		time.Sleep(16 * time.Second)
		synctest.Wait()
		same(t, "lee's messages", len(w.messages("lee")), 12)
		same(t, "tanaka's messages", len(w.messages("tanaka")), 1)
	})
}

// TestKnowHowChangedMeanwhile: of a check that is gone before its result is
// there, nobody is told that it follows.
func TestKnowHowChangedMeanwhile(t *testing.T) {
	in(t, func(w *world) {
		w.checks.took = time.Minute
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		time.Sleep(20 * time.Second)
		w.base.Store(&knowhow.Base{})
		w.rest()
		w.base.Store(base())
		same(t, "a press", w.again("T-1", "disk-full").State, request.AgainStarted)
		w.rest()
		want(t, "the message", text(w.pushed()), "**df** ([", "60\\.0 s")
	})
}

// TestAgainOfAnEarlierVersion: a press that waits in the store while the bot is
// updated is not lost with its destination.
func TestAgainOfAnEarlierVersion(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.checks.text = "/dev/sda1 12%"
		err := w.st.Update(w.t.Context(), func(tx store.Writer) error {
			return outbox.Add(tx, outbox.Item{Dest: request.Dest, Lane: "T-1/again", Kind: "request again", Key: "request again/T-1/disk-full/tanaka1",
				Created: time.Now(), Body: []byte(`{"ticket":"T-1","component":"disk-full","person":"tanaka","cause":"1"}`)})
		})
		if err != nil {
			t.Fatal(err)
		}
		w.flow.Outbox.Wake()
		w.rest()
		want(t, "the message", text(w.pushed()), "/dev/sda1 12%")
		w.settled()
	})
}

// A stern tracker takes no comments on some tickets, for good.
type stern struct {
	tracker.Tracker
	refuses map[string]bool
}

func (s stern) Comment(ctx context.Context, key string, c tracker.Comment) error {
	if s.refuses[key] {
		return &adapters.Error{Op: "comment", Code: adapters.Refused, Err: errors.New("the ticket is frozen")}
	}
	return s.Tracker.Comment(ctx, key, c)
}

// TestNoPlaceForResults: what the sub-tickets do not take is on the ticket,
// once, and the log says why.
func TestNoPlaceForResults(t *testing.T) {
	in(t, func(w *world) {
		w.flow.Tracker = stern{w.tools, map[string]bool{"T-2": true}}
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.tools.Delete("T-3")
		w.checks.text = "/dev/sda1 12%"
		w.again("T-1", "disk-full")
		w.rest()
		cs := w.comments("T-1")
		if len(cs) != 1 {
			t.Fatalf("comments on the ticket: %q", cs)
		}
		want(t, "the comment", cs[0], "no sub-ticket that takes the results of Look, Free some", "/dev/sda1 12%", "**inodes**")
		same(t, "results of df", strings.Count(cs[0], "**df**"), 1)
		want(t, "the log", w.log.String(), "ticket=T-2", "the ticket is frozen")

		w.flow.Tracker = stern{w.tools, map[string]bool{"T-1": true, "T-2": true}}
		w.again("T-1", "disk-full")
		w.rest()
		want(t, "the log", w.log.String(), "ticket=T-1", "the message in chat has them")
		w.settled()
	})
}
