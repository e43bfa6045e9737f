package hotline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone"
	"tebiki/bot/flowtest"
)

// What each caller hears, in both languages, stands in files that people can
// read aloud.
func TestGolden(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(scripts)) {
			s := scripts[name]
			in(t, func(t *testing.T, w *world) {
				if lang == "en" {
					w.flow.Roster = inEnglish(t, w.flow.Roster)
				}
				w.raise(alert("db1", "disk /"))
				time.Sleep(3 * time.Minute)
				w.raise(alert("web1", "ping"))
				c := w.calls(&caller{number: s.number, keys: s.keys, talks: []phone.Outcome{phone.NotAnswered}})
				fmt.Fprintf(&b, "# %s: %q presses %q\n\n%s\n\n", name, s.number, s.keys, strings.Join(c.heard, "\n"))
			})
		}
		flowtest.Golden(t, "calls."+lang+".txt", b.String())
	}
}
