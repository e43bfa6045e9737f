package request_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
	"tebiki/bot/request"
	"tebiki/bot/usage"
	"tebiki/knowhow"
)

// in runs a test in a world of its own.
func in(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t)) })
}

func text(m chat.Message) string {
	var b strings.Builder
	for _, s := range m.Sections {
		b.WriteString(s.Heading + "\n" + s.Markdown + "\n")
	}
	return b.String()
}

func want(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s lacks %q:\n%s", what, p, got)
		}
	}
}

func titles(ms []chat.Message) []string {
	out := []string{}
	for _, m := range ms {
		out = append(out, m.Title)
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestPrepared(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "web1 is full", Component: "disk-full", Assignee: "lee", Reporter: "tanaka",
			Fields: map[string]string{"host": "web1", "path": "/var"}})
		w.rest()
		w.checks.text = "changed since"
		subs := w.subtickets(tk.Key)
		if len(subs) != 2 {
			t.Fatalf("%d sub-tickets, want 2", len(subs))
		}
		want(t, "the first sub-ticket", subs[0].Title+subs[0].Body, "Look", "## To do", "Find the largest files", "## Procedure", "du -x",
			"## Special specifications", "**never**", "/dev/sda1 97%", "$ df web1", "inodes", "http://tebiki/knowhow/disk-full", "Last changed on Tue 1 Sep 2026", "suzuki")
		want(t, "the second sub-ticket", subs[1].Title+subs[1].Body, "Free some", "Remove old logs", "/dev/sda1 97%")
		if strings.Contains(subs[1].Body, "df -i") || strings.Contains(subs[1].Body, "inodes") {
			t.Error("the second sub-ticket has a check that is not its own")
		}
		for _, s := range subs {
			if s.Assignee != "lee" {
				t.Errorf("%s is %q's", s.Key, s.Assignee)
			}
		}
		same(t, "checks run", w.checks.runs, []string{"df", "inodes"})

		got := w.messages("lee")
		if len(got) != 1 {
			t.Fatalf("messages: %q", titles(got))
		}
		m := got[0]
		same(t, "title", m.Title, "T-1 web1 is full")
		same(t, "link", m.Link, "http://tebiki/tickets/T-1")
		want(t, "the message", text(m), "田中", "Host: web1", "Mount point: \\/var", "T-2 Look: To do", "T-3 Free some: To do", "/dev/sda1 97%")
		var ids []string
		for _, b := range m.Buttons {
			ids = append(ids, b.ID+" "+b.Value)
		}
		same(t, "buttons", ids, []string{"useful T-1 disk-full", "outdated T-1 disk-full", "checks T-1 disk-full", "leader T-1 disk-full"})
		same(t, "counts", w.counts()[usage.Pushed], uint64(1))
		if n := len(w.messages("U-SATO")); n != 0 {
			t.Errorf("the leader got %d messages about a ticket that somebody has", n)
		}
	})
}

// TestLinks: each sub-ticket leads to its document.
func TestLinks(t *testing.T) {
	in(t, func(w *world) {
		rec := &flowtest.Recorder{Tracker: w.tools}
		w.flow.Tracker = rec
		w.create(tracker.Draft{Title: "full", Component: "disk", Assignee: "tanaka"})
		w.rest()
		const page = "http://tebiki/knowhow/disk-full"
		same(t, "the links", rec.Links(), map[string][]tracker.Link{
			"調べる": {{Title: "ディスクを使っているものを調べる", URL: page}}, "空ける": {{Title: "空きを作る", URL: page}},
		})
	})
}

func TestReassigned(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "full", Component: "disk-full", Assignee: "lee"})
		w.rest()
		done := tracker.Fixed
		w.change("T-3", tracker.Change{Status: &done})
		for _, who := range []string{"tanaka", "lee", "tanaka"} {
			w.assign(tk.Key, who)
			w.rest()
		}
		same(t, "lee's", len(w.messages("lee")), 1)
		same(t, "tanaka's", len(w.messages("tanaka")), 1)
		want(t, "tanaka's message", text(w.messages("tanaka")[0]), "やること", "大きいファイル", "調べる")
		same(t, "who has the open sub-ticket", w.ticket("T-2").Assignee, "tanaka")
		same(t, "who has the one that is done", w.ticket("T-3").Assignee, "lee")
		same(t, "pushes counted", w.counts()[usage.Pushed], uint64(2))
		same(t, "sub-tickets", len(w.subtickets(tk.Key)), 2)
	})
}

// TestTimeToFix: how long the work took from the first push is recorded once,
// however often the ticket comes back.
func TestTimeToFix(t *testing.T) {
	in(t, func(w *world) {
		began := time.Now()
		tk := w.create(tracker.Draft{Title: "full", Component: "disk-full", Assignee: "lee"})
		w.rest()
		w.assign(tk.Key, "tanaka")
		w.rest()
		time.Sleep(90 * time.Minute) // of the bubble
		for _, status := range []tracker.Status{tracker.Fixed, tracker.Open, tracker.Fixed, tracker.Closed} {
			w.change(tk.Key, tracker.Change{Status: &status})
			w.rest()
		}
		fixed, err := usage.Between(t.Context(), w.st, began, time.Now().Add(time.Hour), usage.Fixed)
		if err != nil || len(fixed) != 1 {
			t.Fatalf("recorded %+v, %v", fixed, err)
		}
		if e := fixed[0]; e.Took < 90*time.Minute || e.Took > 2*time.Hour || e.Component != "disk-full" || e.Ticket != tk.Key {
			t.Errorf("recorded %+v", e)
		}
	})
}

// TestFixedBeforeThePush: while the chat is away a ticket is fixed. How long
// that took is not known, and its closing days later is not it.
func TestFixedBeforeThePush(t *testing.T) {
	in(t, func(w *world) {
		began := time.Now()
		w.away.Store(true)
		tk := w.create(tracker.Draft{Title: "full", Component: "disk-full", Assignee: "lee"})
		w.rest()
		fixed, closed := tracker.Fixed, tracker.Closed
		w.change(tk.Key, tracker.Change{Status: &fixed})
		w.rest()
		w.away.Store(false)
		w.rest()
		same(t, "lee's messages", len(w.messages("lee")), 1)
		w.change(tk.Key, tracker.Change{Status: &closed})
		w.rest()
		if got, err := usage.Between(t.Context(), w.st, began, time.Now().Add(time.Hour), usage.Fixed); err != nil || len(got) != 0 {
			t.Errorf("recorded %+v, %v", got, err)
		}
	})
}

func TestNobody(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "full", Component: "disk-full"})
		w.rest()
		ms := w.messages("U-SATO")
		if len(ms) != 1 || len(ms[0].Buttons) != 1 {
			t.Fatalf("the leader got %+v", ms)
		}
		b := ms[0].Buttons[0]
		same(t, "button", b.ID, request.ButtonAssign)
		same(t, "choices", b.Choices, []chat.Choice{{Value: "T-1 sato", Label: "佐藤 (0件)"}, {Value: "T-1 tanaka", Label: "田中 (0件)"}})

		w.assign(tk.Key, "tanaka")
		w.rest()
		same(t, "the question afterwards", titles(w.messages("U-SATO")), []string{"T-1 は 田中 さんの担当になりました: full"})
		if n := len(w.messages("U-SATO")[0].Buttons); n != 0 {
			t.Errorf("it still has %d buttons", n)
		}
		same(t, "tanaka's", len(w.messages("tanaka")), 1)

		w.assign(tk.Key, "")
		w.rest()
		same(t, "buttons when it has nobody again", len(w.messages("U-SATO")[0].Buttons), 1)
		closed := tracker.Closed
		w.change(tk.Key, tracker.Change{Status: &closed})
		w.rest()
		ms = w.messages("U-SATO")
		if len(ms) != 1 || len(ms[0].Buttons) != 0 || !strings.Contains(ms[0].Title, "不要") {
			t.Errorf("the question about a closed ticket is %+v", ms)
		}
	})
}

func TestNoEntry(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "x", Component: "acount", Assignee: "lee"})
		w.rest()
		w.assign(tk.Key, "smith")
		w.rest()
		title := "other"
		w.change(tk.Key, tracker.Change{Title: &title})
		w.rest()
		cs := w.comments(tk.Key)
		if len(cs) != 1 {
			t.Fatalf("comments: %q", cs)
		}
		want(t, "the comment", cs[0], "acount", "Near it: account")
		same(t, "counted", w.counts()[usage.NoEntry], uint64(1))
		same(t, "pushes counted", w.counts()[usage.Pushed], uint64(0))
		same(t, "sub-tickets", len(w.subtickets(tk.Key)), 0)
		for _, who := range []string{"lee", "smith"} {
			ms := w.messages(who)
			if len(ms) != 1 || len(ms[0].Buttons) != 0 {
				t.Errorf("%s got %+v", who, ms)
			}
		}
	})
}

func TestAlias(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "x", Component: "ﾃﾞｨｽｸ", Assignee: "lee"})
		w.rest()
		same(t, "sub-tickets", len(w.subtickets(tk.Key)), 2)
		same(t, "comments", len(w.comments(tk.Key)), 0)
		same(t, "messages", len(w.messages("lee")), 1)
	})
}

// component moves a ticket as a tracker can whose tickets change component.
func (w *world) component(key, to string) {
	w.t.Helper()
	t := w.ticket(key)
	t.Component, t.Updated = to, time.Now()
	w.deliver(t)
}

// TestMoved: a ticket whose component changes is prepared for the new one,
// for nothing twice, and whoever has it by then gets both.
func TestMoved(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		w.component(tk.Key, "account")
		w.rest()
		same(t, "sub-tickets of both", len(w.subtickets(tk.Key)), 3)
		same(t, "messages of both", len(w.messages("lee")), 2)
		for _, back := range []string{"disk-full", "disk", "account"} {
			w.component(tk.Key, back)
			w.rest()
		}
		same(t, "sub-tickets", len(w.subtickets(tk.Key)), 3)
		same(t, "messages", len(w.messages("lee")), 2)
		same(t, "checks run", w.checks.runs, []string{"df", "inodes"})
	})
}

// TestMovedMeanwhile: moved away while its checks run, and back after that.
func TestMovedMeanwhile(t *testing.T) {
	in(t, func(w *world) {
		w.checks.took = time.Minute
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		time.Sleep(10 * time.Second)
		w.component(tk.Key, "account")
		w.rest()
		same(t, "messages", len(w.messages("lee")), 1)
		w.component(tk.Key, "disk")
		w.rest()
		same(t, "messages after it came back", len(w.messages("lee")), 2)
	})
}

// TestMovedTeam: both leaders who were asked see that it is settled.
func TestMovedTeam(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "x", Component: "disk"})
		w.rest()
		w.component(tk.Key, "account")
		w.rest()
		same(t, "Smith is asked", len(w.messages("smith")), 1)
		ticket := w.ticket(tk.Key)
		ticket.Component = "account"
		w.assign(tk.Key, "lee")
		ticket.Assignee = "lee"
		w.deliver(ticket)
		w.rest()
		for _, who := range []string{"smith", "U-SATO"} {
			if ms := w.messages(who); len(ms) != 1 || len(ms[0].Buttons) != 0 {
				t.Errorf("%s still sees %+v", who, ms)
			}
		}
	})
}

func TestIgnored(t *testing.T) {
	in(t, func(w *world) {
		parent := w.create(tracker.Draft{Title: "no component"})
		w.create(tracker.Draft{Title: "sub", Parent: parent.Key, Component: "disk", Assignee: "lee"})
		w.create(tracker.Draft{Title: "ours", Label: "tebiki/I-1/ticket", Component: "disk", Assignee: "lee"})
		w.rest()
		same(t, "messages", len(w.messages("lee")), 0)
		same(t, "checks run", len(w.checks.runs), 0)
	})
}

func TestAssignedWhileChecksRun(t *testing.T) {
	in(t, func(w *world) {
		w.checks.took = 14 * time.Second
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		time.Sleep(5 * time.Second)
		w.assign(tk.Key, "tanaka")
		time.Sleep(5 * time.Second)
		w.assign(tk.Key, "sato") // not the tracker's id of 佐藤, so nobody's
		w.assign(tk.Key, "tr-sato")
		w.rest()
		same(t, "lee's", len(w.messages("lee")), 0)
		same(t, "tanaka's", len(w.messages("tanaka")), 0)
		same(t, "佐藤's", len(w.messages("U-SATO")), 1)
		for _, s := range w.subtickets(tk.Key) {
			same(t, "assignee of "+s.Key, s.Assignee, "tr-sato")
		}
	})
}

// TestEndlessChecks: what never comes to its end is said to be late at last.
func TestEndlessChecks(t *testing.T) {
	in(t, func(w *world) {
		w.checks.took = 24 * time.Hour
		w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		ms := w.messages("lee")
		if len(ms) != 1 {
			t.Fatalf("%d messages", len(ms))
		}
		want(t, "the message", text(ms[0]), "it took longer than it may")
	})
}

func TestFlood(t *testing.T) {
	in(t, func(w *world) {
		w.checks.text = strings.Repeat(strings.Repeat("洪水", 100)+"\n", 2000) // 1.2 MB
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee", Body: strings.Repeat("long\n", 40_000)})
		w.rest()
		subs := w.subtickets(tk.Key)
		if len(subs) != 2 || len(subs[0].Body) < 32<<10 {
			t.Fatalf("%d sub-tickets, or without the results", len(subs))
		}
		ms := w.messages("lee")
		if len(ms) != 1 {
			t.Fatalf("%d messages", len(ms))
		}
		if n := len(text(ms[0])); n > 12<<10 {
			t.Errorf("in short it has %d bytes", n)
		}
		want(t, "the message", text(ms[0]), "…", "bytes cut here")
	})
}

// TestEndOfOutput: what a check printed last says most, and is there.
func TestEndOfOutput(t *testing.T) {
	in(t, func(w *world) {
		w.checks.text = "begin\n" + strings.Repeat("progress\n", 2000) + "error: disk full\n"
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		w.rest()
		for what, shown := range map[string]string{"the message": text(w.pushed()), "the sub-ticket": w.subtickets(tk.Key)[0].Body} {
			want(t, what, shown, "begin\nprogress\n", "bytes cut here ...]\nprogress\n", "progress\nerror: disk full")
		}
	})
}

func TestUnknownAssignee(t *testing.T) {
	in(t, func(w *world) {
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "contractor"})
		w.rest()
		same(t, "sub-tickets", len(w.subtickets(tk.Key)), 2)
		want(t, "the log", w.log.String(), "contractor", "T-1")
	})
}

// TestKnowHowChanged: an entry that is gone when the sub-tickets are due is
// said to be missing.
func TestKnowHowChanged(t *testing.T) {
	in(t, func(w *world) {
		w.checks.took = 14 * time.Second
		tk := w.create(tracker.Draft{Title: "x", Component: "disk", Assignee: "lee"})
		time.Sleep(10 * time.Second)
		w.base.Store(&knowhow.Base{})
		w.rest()
		same(t, "sub-tickets", len(w.subtickets(tk.Key)), 0)
		want(t, "the message", text(w.messages("lee")[0]), "There is no know-how")
	})
}

func TestHostile(t *testing.T) {
	in(t, func(w *world) {
		evil := "<script>alert(1)</script> [x](javascript:1) @here `; rm -rf /`\n# heading\n- item \u202egnp.exe"
		tk := w.create(tracker.Draft{Title: evil, Component: "disk", Assignee: "lee", Reporter: evil, Body: evil,
			Fields: map[string]string{"host": evil, "path": evil, evil: evil}})
		w.rest()
		ms := w.messages("lee")
		if len(ms) != 1 || len(w.subtickets(tk.Key)) != 2 {
			t.Fatalf("%d messages", len(ms))
		}
		facts := ms[0].Sections[0].Markdown
		for _, bad := range []string{"<script>", "](javascript", "@here", "\n# ", "\u202e"} {
			if strings.Contains(strings.ReplaceAll(facts, `\@`, ""), bad) {
				t.Errorf("%q got through:\n%s", bad, facts)
			}
		}
	})
}
