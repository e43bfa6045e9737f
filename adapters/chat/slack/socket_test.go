package slack_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/chat"
)

func TestRepeatedEnvelopesDoNothingTwice(t *testing.T) {
	w := running(t)
	p := w.ws.Person(tanaka)
	p.DM("hello")
	p.Command("/oncall", "", infra)
	w.until("both are heard", func() bool { return len(w.h.heard()) == 2 })
	for range 3 {
		for _, r := range w.ws.Repeat(2) {
			if !r.Acked {
				t.Errorf("a repetition was not acknowledged: %+v", r)
			}
		}
	}
	p.DM("the last")
	w.lastSeen(tanaka, "heard the last")
	if got := w.h.heard(); len(got) != 3 {
		t.Errorf("heard %+v", got)
	}
	if w.s.Status().Repeated == 0 {
		t.Error("no repetition was counted")
	}
}

func TestMalformedFramesStopNothing(t *testing.T) {
	w := running(t)
	for _, frame := range []string{
		"", "{", "[]", "null", `"x"`, "{}", `{"type":"events_api"}`, `{"type":"events_api","envelope_id":"e1","payload":{"type":"event_callback","event":17}}`,
		`{"type":"interactive","envelope_id":"e2","payload":{"type":"block_actions","actions":[null]}}`,
		`{"type":"interactive","envelope_id":"e3","payload":{"type":"block_actions","actions":"x"}}`,
		`{"type":"interactive","envelope_id":"e6","payload":{"type":"block_actions","user":{"id":"U1"},"actions":[{"block_id":"b","action_id":"x"}]}}`,
		`{"type":"slash_commands","envelope_id":"e4","payload":[]}`, `{"type":"news","envelope_id":"e5","payload":{}}`,
	} {
		w.ws.SendRaw(frame)
	}
	w.until("a person is heard again", func() bool {
		w.ws.Person(tanaka).DM("hello")
		return len(w.h.heard()) > 0
	})
}

func TestReconnectsAreInvisible(t *testing.T) {
	w := running(t)
	p := w.ws.Person(tanaka)
	for i, cut := range []func(){func() { w.ws.Disconnect("refresh_requested") }, w.ws.DropSockets, func() { w.ws.Disconnect("warning") }} {
		cut()
		w.until("the bot is there again", func() bool { return w.s.Status().Connections > i+1 && w.s.Status().Connected && w.ws.Connections() > 0 })
		word := fmt.Sprint("hello ", i)
		p.DM(word)
		w.lastSeen(tanaka, "heard "+word)
	}
}

func TestOrderOfOnePersonIsKept(t *testing.T) {
	w := running(t)
	w.h.command = func(_ context.Context, c chat.Command) (chat.Reply, error) { return chat.Reply{}, nil }
	p := w.ws.Person(tanaka)
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprint("word ", i))
		p.DM(want[i])
	}
	w.until("all is heard", func() bool { return len(w.h.heard()) == 100 })
	var got []string
	for _, c := range w.h.heard() {
		got = append(got, c.Line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-said +heard):\n%s", diff)
	}
}

// However long the handler takes, Slack has its receipt at once.
func TestAcknowledgedAtOnce(t *testing.T) {
	w := running(t)
	slow := make(chan struct{})
	w.h.command = func(context.Context, chat.Command) (chat.Reply, error) { <-slow; return chat.Reply{Title: "done"}, nil }
	defer close(slow)
	p := w.ws.Person(tanaka)
	late := 0
	for range 200 {
		if r := p.Command("/oncall", "", infra); !r.Acked || r.Took > 300*time.Millisecond {
			late++
		}
	}
	if late > 2 {
		t.Errorf("%d of 200 commands were acknowledged after more than 300 ms", late)
	}
}

// A slow person holds up nobody else.
func TestOthersGoOn(t *testing.T) {
	w := running(t)
	slow := make(chan struct{})
	defer close(slow)
	w.h.command = func(_ context.Context, c chat.Command) (chat.Reply, error) {
		if c.From == tanaka {
			<-slow
		}
		return chat.Reply{Title: "done for " + c.From}, nil
	}
	w.ws.Person(tanaka).DM("slow")
	w.ws.Person(sato).DM("quick")
	w.lastSeen(sato, "done for "+sato)
}

// A token that Slack does not take is no reason to end: the log and the
// status say what to do.
func TestARefusedAppTokenIsSaid(t *testing.T) {
	w := newWorld(t)
	w.ws.RevokeApp("invalid_auth")
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.s.Run(ctx) }()
	w.until("the status says what to do", func() bool { return strings.Contains(w.s.Status().Fault, "connections:write") })
	if w.s.Status().Connected {
		t.Error("it counts as connected")
	}
	end()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestARevokedTokenIsInTheStatus(t *testing.T) {
	w := newWorld(t)
	w.send(note("a", "hello"))
	w.ws.Revoke("token_revoked")
	w.fails(w.s.Send(t.Context(), note("b", "hello")), adapters.Denied)
	if f := w.s.Status().Fault; !strings.Contains(f, "install the app again") {
		t.Errorf("the status says %q", f)
	}
	w.ws.Revoke("")
	w.send(note("b", "hello"))
	if f := w.s.Status().Fault; f != "" {
		t.Errorf("the status still says %q", f)
	}
}
