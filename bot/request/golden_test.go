package request_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/flowtest"
)

// whole writes a message down as a person sees it.
func whole(m chat.Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nleads to %s\n", m.Title, m.Link)
	for _, s := range m.Sections {
		folded := ""
		if s.Folded {
			folded = " (folded)"
		}
		fmt.Fprintf(&b, "\n## %s%s\n\n%s\n", s.Heading, folded, s.Markdown)
	}
	for _, button := range m.Buttons {
		fmt.Fprintf(&b, "\n[%s]", button.Label)
		for _, c := range button.Choices {
			fmt.Fprintf(&b, " %s", c.Label)
		}
	}
	return b.String() + "\n"
}

func TestGolden(t *testing.T) {
	for lang, who := range map[string]string{"ja": "tanaka", "en": "lee"} {
		in(t, func(w *world) {
			time.Sleep(9 * time.Hour)
			w.checks.text = "Filesystem      Size  Used Avail Use% Mounted on\n/dev/sda1        50G   49G  1.0G  98% /var\n"
			fields := map[string]string{"host": "db1.example.jp", "path": "/var"}
			w.create(tracker.Draft{Title: "db1 の /var が一杯です", Body: "書き込めません。\n至急お願いします。", Component: "disk-full",
				Assignee: who, Reporter: "smith", Fields: fields})
			w.rest()
			sub := w.ticket("T-2")
			flowtest.Golden(t, "subticket."+lang+".md", "# "+sub.Title+"\n\n"+sub.Body+"\n")
			flowtest.Golden(t, "message."+lang+".md", whole(w.messages(who)[0]))
			w.finish("T-1")
			w.rest()
			flowtest.Golden(t, "done."+lang+".md", whole(w.messages(who)[0])+"\n---\n\n"+whole(w.messages(who)[1]))
		})
	}
	in(t, func(w *world) {
		w.create(tracker.Draft{Title: "db1 の /var が一杯です", Component: "disk-full", Fields: map[string]string{"host": "db1"}})
		w.rest()
		account := w.create(tracker.Draft{Title: "new account", Component: "account", Body: "For Ms. Ito, from Monday.", Reporter: "lee"}).Key
		w.rest()
		flowtest.Golden(t, "assign.ja.md", whole(w.messages("U-SATO")[0]))
		flowtest.Golden(t, "assign.en.md", whole(w.messages("smith")[0]))
		w.askLeader("T-1", "disk-full", "tanaka")
		w.askLeader(account, "account", "lee")
		w.rest()
		flowtest.Golden(t, "help.ja.md", whole(w.messages("U-SATO")[1]))
		flowtest.Golden(t, "help.en.md", whole(w.messages("smith")[1]))
	})
}
