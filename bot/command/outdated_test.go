package command_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/bot/usage"
)

// outdated presses the button and gives the form that comes with the answer.
func (w *world) outdated(from, value string) chat.Form {
	w.Helper()
	r, err := w.h.Act(w.Context(), chat.Action{From: from, Button: "outdated", Value: value})
	if err != nil || r.Form == nil {
		w.Fatalf("%+v, error %v", r, err)
	}
	w.want(r.Sections[0].Markdown, "http://tebiki/knowhow/") // where a chat has no windows
	return *r.Form
}

func (w *world) remarks() (out []usage.Event) {
	w.Helper()
	out, err := usage.Between(w.Context(), w.faulty, time.Time{}, time.Now().Add(24*365*time.Hour), usage.Remarked)
	if err != nil {
		w.Fatal(err)
	}
	for i := range out {
		out[i].At = time.Time{}
	}
	return out
}

// TestRemark: the rating counts at once, and what is said of it later is
// noted once with the document it is about.
func TestRemark(t *testing.T) {
	w := newWorld(t)
	f := w.outdated("lee", "T-1 account")
	w.counted(usage.Outdated, 1)
	docs := field(t, f, "doc").Choices
	if len(docs) < 2 || docs[0].Label == "" {
		t.Fatalf("documents to choose from: %+v", docs)
	}
	a := answers("lee", f, map[string]string{"doc": docs[1].Value, "words": "  The <path> has moved.\n"})
	for range 2 {
		r, faults := w.submit(a)
		w.want(r.Title, "Thank you")
		if len(faults) > 0 {
			t.Error(faults)
		}
	}
	w.submit(answers("lee", f, map[string]string{"words": "Another thing"}))
	want := []usage.Event{
		{Kind: usage.Remarked, Person: "lee", Ticket: "T-1", Component: "account", Doc: docs[1].Value, Words: "The <path> has moved."},
		{Kind: usage.Remarked, Person: "lee", Ticket: "T-1", Component: "account", Words: "Another thing"},
	}
	if d := cmp.Diff(want, w.remarks()); d != "" {
		t.Errorf("remarks (-want +got):\n%s", d)
	}
}

func TestRemarksThatAreNone(t *testing.T) {
	w := newWorld(t)
	f := w.outdated("lee", "T-1 disk-full")
	for _, tt := range []struct {
		values map[string]string
		state  string
		fault  string
		fails  bool
	}{
		{values: map[string]string{"words": " \n "}, state: f.State},
		{values: map[string]string{"words": strings.Repeat("長", 3001)}, state: f.State, fault: "3000"},
		{values: map[string]string{"words": "x"}, state: "made", fails: true},
	} {
		a := answers("lee", f, tt.values)
		a.State = tt.state
		_, faults, err := w.h.Submit(t.Context(), a)
		if (err != nil) != tt.fails || !strings.Contains(faults["words"], tt.fault) {
			t.Errorf("%.20q: faults %v, error %v", tt.values["words"], faults, err)
		}
	}
	a := answers("lee", f, map[string]string{"words": "x", "doc": "../../etc/passwd"})
	w.faulty.Fail(errors.New("full"))
	if _, faults, err := w.h.Submit(t.Context(), a); err == nil || faults["words"] == "" {
		t.Errorf("a full disk: faults %v, error %v", faults, err)
	}
	w.faulty.Fail(nil)
	if n := len(w.remarks()); n != 0 {
		t.Errorf("%d remarks", n)
	}
	w.submit(a)
	if got := w.remarks(); len(got) != 1 || got[0].Doc != "" {
		t.Errorf("a document that there is not is kept: %+v", got)
	}
	if _, faults, err := w.h.Submit(t.Context(), chat.Answers{From: "stranger", Form: f.ID, State: f.State, Values: a.Values}); err != nil || len(faults) > 0 || len(w.remarks()) != 1 {
		t.Errorf("a stranger's remark: %v, %v", faults, err)
	}
}
