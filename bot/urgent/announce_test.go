package urgent

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/escalation"
)

const channel = "#infra"

// top gives the channel's message about an incident, and what is in its thread.
func (w *world) top(id escalation.ID) (m chat.Message, thread []string) {
	w.t.Helper()
	tops := 0
	for _, x := range w.messages(channel) {
		switch {
		case x.Key == MessageKey(id):
			m = x
			tops++
		case x.Thread == MessageKey(id):
			thread = append(thread, whole(x))
		}
	}
	if tops != 1 {
		w.t.Fatalf("the channel has %d messages about %s", tops, id)
	}
	return m, thread
}

func TestTheTeamReadsAlong(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		a := alert("web1", "disk")
		a.Summary = "full <!channel> *now*\n# and more"
		w.alert(a)
		m, _ := w.top(1)
		has(t, "an open incident", whole(m), "未対応", "次の連絡", "佐藤 さんへ電話")
		if len(m.Buttons) != 4 || m.Buttons[3].ID != ButtonCall || !m.Urgent {
			t.Errorf("buttons %+v, urgent %v", m.Buttons, m.Urgent)
		}
		w.submit(escalation.Ack{Incident: 1, Person: "smith", Via: escalation.Chat})
		m, _ = w.top(1)
		has(t, "an acknowledged one", whole(m), "対応中", "Smith")
		if len(m.Buttons) != 3 || m.Buttons[2].Label != "引き継ぐ" {
			t.Errorf("buttons %+v", m.Buttons)
		}
		if strings.Contains(whole(m), "次の連絡") {
			t.Errorf("nobody is paged next: %s", whole(m))
		}
		a.Resolved = true
		w.alert(a)
		m, thread := w.top(1)
		if len(m.Buttons) > 0 {
			t.Errorf("it is over and has %+v", m.Buttons)
		}
		has(t, "the thread", strings.Join(thread, "\n"), "発生", "佐藤 さんにチャットで連絡", "Smith さんが対応開始", "すべて復旧")
		if strings.Index(strings.Join(thread, "\n"), "対応開始") < strings.Index(strings.Join(thread, "\n"), "発生") {
			t.Errorf("out of order: %q", thread)
		}
	})
}

func TestEveryLineIsAnnouncedOnce(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.alert(alert("web1", "disk"))
		wait(3 * time.Minute)
		w.restart()
		wait(30 * time.Minute)
		lines, err := w.runner.History(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		_, thread := w.top(1)
		told := strings.Join(thread, "\n")
		if n := strings.Count(told, "さんに電話") + strings.Count(told, "チャットで連絡"); n != count(lines, escalation.NewsPaged) {
			t.Errorf("%d pages are told, %d were made:\n%s", n, count(lines, escalation.NewsPaged), told)
		}
	})
}

func count(lines []escalation.Line, news escalation.News) (n int) {
	for _, l := range lines {
		if l.News == news {
			n++
		}
	}
	return n
}
