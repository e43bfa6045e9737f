package urgent

import (
	"strings"
	"testing"
	"time"

	"tebiki/bot/flowtest"
	"tebiki/escalation"
)

// TestGolden: the page, the call and the ticket, as each language has them.
func TestGolden(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		in(t, func(t *testing.T, w *world) {
			a := alert("web1", "disk")
			a.Service, a.Labels, a.Link = "shop", map[string]string{"cluster": "tokyo-1", "mount": "/var"}, "https://monitoring.example.org/d/1"
			a.Summary = "/var on web1 is 97% full"
			w.alert(a)
			wait(2*time.Minute + time.Second)
			person, other := "sato", "smith"
			if lang == "en" {
				w.answer("sato")
				w.press("sato", "2")
				wait(2*time.Minute + time.Second)
				person, other = "smith", "sato"
			}
			said := w.answer(person).Said
			m, _ := w.page(person, 1)
			flowtest.Golden(t, "page."+lang+".md", whole(m)+"\n")
			flowtest.Golden(t, "call."+lang+".md", strings.Join(said, "\n")+"\n")
			w.submit(escalation.Ack{Incident: 1, Person: other, Via: escalation.Chat})
			wait(time.Second)
			m, _ = w.page(person, 1)
			flowtest.Golden(t, "page.acknowledged."+lang+".md", strings.Join(strings.Split(whole(m), "\n")[:6], "\n")+"\n")
		})
	}
}

func TestGoldenTicket(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		in(t, func(t *testing.T, w *world) {
			w.lang = lang
			w.restart()
			a := alert("web1", "disk")
			a.Summary, a.Labels = "/var on web1 is 97% full", map[string]string{"mount": "/var"}
			w.alert(a)
			w.alert(alert("web1", "load"))
			wait(time.Second)
			ts := w.tickets()
			flowtest.Golden(t, "ticket."+lang+".md", ts[0].Title+"\n\n"+ts[0].Body+"\n")
			flowtest.Golden(t, "subticket."+lang+".md", ts[1].Title+"\n\n"+ts[1].Body+"\n")
			w.submit(escalation.PassOn{Incident: 1, Person: "sato"})
			w.submit(escalation.Ack{Incident: 1, Person: "smith"})
			w.submit(escalation.Fix{Incident: 1, Person: "smith"})
			wait(10 * time.Minute)
			w.alert(a)
			wait(time.Minute)
			flowtest.Golden(t, "comments."+lang+".md", strings.Join(w.comments(ts[0].Key), "\n\n")+"\n")
		})
	}
}
