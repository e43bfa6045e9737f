package digest_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/bot/digest"
	"tebiki/bot/digest/kind"
	"tebiki/bot/flowtest"
	"tebiki/bot/guide"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/knowhow"
	"tebiki/store"
)

func (w *world) move(key string, to tracker.Status, who string) {
	w.t.Helper()
	if _, err := w.human.Change(w.t.Context(), key, tracker.Change{Status: &to, Assignee: &who}); err != nil {
		w.t.Fatal(err)
	}
	w.rest(7 * time.Hour)
}

func (w *world) said(to, key string) string {
	w.t.Helper()
	var all []string
	for _, m := range w.messages(to) {
		if strings.HasPrefix(m.Key, key) {
			all = append(all, m.Title)
			for _, s := range m.Sections {
				all = append(all, s.Markdown)
			}
		}
	}
	return strings.Join(all, "\n")
}

// TestTemplate: what is of one kind is configuration. A kind of several hosts
// is nobody's, and a kind without its fields is that of host and check.
func TestTemplate(t *testing.T) {
	in(t, func(w *world) {
		template, err := kind.Parse("{labels.cluster}: {check}")
		if err != nil {
			t.Fatal(err)
		}
		w.flow.Kind = template
		blue := map[string]string{"cluster": "blue"}
		w.alerts(escalation.Alert{Host: "web1", Check: "disk", Labels: blue}, escalation.Alert{Host: "db1", Check: "disk", Labels: blue},
			escalation.Alert{Host: "web1", Check: "load", Labels: blue}, escalation.Alert{Host: "web1", Key: "x"})
		w.rest(48 * time.Hour)
		w.run(false)
		same(t, "tickets", w.lines(), []string{
			"blue: disk(2000-01-01、2回) ()", "blue: load(2000-01-01、1回) (tr-tanaka)", "web1.example.jp: x(2000-01-01、1回) (tr-tanaka)",
		})
	})
}

// TestBody: a ticket has the day's chart, the times and the know-how's place.
func TestBody(t *testing.T) {
	in(t, func(w *world) { // nine o'clock in Tokyo
		for range 3 {
			w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		}
		w.rest(2 * time.Hour)
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "disk", Resolved: true})
		w.rest(48 * time.Hour)
		w.run(false)
		want(t, "the ticket", w.tickets()[0].Body, "·········█·▃············", "0     6     12    18    24", "09:00, 09:00, 09:00, 11:00", "4回", "復旧")
	})
}

// TestEarlier: a ticket tells of the kind's earlier ones, who fixed them and
// how long it took.
func TestEarlier(t *testing.T) {
	in(t, func(w *world) {
		for day := range 3 {
			w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
			w.rest(24 * time.Hour)
			w.run(false)
			if day == 0 {
				w.rest(3 * time.Hour)
				w.move("T-1", tracker.Fixed, "tr-tanaka")
			}
		}
		ts := w.tickets()
		if len(ts) != 3 || strings.Contains(ts[0].Body, "過去") {
			t.Fatalf("%d tickets, the first:\n%s", len(ts), ts[0].Body)
		}
		want(t, "the third", ts[2].Body, "同じ種類の過去のチケット\n\n- [T\\-2](<http://tebiki/tickets/T-2>) 2000\\-01\\-02: 未対応\n- [T\\-1](<http://tebiki/tickets/T-1>) 2000\\-01\\-01: 田中 さんが3時間で対応")
	})
}

// TestGoesOn: with the configuration, a kind whose ticket is still open goes
// on in that as a comment, and the messages of the day have it.
func TestGoesOn(t *testing.T) {
	in(t, func(w *world) {
		w.flow.GoOn = true
		for range 2 {
			w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
			w.rest(24 * time.Hour)
			w.run(false)
		}
		same(t, "tickets", w.lines(), []string{"db1: disk(2000-01-01、1回) ()"})
		cs := w.comments("T-1")
		if len(cs) != 1 {
			t.Fatalf("comments %q", cs)
		}
		want(t, "the comment", cs[0], "2000\\-01\\-02にも同じ種類", "1回", "█")
		want(t, "the leader's message", w.said("sato", "digest/jp/2000-01-03/"), "T\\-1", "1件")
		w.move("T-1", tracker.Open, "tr-tanaka") // the second day's message follows too
		want(t, "tanaka's message", w.said("tanaka", "digest/jp/2000-01-03/"), "T\\-1")
		want(t, "the leader's message then", w.said("sato", "digest/jp/2000-01-03/"), "すべて担当者が決まりました")
		w.move("T-1", tracker.Fixed, "tr-tanaka")
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(24 * time.Hour)
		w.run(false)
		same(t, "tickets after it was fixed", len(w.tickets()), 2)
	})
}

// TestRecoveryAlone: a recovery that comes the day after is noted in the
// ticket that is open; one of which nothing was known still gets a ticket.
func TestRecoveryAlone(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(24 * time.Hour)
		w.run(false)
		w.alerts(escalation.Alert{Host: "db1", Check: "disk", Resolved: true}, escalation.Alert{Host: "db1", Check: "fan", Resolved: true})
		w.rest(24 * time.Hour)
		w.run(false)
		same(t, "tickets", w.lines(), []string{"db1: disk(2000-01-01、1回) ()", "db1: fan(2000-01-02に復旧) ()"})
		want(t, "the comment", strings.Join(w.comments("T-1"), "\n"), "復旧の知らせ")
	})
}

// TestRecoveryIsMovedToo: the day on which a ticket's recovery came follows
// the ticket when somebody gets it.
func TestRecoveryIsMovedToo(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.run(false)
		w.alerts(escalation.Alert{Host: "db1", Check: "disk", Resolved: true})
		w.rest(24 * time.Hour)
		w.run(false)
		want(t, "the leader's message", w.said("sato", "digest/jp/2000-01-04/"), "T\\-1", "1件")
		w.move("T-1", tracker.Open, "tr-tanaka")
		want(t, "the leader's message then", w.said("sato", "digest/jp/2000-01-04/"), "すべて担当者が決まりました")
		want(t, "tanaka's", w.said("tanaka", "digest/jp/2000-01-04/"), "T\\-1")
	})
}

// TestStranger: whoever has a ticket and is not in the roster is called as the
// tracker does.
func TestStranger(t *testing.T) {
	in(t, func(w *world) {
		w.flow.GoOn = true
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.run(false)
		w.move("T-1", tracker.Open, "jdoe")
		want(t, "the channel", w.messages("#infra")[0].Sections[0].Markdown, "継続中、jdoe")
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(24 * time.Hour)
		_, plan, err := w.flow.Preview(t.Context(), time.Now(), false)
		if err != nil || len(plan) != 1 || plan[0].Owner != "jdoe" {
			t.Errorf("planned %+v, %v", plan, err)
		}
		w.move("T-1", tracker.Fixed, "jdoe")
		w.run(false)
		want(t, "the next ticket", w.tickets()[1].Body, "jdoe さんが")
		w.move("T-2", tracker.Fixed, "")
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(24 * time.Hour)
		w.run(false)
		body := w.tickets()[2].Body
		want(t, "the one after", body, "\\-03: 10分で対応")
		if strings.Contains(body, "担当者 さん") {
			t.Errorf("it says\n%s", body)
		}
	})
}

// TestOldKinds: what is known of a kind is forgotten when nothing of it has
// come for more than a year, and what comes now and then is not.
func TestOldKinds(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "fan"})
		w.rest(24 * time.Hour)
		w.run(false)
		for range 3 {
			w.rest(200 * 24 * time.Hour)
			w.alerts(escalation.Alert{Host: "db1", Check: "fan"})
			w.rest(24 * time.Hour)
			w.run(false)
		}
		kept := map[string]int{}
		err := w.st.View(t.Context(), func(tx store.Reader) error {
			for _, bucket := range []string{"digest.kind", "digest.last"} {
				for range tx.Scan(bucket, "", "") {
					kept[bucket]++
				}
			}
			return nil
		})
		same(t, "kept", kept, map[string]int{"digest.kind": 1, "digest.last": 1})
		if err != nil {
			t.Fatal(err)
		}
		ts := w.tickets()
		want(t, "the last ticket", ts[len(ts)-1].Body, "同じ種類の過去のチケット")
	})
}

// TestEveryDay: what comes every day for a week is told to the leader, and
// then no more before another week.
func TestEveryDay(t *testing.T) {
	in(t, func(w *world) {
		count := func() int { return strings.Count(w.said("sato", "digest often"), "毎日発生") }
		for day := range 15 {
			w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
			if day != 3 {
				w.alerts(escalation.Alert{Host: "web1", Check: "load"})
			}
			w.rest(24 * time.Hour)
			w.run(false)
			if want := (day + 1) / 7; day < 10 && count() != want {
				t.Errorf("told %d times after %d days, want %d", count(), day+1, want)
			}
		}
		got := w.said("sato", "digest often")
		if n := strings.Count(got, "db1"); n != 2 {
			t.Errorf("told %d times of what came on 15 days:\n%s", n, got)
		}
		if n := strings.Count(got, "web1"); n != 1 {
			t.Errorf("told %d times of what came on 3 and on 11 days running:\n%s", n, got)
		}
	})
}

// TestSummary: what the morning did is one message in the team's channel,
// which follows its tickets.
func TestSummary(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"}, escalation.Alert{Host: "web1", Check: "disk"}, escalation.Alert{Host: "db1", Check: "disk"},
			escalation.Alert{Host: "lon1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.run(false)
		ms := w.messages("#infra")
		if len(ms) != 1 {
			t.Fatalf("%d messages in the channel", len(ms))
		}
		same(t, "title", ms[0].Title, "朝のまとめ: アラート3件を2件のチケットにしました")
		want(t, "the list", ms[0].Sections[0].Markdown, "web1\\.example\\.jp\\: disk: 2回、継続中、田中", "db1\\: disk: 1回、継続中、担当者なし")
		of := func(host string) string {
			all := w.tickets()
			return all[slices.IndexFunc(all, func(t tracker.Ticket) bool { return strings.HasPrefix(t.Title, host) })].Key
		}
		w.move(of("db1"), tracker.Open, "sato")
		want(t, "the list after it was assigned", w.messages("#infra")[0].Sections[0].Markdown, "db1\\: disk: 1回、継続中、佐藤")
	})
}

// clock is a time of day, which moves with what goes wrong.
var clock = regexp.MustCompile(`\d\d:\d\d`)

// TestKindsWhicheverCallFails: with kinds that go on, come back and come every
// day, people end up with the same.
func TestKindsWhicheverCallFails(t *testing.T) {
	story := func(w *world) string {
		w.goOn, w.flow.GoOn = true, true
		for range 3 {
			w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "web1", Check: "x"})
			w.rest(24 * time.Hour)
			for range 2 { // whoever gets no answer asks again
				_, _ = w.flow.Run(w.t.Context(), time.Now(), false)
				w.rest(10 * time.Minute)
			}
		}
		w.rest(13 * time.Hour)
		return clock.ReplaceAllString(w.snapshot(), "") + fmt.Sprint(len(w.messages("#infra")))
	}
	var whole string
	in(t, func(w *world) { whole = story(w) })
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
				in(t, func(w *world) {
					begun := w.gate.Calls()
					w.gate.Spoil(n, m)
					same(t, fmt.Sprintf("after call %d", n), story(w), whole)
					calls = w.gate.Calls() - begun
				})
			}
		})
	}
}

// TestPreview: what a run would do is told, and nothing is done.
func TestPreview(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(24 * time.Hour)
		w.run(false)
		w.flow.GoOn = true
		w.alerts(escalation.Alert{Host: "db1", Check: "disk"}, escalation.Alert{Host: "web1", Check: "load"}, escalation.Alert{Host: "web1", Check: "load", Resolved: true})
		w.rest(24 * time.Hour)
		w.alerts(escalation.Alert{Host: "web1", Check: "load"})
		before := w.snapshot()
		sum, plan, err := w.flow.Preview(t.Context(), time.Now(), false)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the sum", sum, digest.Summary{Alerts: 3, Groups: 2, Left: 1})
		same(t, "the plan", plan, []digest.Planned{
			{Team: "jp", Day: "2000-01-02", What: "db1: disk", Count: 1, Ticket: "T-1"},
			{Team: "jp", Day: "2000-01-02", What: "web1.example.jp: load", Count: 1, Over: true, Owner: "tanaka"},
		})
		w.rest(time.Hour)
		same(t, "what there is", w.snapshot(), before)
		same(t, "alerts that a run takes then", w.run(false).Alerts, 3)
	})
}

// TestUseIsRecorded: a ticket with know-how counts as its use, once, and how
// long it took.
func TestUseIsRecorded(t *testing.T) {
	in(t, func(w *world) {
		base, err := knowhow.Load(fstest.MapFS{
			"knowhow.yaml":    {Data: []byte("components:\n  - {name: disk, request_type: incident, alerts: [{check: disk}], subtickets: [{title: {ja: 空ける}, document: free}]}\n")},
			"docs/free.ja.md": {Data: []byte("---\ntitle: 空ける\nowner: sato\nreviewed: 2026-04-01\n---\n## やること\n消す。\n## 手順\n1. 消す。\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.flow.Guide = &guide.Guide{KnowHow: func() *knowhow.Base { return base.WithOrigin(knowhow.Origin{Commit: "0123456789abcdef"}) }, Inventory: w.flow.Inventory}
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.rest(24 * time.Hour)
		w.run(false)
		want(t, "the ticket", w.tickets()[0].Body, "0123456789ab")
		w.alerts(escalation.Alert{Host: "web1", Check: "disk", At: time.Date(2000, 1, 1, 13, 0, 0, 0, time.UTC)}) // of the same day, late
		w.run(false)
		w.rest(3 * time.Hour)
		w.move("T-1", tracker.Fixed, "tr-tanaka")
		w.move("T-1", tracker.Open, "tr-tanaka")
		w.move("T-1", tracker.Fixed, "tr-tanaka")
		events, err := usage.Between(w.t.Context(), w.st, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range events {
			got = append(got, fmt.Sprintf("%s %s of %s, %s, %s", e.Kind, e.Component, e.Ticket, e.Person, e.Took.Round(time.Hour)))
		}
		same(t, "recorded", got, []string{"paged disk of T-1, tanaka, 0s", "fixed disk of T-1, , 3h0m0s"})
	})
}

// TestNotes: acknowledgements and the like are no problems: they stand in the
// ticket of their kind, and alone they make none.
func TestNotes(t *testing.T) {
	in(t, func(w *world) {
		ack := map[string]string{"note": "ACKNOWLEDGEMENT"}
		w.alerts(escalation.Alert{Host: "db1", Check: "disk", Key: "db1/disk"}, escalation.Alert{Host: "db1", Check: "disk", Key: "db1/disk note", Summary: "sato is on it", Labels: ack},
			escalation.Alert{Host: "db1", Check: "disk", Key: "db1/disk", Resolved: true},
			escalation.Alert{Host: "web1", Check: "load", Key: "web1/load note", Summary: "a downtime begins", Labels: ack})
		w.rest(24 * time.Hour)
		if sum, plan, err := w.flow.Preview(w.t.Context(), time.Now(), false); err != nil || len(plan) != 1 || plan[0].What != "db1: disk" || sum.Groups != 1 || sum.Alerts != 4 {
			t.Errorf("a run would make %+v, %+v, %v", sum, plan, err)
		}
		w.run(false)
		same(t, "tickets", w.lines(), []string{"db1: disk(2000-01-01、1回) ()"})
		want(t, "the ticket", w.tickets()[0].Body, "1回ありました", "最後の状態: 復旧", "そのほかの記録\n\n- 09:00 db1\\: sato is on it")
		want(t, "the channel", w.said("#infra", "digest/"), "アラート1件を1件", "1件ありました。チケットにはしていません")

		w.alerts(escalation.Alert{Host: "db1", Check: "disk", Key: "db1/disk note", Summary: "the downtime ends", Labels: ack})
		w.rest(24 * time.Hour)
		w.run(false)
		same(t, "tickets after a note of the next day", len(w.tickets()), 1)
		want(t, "the comment", strings.Join(w.comments("T-1"), "\n"), "の記録:", "the downtime ends")

		w.alerts(escalation.Alert{Host: "web1", Check: "load", Key: "web1/load note", Summary: "again", Labels: ack}, escalation.Alert{Host: "web1", Check: "load", Key: "web1/load"})
		w.rest(24 * time.Hour)
		w.run(false)
		same(t, "tickets after a problem", len(w.tickets()), 2)
	})
}

// stale is an inventory that is away and remembers.
type stale struct{ inventory.Inventory }

func (s stale) Server(ctx context.Context, host string) (inventory.Server, error) {
	server, err := s.Inventory.Server(ctx, host)
	server.Stale = true
	return server, err
}

// TestStaleOwners: that the owner is the last known one is said.
func TestStaleOwners(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "web1", Check: "disk"})
		w.rest(24 * time.Hour)
		w.run(false)
		w.flow.Inventory = stale{w.flow.Inventory}
		w.alerts(escalation.Alert{Host: "web1", Check: "load"})
		w.rest(24 * time.Hour)
		w.run(false)
		ts := w.tickets()
		if said := "最後に分かっていた情報"; strings.Contains(ts[0].Body, said) || !strings.Contains(ts[1].Body, said) {
			t.Errorf("the tickets say\n%s\n%s", ts[0].Body, ts[1].Body)
		}
	})
}
