package slacktest

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

// A workspace leaves nothing running: its users look for their own leaks.
func TestNothingIsLeft(t *testing.T) {
	http.DefaultClient.CloseIdleConnections()
	before := goleak.IgnoreCurrent()
	t.Run("used in every way", func(t *testing.T) {
		ws := team(t)
		listen(t, ws, acks)
		if r := ws.Person("UTANAKA").DM("hello"); !r.Acked {
			t.Errorf("%+v", r)
		}
		serveHook(t, ws, nil)
		if r := ws.Person("UTANAKA").DM("hello"); !r.Acked {
			t.Errorf("%+v", r)
		}
		ws.DropSockets()
		ws.Disconnect("warning")
	})
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before)
}

func BenchmarkPost(b *testing.B) {
	ws := New(b, WithRates(Rates{}), WithoutRecord(), WithChannels(Channel{ID: "CINFRA", Members: []string{BotUserID}}))
	api := ws.client()
	for b.Loop() {
		if _, _, err := api.PostMessage("CINFRA", text("disk full"), incident("Acknowledge")); err != nil {
			b.Fatal(err)
		}
	}
}
