package command_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/command"
	"tebiki/bot/urgent"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/store"
)

func (w *world) home(from string) string {
	w.Helper()
	blocks, err := w.h.Home(w.Context(), from)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, b := range blocks {
		if b.Markdown == "" {
			w.Errorf("an empty block: %+v", b)
		}
		out = append(out, show(chat.Reply{Title: b.Heading, Sections: []chat.Section{{Markdown: b.Markdown}}, Buttons: b.Buttons}))
	}
	return strings.Join(out, "\n")
}

func (w *world) make(d tracker.Draft, status tracker.Status) string {
	w.Helper()
	w.made++
	d.Label = fmt.Sprint(w.Name(), w.made)
	t, err := w.local.Create(w.Context(), d)
	if err == nil {
		t, err = w.local.Change(w.Context(), t.Key, tracker.Change{Status: &status})
	}
	if err != nil {
		w.Fatal(err)
	}
	return t.Key
}

func (w *world) lacks(got string, parts ...string) {
	w.Helper()
	for _, p := range parts {
		if strings.Contains(got, p) {
			w.Errorf("%q is in\n%s", p, got)
		}
	}
}

func TestAnEmptyHome(t *testing.T) {
	w := newWorld(t)
	got := w.home("lee")
	w.want(got, "Open incidents of your team", "Nobody is being paged", "Your open tickets", "None. What is assigned to you", "On call", "Hannah until", "Then Emma")
	w.lacks(got, "Tickets that nobody has", "インフラ", "home.")
	w.want(w.home("U-SATO"), "ありません。呼び出し中の人もいません。", "担当者が決まっていないチケット", "確認待ちのチケット", "佐藤 さん")
	got = w.home("stranger")
	w.want(got, "I do not know you", "名簿に登録がありません")
	w.lacks(got, "On call", "当番")
}

func TestHomeShowsIncidents(t *testing.T) {
	w := newWorld(t)
	a, b, over := w.incident("a<!here>"), w.incident("b"), w.incident("c")
	w.press("lee", "ack", b)
	w.press("lee", "resolve", over)
	got := w.home("smith")
	w.want(got, "<http://tebiki/incidents/"+a+">", "**Open**", "ack="+a+"]", "pass="+a+"]", "**Acknowledged** by Hannah", `\<\!here\>`)
	w.lacks(got, "ack="+b, "pass="+b, "incidents/"+over, "<!here>")
	w.lacks(w.home("tanaka"), "incidents/") // another team's
	w.want(w.press("lee", "ack", a), a+" is yours")
}

func TestHomeShowsTicketsAndTheirNextStep(t *testing.T) {
	w := newWorld(t)
	two := w.make(tracker.Draft{Title: "two *steps*", Assignee: "tr-tanaka"}, tracker.Open)
	w.make(tracker.Draft{Title: "first", Parent: two, Assignee: "tr-tanaka"}, tracker.Fixed)
	w.make(tracker.Draft{Title: "second", Parent: two, Assignee: "tr-tanaka"}, tracker.Open)
	done := w.make(tracker.Draft{Title: "done", Assignee: "tr-tanaka"}, tracker.Open)
	w.make(tracker.Draft{Title: "its step", Parent: done}, tracker.Closed)
	w.make(tracker.Draft{Title: "whole", Assignee: "tr-tanaka"}, tracker.Open)
	w.make(tracker.Draft{Title: "theirs", Assignee: "lee"}, tracker.Open)
	w.make(tracker.Draft{Title: "past", Assignee: "tr-tanaka"}, tracker.Closed)
	got := w.home("tanaka")
	w.want(got, `two \*steps\*`, `次: T\-3 second`, "サブチケットはすべて完了", "チケット本体", "<http://tebiki/tickets/"+two+">")
	w.lacks(got, "theirs", "past", "first", "its step")
}

func TestALeadersHome(t *testing.T) {
	w := newWorld(t)
	ours := w.make(tracker.Draft{Title: "ours", Component: "dns"}, tracker.Open)
	hosts := w.make(tracker.Draft{Title: "hosts", Fields: map[string]string{"host": "db-web.example.jp"}}, tracker.Open)
	theirs := w.make(tracker.Draft{Title: "theirs", Component: "disk-full"}, tracker.Open)
	fixed := w.make(tracker.Draft{Title: "fixed", Assignee: "lee"}, tracker.Fixed)
	w.make(tracker.Draft{Title: "nobody fixed it"}, tracker.Fixed)
	got := w.home("smith")
	w.want(got, "[Assign assign="+ours+"]", "[Assign assign="+hosts+"]", "Hannah has fixed it", "close="+fixed+"]", "back="+fixed+"]")
	w.lacks(got, theirs, "nobody fixed it")
	got = w.home("U-SATO")
	w.want(got, "assign="+theirs+"]", "nobody fixed it")
	w.lacks(got, "担当者なし")
	w.lacks(got, "ours", "hosts", "close="+fixed)
	w.lacks(w.home("lee"), "assign=", "close=")
}

func TestTheTicketOfAnIncidentIsNotToBeAssigned(t *testing.T) {
	w := newWorld(t)
	if _, err := w.local.Create(t.Context(), tracker.Draft{Label: urgent.LabelPrefix + "I-7/ticket", Title: "incident's"}); err != nil {
		t.Fatal(err)
	}
	w.lacks(w.home("U-SATO"), "incident's", `incident\'s`)
}

func TestHomeShowsTheLastPushes(t *testing.T) {
	w := newWorld(t)
	w.want(w.home("lee"), "None so far.")
	for i := range 7 {
		err := w.h.Store.Update(t.Context(), func(tx store.Writer) error {
			for _, person := range []string{"lee", "le", "leeds"} {
				e := usage.Event{Kind: usage.Pushed, At: time.Unix(int64(i), 0), Person: person, Ticket: fmt.Sprint(person, "-", i), Component: "disk_*full*"}
				if err := usage.Record(tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	got := w.home("lee")
	w.want(got, `lee\-6`, `lee\-2`, `disk\_\*full\*`, "(time:6)")
	w.lacks(got, `lee\-1`, `le\-6`)
	if strings.Index(got, `lee\-6`) > strings.Index(got, `lee\-5`) {
		t.Errorf("the newest is not first:\n%s", got)
	}
}

func TestHomeIsBounded(t *testing.T) {
	w := newWorld(t)
	for i := range 130 {
		w.make(tracker.Draft{Title: fmt.Sprint("mine ", i), Assignee: "smith"}, tracker.Open)
		if i < 13 {
			w.make(tracker.Draft{Title: fmt.Sprint("free ", i), Component: "dns"}, tracker.Open)
		}
	}
	got := w.home("smith")
	w.want(got, "… and 100 or more others", "… and 3 more")
	if n, m := strings.Count(got, " mine "), strings.Count(got, "assign="); n != 10 || m != 10 {
		t.Errorf("%d tickets of one's own, %d to assign", n, m)
	}
}

// A part that cannot be read takes nothing from the others.
func TestAHalfHome(t *testing.T) {
	w := newWorld(t)
	w.h.Tickets = down{}
	id := w.incident("a")
	got := w.home("smith")
	w.want(got, "ack="+id, "Hannah until", "This could not be read")
	if n := strings.Count(got, "This could not be read"); n != 3 {
		t.Errorf("%d parts could not be read, want 3", n)
	}
	w.h.Core = deaf{w.h.Core}
	w.want(w.home("tanaka"), "読み込めませんでした", "佐藤 さん")
}

type deaf struct{ command.Core }

func (deaf) Open(context.Context, int, func(*escalation.Incident) bool) ([]escalation.Incident, error) {
	return nil, errors.New("down")
}

type down struct{}

func (down) List(context.Context, web.TicketFilter) ([]tracker.Ticket, error) {
	return nil, errors.New("down")
}
