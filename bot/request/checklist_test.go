package request_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
)

// finish fixes the first sub-ticket of a ticket and closes the others.
func (w *world) finish(key string) {
	w.t.Helper()
	to := tracker.Fixed
	for _, sub := range w.subtickets(key) {
		w.change(sub.Key, tracker.Change{Status: &to})
		to = tracker.Closed
	}
}

// list is the checklist of a message.
func list(m chat.Message) string {
	for _, s := range m.Sections {
		if s.Heading == "Sub-tickets" || s.Heading == "サブチケット" {
			return strings.TrimSpace(s.Markdown)
		}
	}
	return ""
}

func line(box, key, title string) string {
	return fmt.Sprintf("- [%s] [%s](<http://tebiki/tickets/%s>) %s", box, chat.Line(key), key, title)
}

func TestChecklist(t *testing.T) {
	fixed, closed, open := tracker.Fixed, tracker.Closed, tracker.Open
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		same(t, "at first", list(w.pushed()), line(" ", "T-2", "Look")+"\n"+line(" ", "T-3", "Free some"))
		for _, step := range []struct {
			key        string
			to         *tracker.Status
			look, free string
			news       int
		}{
			{"T-2", &fixed, "x", " ", 0},
			{"T-3", &closed, "x", "x", 1},
			{"T-2", &closed, "x", "x", 1},
			{"T-3", &open, "x", " ", 1},
			{"T-3", &fixed, "x", "x", 2},
		} {
			w.change(step.key, tracker.Change{Status: step.to})
			w.rest()
			what := fmt.Sprintf("after %s is %s", step.key, *step.to)
			same(t, what, list(w.pushed()), line(step.look, "T-2", "Look")+"\n"+line(step.free, "T-3", "Free some"))
			same(t, "news "+what, len(w.messages("lee"))-1, step.news)
		}
		news := w.messages("lee")[1]
		same(t, "the news", []string{news.Thread, news.Title},
			[]string{"request/T-1/disk-full", "All sub-tickets of T-1 are done. If nothing is left to do, please mark it as fixed."})
		same(t, "pushes counted", w.counts()["pushed"], uint64(1))
	})
}

// TestDoneIsOutOfTheWay: what to do first is of the pieces that are left.
func TestDoneIsOutOfTheWay(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		fixed := tracker.Fixed
		w.change("T-2", tracker.Change{Status: &fixed})
		w.rest()
		m := w.pushed()
		same(t, "what comes first", m.Sections[1].Heading, "T-3 Free some: To do")
		for _, s := range m.Sections {
			if strings.HasPrefix(s.Heading, "T-2 Look") && !s.Folded {
				t.Errorf("%q is in the way", s.Heading)
			}
		}
		want(t, "the message", text(m), "Find the largest files", "**never**")
	})
}

// TestEverybodyIsKeptCurrent: who had the ticket before sees it too, and only
// who has it now is told; when the ticket itself is fixed, nobody needs to be.
func TestEverybodyIsKeptCurrent(t *testing.T) {
	fixed := tracker.Fixed
	in(t, func(w *world) {
		for range 2 {
			w.create(tracker.Draft{Title: "x", Label: fmt.Sprint(len(w.messages("lee"))), Component: "disk", Assignee: "lee"})
			w.rest()
		}
		w.assign("T-1", "tanaka")
		w.rest()
		w.finish("T-1")
		w.change("T-4", tracker.Change{Status: &fixed})
		w.rest()
		w.finish("T-4")
		w.rest()
		for _, who := range []string{"lee", "tanaka"} {
			same(t, who+"'s list", strings.Count(list(w.messages(who)[0]), "- [x] "), 2)
		}
		same(t, "lee's", titles(w.messages("lee")), []string{"T-1 x", "T-4 x"})
		same(t, "tanaka's", titles(w.messages("tanaka")),
			[]string{"T-1 x", "T-1 のサブチケットがすべて終わりました。ほかに作業がなければ、対応済みにしてください。"})
	})
}

var escaped = regexp.MustCompile(`\\.`)

func TestHostileChecklist(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		evil := "<!channel> @here [x](javascript:1)\n- [x] done `rm` \u202egnp.exe <script>"
		w.create(tracker.Draft{Title: evil, Label: "by hand", Parent: "T-1"})
		w.create(tracker.Draft{Title: strings.Repeat("長い", 2000), Label: "long", Parent: "T-1"})
		w.rest()
		got := list(w.pushed())
		lines := strings.Split(got, "\n")
		if len(lines) != 4 || len(got) > 4000 {
			t.Fatalf("%d lines, %d bytes:\n%s", len(lines), len(got), got)
		}
		title := strings.TrimPrefix(lines[2], line(" ", "T-4", ""))
		if left := escaped.ReplaceAllString(title, ""); strings.ContainsAny(left, "<>[]()@`!\u202e") {
			t.Errorf("markup got through: %s", title)
		}
	})
}

// TestManySubtickets: a storm of alerts joined the ticket.
func TestManySubtickets(t *testing.T) {
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		calls := w.gate.Calls()
		for i := range 100 {
			w.create(tracker.Draft{Title: "alert", Label: fmt.Sprintf("tebiki/I-1/%d", i), Parent: "T-1"})
		}
		w.rest()
		got := list(w.pushed())
		same(t, "lines", strings.Count(got, "- [ ] "), 30)
		want(t, "the list", got, "and 72 more")
		if sent := w.gate.Calls() - calls; sent > 300 {
			t.Errorf("%d calls for 100 sub-tickets: not many at once", sent)
		}
	})
}

// TestMovedChecklist: each component's message lists its own pieces.
func TestMovedChecklist(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.component(tk.Key, "account")
		w.rest()
		w.finish(tk.Key)
		w.rest()
		same(t, "of the first", list(w.messages("lee")[0]), line("x", "T-2", "Look")+"\n"+line("x", "T-3", "Free some"))
		same(t, "of the second", list(w.messages("lee")[1]), line("x", "T-4", "Create it"))
	})
}
