package urgent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/phone"
	"tebiki/adapters/tracker"
	"tebiki/escalation"
)

// TestAlertToAcknowledgement is the whole way: ticket, push, ring, key 1.
func TestAlertToAcknowledgement(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		ts := w.tickets()
		if len(ts) != 1 || ts[0].Component != "disk-full" || ts[0].Priority != tracker.Urgent || ts[0].Fields["host"] != "web1" {
			t.Fatalf("the tickets: %+v", ts)
		}
		if got := w.incident(1).Ticket; got != ts[0].Key {
			t.Errorf("the incident's ticket is %q", got)
		}
		m, ok := w.page("sato", 1)
		if !ok || !m.Urgent || len(m.Buttons) != 3 {
			t.Fatalf("sato's page: %v, %+v", ok, m)
		}
		has(t, "the page", whole(m), "web1", "未対応", "まず 10% 空ける", "監査ログは消去禁止", ts[0].Key)

		wait(2*time.Minute - time.Second)
		if _, rings := w.call("sato"); rings {
			t.Error("it rings before two minutes have passed")
		}
		wait(2 * time.Second)
		v := w.answer("sato")
		has(t, "the call", strings.Join(v.Said, "\n"), "佐藤", "ウェブ 1", "2分前", "ディスク逼迫", "まず 10% 空ける")
		has(t, "key 1", w.press("sato", "1"), "受け付けました")
		if inc := w.incident(1); inc.Status != escalation.Acknowledged || inc.AckBy != "sato" {
			t.Errorf("after key 1 it is %s by %q", inc.Status, inc.AckBy)
		}
		if r := w.phone.Recent("sato")[0]; r.Outcome != phone.Acknowledged {
			t.Errorf("the call ended as %s", r.Outcome)
		}
		m, _ = w.page("sato", 1)
		if m.Urgent || len(m.Buttons) != 2 {
			t.Errorf("the page afterwards: %+v", m)
		}
		has(t, "the page afterwards", whole(m), "対応中", "佐藤")
		if got := w.tickets()[0].Assignee; got != "sato" {
			t.Errorf("the ticket is assigned to %q", got)
		}
		wait(10 * time.Minute)
		if _, rings := w.call("smith"); rings || len(w.messages("smith")) > 0 {
			t.Error("the next person was paged all the same")
		}
	})
}

func TestOtherKeys(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(2*time.Minute + time.Second)
		v := w.answer("sato")
		has(t, "key 9", w.press("sato", "9"), "9番", "1を")
		has(t, "key 3", w.press("sato", "3"), "を見る", "古いログを消す", "1を")
		has(t, "key 0", w.press("sato", "0"), v.Said...)
		has(t, "key 2", w.press("sato", "2"), "次の担当者")
		if inc := w.incident(1); inc.Status != escalation.Open || inc.Now != "smith" {
			t.Errorf("after key 2: %s, turn of %s", inc.Status, inc.Now)
		}
		m, ok := w.page("smith", 1)
		if !ok {
			t.Fatal("smith has no page")
		}
		has(t, "smith's page", whole(m), "Free 10 % first", "Never delete audit logs", "nobody has acknowledged it")
	})
}

// TestTakenElsewhere: a phone that rings or talks falls silent within a
// second when somebody else has the incident.
func TestTakenElsewhere(t *testing.T) {
	for _, talking := range []bool{false, true} {
		in(t, func(t *testing.T, w *world) {
			w.alert(alert("web1", "disk"))
			wait(2*time.Minute + time.Second)
			if talking {
				w.answer("sato")
			}
			w.submit(escalation.Ack{Incident: 1, Person: "smith", Via: escalation.Chat})
			wait(time.Second)
			if v, on := w.call("sato"); on {
				t.Fatalf("talking %v: the call goes on: %+v", talking, v)
			}
			r := w.phone.Recent("sato")[0]
			if r.Outcome != phone.Withdrawn || talking != strings.Contains(strings.Join(r.Said, "\n"), "Smithさんが対応を始めました") {
				t.Errorf("talking %v: the call ended as %s, and said %q", talking, r.Outcome, r.Said)
			}
		})
	}
}

// TestTakenByTheSamePerson: who presses the button while the phone rings is
// not told of somebody else.
func TestTakenByTheSamePerson(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(2*time.Minute + time.Second)
		w.answer("sato")
		w.submit(escalation.Ack{Incident: 1, Person: "sato", Via: escalation.Chat})
		wait(time.Second)
		has(t, "the end of the call", strings.Join(w.phone.Recent("sato")[0].Said, "\n"), "受け付けました")
	})
}

// TestConfirmedOnlyAfterCommit: while the store takes nothing, key 1 says so,
// and may be pressed again.
func TestConfirmedOnlyAfterCommit(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(2*time.Minute + time.Second)
		w.answer("sato")
		w.ops.mu.Lock()
		w.ops.isDead = true
		w.ops.mu.Unlock()
		has(t, "key 1", w.press("sato", "1"), "記録できませんでした")
		w.ops.mu.Lock()
		w.ops.isDead = false
		w.ops.mu.Unlock()
		wait(6 * time.Second)
		has(t, "key 1 again", w.press("sato", "1"), "受け付けました")
	})
}

// TestChatDown: the phone rings at once, for each person in turn, and the
// message follows.
func TestChatDown(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.chatDown.Store(true)
		w.alert(alert("web1", "disk"))
		wait(time.Second)
		if _, rings := w.call("sato"); !rings {
			t.Fatal("sato's phone does not ring at once")
		}
		w.answer("sato")
		w.press("sato", "2")
		wait(time.Second)
		if _, rings := w.call("smith"); !rings {
			t.Fatalf("smith's phone does not ring at once: %s", w.history(1))
		}
		w.answer("smith")
		w.press("smith", "1")
		w.chatDown.Store(false)
		wait(2 * time.Minute)
		for _, person := range []string{"sato", "smith"} {
			m, ok := w.page(person, 1)
			if !ok {
				t.Fatalf("%s has no message although the chat is back", person)
			}
			has(t, person+"'s message", m.Title, "Smith")
		}
	})
}

func TestPhoneDown(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.phoneDown.Store(true)
		w.alert(alert("web1", "disk"))
		wait(2*time.Minute + time.Second)
		if _, ok := w.page("smith", 1); !ok {
			t.Error("sato's call could not be made, and smith has no message")
		}
	})
}

// TestTrackerDown: people are paged, and all that belongs on tickets is there
// in order when the tracker is back, once.
func TestTrackerDown(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.trackerDown.Store(true)
		w.alert(alert("web1", "disk"))
		m, ok := w.page("sato", 1)
		if !ok {
			t.Fatal("sato has no message")
		}
		has(t, "the page", whole(m), "チケットは追って作成します")
		wait(2*time.Minute + time.Second)
		w.answer("sato")
		w.press("sato", "1")
		w.alert(alert("web1", "load"))
		w.restart()
		wait(57 * time.Minute)
		if n := len(w.tickets()); n != 0 {
			t.Fatalf("%d tickets in a tracker that is down", n)
		}
		w.trackerDown.Store(false)
		wait(2 * time.Minute)
		ts := w.tickets()
		if len(ts) != 2 || ts[0].Parent != "" || ts[1].Parent != ts[0].Key || ts[0].Assignee != "sato" {
			t.Fatalf("the tickets: %+v", ts)
		}
		if cs := w.comments(ts[0].Key); len(cs) != 1 || !strings.Contains(cs[0], "佐藤") {
			t.Errorf("the comments: %q", cs)
		}
		m, _ = w.page("sato", 1)
		has(t, "the page", whole(m), ts[0].Key)
	})
}

func TestFixedInTheTracker(t *testing.T) {
	for _, status := range []tracker.Status{tracker.Fixed, tracker.Closed} {
		in(t, func(t *testing.T, w *world) {
			w.alert(alert("web1", "disk"))
			wait(time.Minute)
			key := w.tickets()[0].Key
			if _, err := w.tracker.Change(t.Context(), key, tracker.Change{By: "sato", Status: &status}); err != nil {
				t.Fatal(err)
			}
			wait(time.Minute)
			if inc := w.incident(1); inc.Status != escalation.Resolved {
				t.Errorf("%s in the tracker: the incident is %s", status, inc.Status)
			}
			if got := w.tickets()[0].Status; got != status {
				t.Errorf("the ticket became %s, it was %s", got, status)
			}
			wait(10 * time.Minute)
			if len(w.phone.Recent("sato")) > 0 {
				t.Error("the phone rang all the same")
			}
		})
	}
}

// TestReopened: the alert comes back, the ticket opens again, and a fix that
// is read late does not end it anew.
func TestReopened(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		w.submit(escalation.Fix{Incident: 1, Person: "sato"})
		wait(time.Minute)
		if got := w.tickets()[0].Status; got != tracker.Fixed {
			t.Errorf("fixed by button, and the ticket is %s", got)
		}
		wait(20 * time.Minute)
		w.alert(alert("web1", "disk"))
		wait(time.Minute)
		ts := w.tickets()
		if len(ts) != 1 || ts[0].Status != tracker.Open {
			t.Errorf("the tickets: %+v", ts)
		}
		if inc := w.incident(1); inc.Status != escalation.Open || inc.Reopened != 1 {
			t.Errorf("it is %s, reopened %d times", inc.Status, inc.Reopened)
		}
		has(t, "the comments", strings.Join(w.comments(ts[0].Key), "\n"), "再発")
		late := escalation.Incident{Reopened: 1, Times: []time.Time{time.Now()}}
		if !reopenedAfter(&late, time.Now().Add(-time.Minute)) || reopenedAfter(&late, time.Now().Add(time.Minute)) || reopenedAfter(&escalation.Incident{}, time.Time{}) {
			t.Error("an old fix and a new one are not told apart")
		}
	})
}

func TestRecovered(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		w.alert(alert("web1", "load"))
		a, b := alert("web1", "disk"), alert("web1", "load")
		a.Resolved, b.Resolved = true, true
		w.alert(a)
		w.alert(b)
		wait(time.Minute)
		key := w.tickets()[0].Key
		if d := cmp.Diff(2, len(w.comments(key))); d != "" {
			t.Errorf("the comments: %q", w.comments(key))
		}
		ms := w.messages("sato")
		last := ms[len(ms)-1]
		if last.Thread != MessageKey(1) || !strings.Contains(last.Title, "復旧") {
			t.Errorf("sato was told %+v", last)
		}
		if m, _ := w.page("sato", 1); len(m.Buttons) != 0 || !strings.Contains(m.Title, "復旧") {
			t.Errorf("the page afterwards: %q with %d buttons", m.Title, len(m.Buttons))
		}
	})
}

// TestStorm: one ticket lists them, and one phone rings once.
func TestStorm(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for i := range 150 {
			w.alert(alert(fmt.Sprint("web", i), "disk"))
		}
		wait(time.Minute)
		ts := w.tickets()
		storm := ts[len(ts)-1]
		if len(ts) != 6 {
			t.Fatalf("%d tickets", len(ts))
		}
		has(t, "the title", storm.Title, "アラート多発")
		has(t, "the ticket", storm.Body, "145件", "web5", "web104", "ほか45件")
		if n := strings.Count(storm.Body, "\n- "); n < 101 {
			t.Errorf("%d lines", n)
		}
	})
}

func TestUnknownPerson(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		a := alert("web1", "disk")
		a.Service = "ghost"
		w.alert(a)
		wait(time.Second)
		if _, ok := w.page("smith", 1); !ok {
			t.Errorf("the roster does not have the first person, and the second is not paged: %+v", w.incident(1))
		}
	})
}

func TestRefusedTicket(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.refuse.Store(true)
		w.alert(alert("web1", "disk"))
		ts := w.tickets()
		if len(ts) != 1 || ts[0].Component != "" {
			t.Fatalf("the tickets: %+v", ts)
		}
		has(t, "the ticket", ts[0].Title+ts[0].Body, "web1", "https://tebiki.example.org/incidents/I-1")
		if got := w.incident(1).Ticket; got != ts[0].Key {
			t.Errorf("the incident's ticket is %q", got)
		}
	})
}

func TestAskedToConfirm(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		w.submit(escalation.Ack{Incident: 1, Person: "sato", Via: escalation.Chat})
		wait(time.Hour + time.Second)
		ms := w.messages("sato")
		last := ms[len(ms)-1]
		if !last.Urgent || len(last.Buttons) != 2 || last.Buttons[0].ID != ButtonAck {
			t.Errorf("sato was asked %+v", last)
		}
		wait(10*time.Minute + time.Second)
		if inc := w.incident(1); inc.Status != escalation.Open {
			t.Errorf("without an answer it is %s", inc.Status)
		}
	})
}

// TestTicketAfterTheEnd: an incident that closed while the tracker was away
// gets its ticket, and knows it.
func TestTicketAfterTheEnd(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.trackerDown.Store(true)
		w.alert(alert("web1", "disk"))
		w.submit(escalation.Fix{Incident: 1, Person: "sato"})
		wait(3 * time.Hour)
		w.trackerDown.Store(false)
		wait(5 * time.Minute)
		inc, ts := w.incident(1), w.tickets()
		if inc.Status != escalation.Closed || len(ts) != 1 || inc.Ticket != ts[0].Key {
			t.Errorf("%s with ticket %q; the tickets: %+v", inc.Status, inc.Ticket, ts)
		}
		m, _ := w.page("sato", 1)
		has(t, "the message", whole(m), "/tickets/"+ts[0].Key)
		has(t, "the channel's message", whole(w.messages("#infra")[0]), "/tickets/"+ts[0].Key)
	})
}

// TestHostile: what an alert brings along stays text, everywhere.
func TestHostile(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		a := alert("web1", "disk")
		a.Summary = "# boss\r\n**bold** <!channel> @here <script>x</script> \x1b[31m\u202Etxt " + strings.Repeat("A", 100<<10)
		a.Host = "web1\n## injected"
		a.Link = "javascript:alert(1)"
		a.Labels = map[string]string{"a\nb": "[x](http://evil)"}
		for i := range 200 {
			a.Labels[fmt.Sprint("l", i)] = strings.Repeat("v", 1000)
		}
		w.alert(a)
		b := alert("web1\n## injected", "load")
		b.Summary = a.Summary
		w.alert(b)
		ts := w.tickets()
		if len(ts) != 2 || ts[0].Component == "" {
			t.Fatalf("the tickets: %d, component %q: it fell back", len(ts), ts[0].Component)
		}
		m, ok := w.page("sato", 1)
		if !ok {
			t.Fatal("no page")
		}
		wait(2*time.Minute + time.Second)
		v := w.answer("sato")
		for what, s := range map[string]string{"ticket": ts[0].Title + "\n" + ts[0].Body, "sub-ticket": ts[1].Title + "\n" + ts[1].Body, "page": whole(m)} {
			if len(s) > 60<<10 {
				t.Errorf("%s: %d bytes", what, len(s))
			}
			for _, bad := range []string{"\x1b", "\u202E", "](<javascript", "\n# boss", "\n## injected", "](http://evil"} {
				if strings.Contains(s, bad) {
					t.Errorf("%s holds %q", what, bad)
				}
			}
		}
		for _, s := range v.Said {
			if len([]rune(s)) > 400 || strings.ContainsAny(s, "\x1b\n\u202E") {
				t.Errorf("it says %q", s)
			}
		}
	})
}

// TestLinks: tickets lead to the know-how of their alerts.
func TestLinks(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "ping"))
		w.alert(alert("web1", "disk"))
		w.alert(alert("db1", "disk"))
		wait(time.Minute)
		link := []tracker.Link{{Title: "ディスク逼迫", URL: "https://tebiki.example.org/knowhow/disk-full"}}
		want := map[string][]tracker.Link{
			"[I-1] ping on web1 is at 97 %": nil, "disk on web1 is at 97 %": link, "[I-2] disk on db1 is at 97 %": link,
		}
		if d := cmp.Diff(want, w.recorder.Links()); d != "" {
			t.Errorf("the links (-want +got):\n%s", d)
		}
	})
}

func TestIncidentOf(t *testing.T) {
	for l, want := range map[string]escalation.ID{
		"tebiki/I-12/ticket": 12, "tebiki/I-12/alert/2": 0, "tebiki/I-012/ticket": 0, "tebiki/I-/ticket": 0, "": 0, "other/I-1/ticket": 0,
		"tebiki/I-1/ticketX": 0, "tebiki/I-99999999999999999999/ticket": 0, "tebiki/I--1/ticket": 0,
	} {
		if got, ok := IncidentOf(tracker.Ticket{Label: l}); got != want || ok != (want != 0) {
			t.Errorf("%q: %d, %v", l, got, ok)
		}
	}
}
