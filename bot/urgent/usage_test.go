package urgent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/knowhow"
)

// TestUseIsRecorded: a page with know-how counts as its use, and once how long
// the incident took from then.
func TestUseIsRecorded(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		began := time.Now()
		id := w.alert(alert("db1", "disk /var")).Incident
		w.alert(alert("db2", "fan")) // for which there is none
		time.Sleep(time.Minute)
		w.submit(escalation.Ack{Incident: id, Person: w.incident(id).Paged[0], Via: escalation.Chat})
		time.Sleep(time.Hour)
		over := alert("db1", "disk /var")
		over.Resolved = true
		w.alert(over)
		time.Sleep(time.Hour)
		w.restart()
		time.Sleep(time.Hour)
		events, err := usage.Between(w.t.Context(), w.store, began.Add(-time.Hour), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range events {
			got = append(got, fmt.Sprintf("%s %s of %s, %s, %s", e.Kind, e.Component, e.Ticket, e.Person, e.Took.Round(time.Hour)))
		}
		want := fmt.Sprintf("[paged disk-full of %s, %s, 0s fixed disk-full of %[1]s, , 1h0m0s]", id, w.incident(id).Paged[0])
		if fmt.Sprint(got) != want {
			t.Errorf("recorded %v, want %s", got, want)
		}
	})
}

// TestMadeFromACommit: all that is made from the know-how says of
// which state it is.
func TestMadeFromACommit(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		from := base(t).WithOrigin(knowhow.Origin{Commit: "0123456789abcdef", Link: "https://git.example/0123456789abcdef"})
		w.knowHow = func() *knowhow.Base { return from }
		w.restart()
		id := w.alert(alert("db1", "disk /var")).Incident
		time.Sleep(time.Minute)
		w.alert(alert("db1", "disk /home"))
		time.Sleep(time.Minute)
		all := w.tickets()
		if len(all) != 2 {
			t.Fatalf("%d tickets of %s", len(all), id)
		}
		for _, tk := range all {
			if !strings.Contains(tk.Body, "[0123456789ab](<https://git.example/0123456789abcdef>)") {
				t.Errorf("%s under %q names no commit:\n%s", tk.Key, tk.Parent, tk.Body)
			}
		}
	})
}
