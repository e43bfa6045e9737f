package digest_test

import (
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/escalation"
)

// TestCandidates: a server of several people, of a group or of nobody has no
// assignee, and its leader may choose, of its owners first.
func TestCandidates(t *testing.T) {
	in(t, func(w *world) {
		w.alerts(escalation.Alert{Host: "pair2", Check: "disk"}, escalation.Alert{Host: "db1", Check: "disk"})
		w.rest(48 * time.Hour)
		w.run(false)
		offered := map[string][]chat.Choice{}
		for _, tk := range w.tickets() {
			same(t, tk.Title+": assignee", tk.Assignee, "")
			for _, b := range w.messages("sato")[0].Buttons {
				if b.Value == tk.Key {
					offered[tk.Fields["host"]] = b.Choices
				}
			}
		}
		key := func(host string) string { return offered[host][0].Value[:len("T-1 ")] }
		same(t, "several owners", offered["pair2"], []chat.Choice{{Value: key("pair2") + "lee", Label: "Hannah (0件)"},
			{Value: key("pair2") + "tanaka", Label: "田中 (0件)"}, {Value: key("pair2") + "sato", Label: "佐藤 (0件・当番)"}})
		same(t, "a group", offered["db1"], []chat.Choice{{Value: key("db1") + "sato", Label: "佐藤 (0件・当番)"}, {Value: key("db1") + "tanaka", Label: "田中 (0件)"}})
	})
}
