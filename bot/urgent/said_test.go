package urgent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/store"
)

// say lets somebody comment in the tracker itself.
func (w *world) say(key, author, words string) {
	w.t.Helper()
	if err := w.tracker.Comment(w.t.Context(), key, tracker.Comment{Author: author, Body: words}); err != nil {
		w.t.Fatal(err)
	}
	wait(time.Minute)
}

// newest is the last comment on a ticket.
func (w *world) newest(key string) string {
	w.t.Helper()
	cs := w.comments(key)
	return cs[len(cs)-1]
}

func TestAckByComment(t *testing.T) {
	for _, on := range []string{"T-1", "T-2"} {
		in(t, func(t *testing.T, w *world) {
			w.alert(alert("web1", "disk"))
			w.alert(alert("web1", "load"))
			wait(time.Minute)
			w.say(on, "sato", "\n  /ACK\t見ています\nmore")
			inc := w.incident(1)
			if inc.Status != escalation.Acknowledged || inc.AckBy != "sato" {
				t.Fatalf("on %s: it is %s by %q", on, inc.Status, inc.AckBy)
			}
			if got := w.tickets()[0].Assignee; got != "sato" {
				t.Errorf("the ticket is assigned to %q", got)
			}
			has(t, "the comments", w.newest("T-1"), "佐藤", "対応を始めました")
			wait(10 * time.Minute)
			if len(w.phone.Recent("sato")) > 0 || len(w.messages("smith")) > 0 {
				t.Error("paging went on")
			}
			n := len(w.comments(on))
			w.say(on, "sato", "/ack")
			if got := w.comments(on); len(got) != n+1 {
				t.Errorf("a second /ack of the same person was answered: %q", got)
			}
		})
	}
}

// TestAckByCommentOnce: wherever the process dies, and however late the
// tracker's news comes, there is one acknowledgement.
func TestAckByCommentOnce(t *testing.T) {
	for n := 1; ; n++ {
		done := false
		in(t, func(t *testing.T, w *world) {
			w.alert(alert("web1", "disk"))
			wait(time.Minute)
			w.stop()
			w.ops = &ops{left: n, done: n%2 == 0}
			w.start()
			w.say("T-1", "smith", "/ack")
			done = !w.ops.dead()
			w.revive()
			wait(2 * time.Minute)
			if inc := w.incident(1); inc.AckBy != "smith" {
				t.Errorf("after operation %d it is %s by %q", n, inc.Status, inc.AckBy)
			}
			if got := strings.Count(strings.Join(w.comments("T-1"), "\n"), "対応を始めました"); got != 1 {
				t.Errorf("after operation %d it is told %d times", n, got)
			}
			if got := strings.Count(w.history(1), string(escalation.NewsAcknowledged)); got != 1 {
				t.Errorf("after operation %d the history has %d acknowledgements", n, got)
			}
		})
		if done || t.Failed() {
			break
		}
	}
}

func TestAckTooLate(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		w.submit(escalation.Ack{Incident: 1, Person: "smith", Via: escalation.Chat})
		wait(time.Minute)
		w.say("T-1", "sato", "/ack")
		if got := w.newest("T-1"); got != `I\-1 はすでに Smith さんが対応中です。` {
			t.Errorf("the answer is %q", got)
		}
		if inc := w.incident(1); inc.AckBy != "smith" {
			t.Errorf("it was taken from smith by %q", inc.AckBy)
		}
		w.submit(escalation.Fix{Incident: 1, Person: "smith"})
		wait(time.Minute)
		w.say("T-1", "sato", "/ack")
		if got := w.newest("T-1"); got != `I\-1 はすでに終わっています。` {
			t.Errorf("the answer is %q", got)
		}
		wait(3 * time.Hour)
		w.say("T-1", "sato", "/ack once more")
		if got := w.newest("T-1"); got != `I\-1 はすでに終わっています。` || len(w.comments("T-1")) < 6 {
			t.Errorf("closed, the answers are %q", w.comments("T-1"))
		}
	})
}

// TestAckByStranger: who is not in the roster hears once who may.
func TestAckByStranger(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(time.Minute)
		for range 3 {
			w.say("T-1", "<b>mallory", "/ack")
		}
		var answers []string
		for _, c := range w.comments("T-1") {
			if strings.Contains(c, "名簿") {
				answers = append(answers, c)
			}
		}
		if len(answers) != 1 || strings.Contains(answers[0], "mallory") {
			t.Fatalf("the answers are %q", answers)
		}
		has(t, "the answer", answers[0], "`/ack`", `/ack I\-1`, "リーダー")
		if inc := w.incident(1); inc.Status != escalation.Open {
			t.Errorf("it is %s", inc.Status)
		}
	})
}

// TestAckBeforeTheReturn: a comment of before the incident came back, read
// late, does not keep anybody from being paged.
func TestAckBeforeTheReturn(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(time.Minute)
		before := time.Now()
		w.submit(escalation.Fix{Incident: 1, Person: "smith"})
		wait(20 * time.Minute)
		w.alert(alert("web1", "disk"))
		f := &Flow{}
		err := w.store.Update(t.Context(), func(tx store.Writer) error {
			return f.Said(tx, watch.Seen{Label: "tebiki/I-1/ticket"}, tracker.Said{Ticket: "T-1", ID: "9", Author: "sato", Text: "/ack", At: before})
		})
		if err != nil {
			t.Fatal(err)
		}
		w.restart()
		wait(time.Minute)
		if inc := w.incident(1); inc.Status != escalation.Open {
			t.Errorf("it is %s by %q", inc.Status, inc.AckBy)
		}
	})
}

func TestAcknowledges(t *testing.T) {
	for words, want := range map[string]bool{
		"/ack": true, " /Ack ": true, "/ack on it": true, "\r\n/ack\r\nthanks": true, "／ａｃｋ　見ます": true, "/ack\u00a0x": true,
		"": false, "ack": false, "/acknowledge": false, "> /ack": false, "please\n/ack": false, "/ack/": false, "/resolve": false, "{quote}/ack{quote}": false,
		"／　ack": false, strings.Repeat("x", 1<<20) + "\n/ack": false,
	} {
		if got := acknowledges(words); got != want {
			t.Errorf("%.20q: %v", words, got)
		}
	}
}

func TestSaidElsewhere(t *testing.T) {
	for _, label := range []string{"", "form/1", "tebiki/I-1/alert", "tebiki/request/T-1/disk/0", "form/tebiki/I-1/ticket", "tebiki/digest/x"} {
		st := store.NewMemory()
		err := st.Update(t.Context(), func(tx store.Writer) error {
			return (&Flow{}).Said(tx, watch.Seen{Label: label}, tracker.Said{Ticket: "T-1", ID: "1", Author: "sato", Text: "/ack"})
		})
		items := 0
		_ = st.View(t.Context(), func(tx store.Reader) error { // it fails for no memory
			for range tx.Scan("outbox", "", "") {
				items++
			}
			return nil
		})
		if err != nil || items != 0 {
			t.Errorf("%q: %d items, %v", label, items, err)
		}
	}
}

// TestAckInOneBatch: several people and the ticket itself in one piece of the
// tracker's changes.
func TestAckInOneBatch(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(time.Minute)
		w.trackerDown.Store(true)
		wait(time.Minute)
		for _, who := range []string{"smith", "sato"} {
			if err := w.tracker.Comment(t.Context(), "T-1", tracker.Comment{Author: who, Body: "/ack"}); err != nil {
				t.Fatal(err)
			}
		}
		title := "renamed"
		if _, err := w.tracker.Change(t.Context(), "T-1", tracker.Change{By: "lee", Title: &title}); err != nil {
			t.Fatal(err)
		}
		w.trackerDown.Store(false)
		wait(2 * time.Minute)
		if inc := w.incident(1); inc.AckBy != "smith" {
			t.Errorf("the first is not who has it: %s by %q", inc.Status, inc.AckBy)
		}
		if cs := w.comments("T-1"); !slices.Contains(cs, `I\-1 はすでに Smith さんが対応中です。`) {
			t.Errorf("the second is not answered: %q", cs)
		}
	})
}
