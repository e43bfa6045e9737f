package slack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/slacktest"
)

func running(t *testing.T, more ...slacktest.Option) *world {
	w := newWorld(t, more...)
	w.run()
	return w
}

// lastSeen waits for the last message that shows something.
func (w *world) lastSeen(to, words string) (found slacktest.Message) {
	w.t.Helper()
	w.until("somebody sees "+words, func() bool {
		all := w.sees(to)
		for _, m := range all {
			if strings.Contains(m.Shown+m.Text, words) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// modal waits for the window that shows something.
func (w *world) modal(words string) (found slacktest.View) {
	w.t.Helper()
	w.until("a window shows "+words, func() bool {
		for _, v := range w.ws.Person(tanaka).Modals() {
			if strings.Contains(v.Shown+v.Title, words) {
				found = v
				return true
			}
		}
		return false
	})
	return found
}

func TestCommand(t *testing.T) {
	w := running(t)
	p := w.ws.Person(tanaka)
	if r := p.Command("/knowhow", "disk <b> & more", infra); !r.Acked || r.Err != "" {
		t.Fatalf("%+v", r)
	}
	m := w.lastSeen("#infra-jp", "heard")
	if !m.Ephemeral {
		t.Errorf("the answer is for all: %+v", m)
	}
	p.Command("/oncall", "", p.Direct())
	w.lastSeen(tanaka, "/oncall")
	want := []chat.Command{{From: tanaka, Line: "/knowhow disk <b> & more", Channel: infra}, {From: tanaka, Line: "/oncall"}}
	if diff := cmp.Diff(want, w.h.heard()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPressedButtons(t *testing.T) {
	w := running(t)
	w.h.act = func(context.Context, chat.Action) (chat.Reply, error) { return chat.Reply{Title: "taken"}, nil }
	m := note("incident/1", "disk full")
	m.Buttons = []chat.Button{
		{ID: "ack", Value: "1", Label: "Acknowledge", Style: chat.Primary},
		{ID: "ack", Value: "2", Label: "Acknowledge another", Style: chat.Danger},
		{ID: "assign", Label: "Assign", Choices: []chat.Choice{{Value: "1 sato", Label: "Sato"}}},
	}
	for i := range 150 {
		m.Buttons[2].Choices = append(m.Buttons[2].Choices, chat.Choice{Value: fmt.Sprint("1 p", i), Label: fmt.Sprint("Person ", i)})
	}
	w.send(m)
	p := w.ws.Person(tanaka)
	at := w.sees(tanaka)[0]
	p.Press(at.Channel, at.TS, at.Controls[0].Action)
	p.Press(at.Channel, at.TS, at.Controls[1].Action)
	p.Press(at.Channel, at.TS, at.Controls[2].Action, "1 p120")
	w.until("three presses are known", func() bool { return len(w.h.pressed()) == 3 })
	want := []chat.Action{
		{From: tanaka, Message: "incident/1", Button: "ack", Value: "1"},
		{From: tanaka, Message: "incident/1", Button: "ack", Value: "2"},
		{From: tanaka, Message: "incident/1", Button: "assign", Value: "1 p120"},
	}
	if diff := cmp.Diff(want, w.h.pressed()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if m := w.lastSeen(tanaka, "taken"); !m.Ephemeral {
		t.Errorf("the answer is for all: %+v", m)
	}
}

// The answer to a button of an answer takes its place.
func TestAnAnswerIsReplaced(t *testing.T) {
	w := running(t)
	w.h.command = func(context.Context, chat.Command) (chat.Reply, error) {
		return chat.Reply{Title: "really?", Buttons: []chat.Button{{ID: "alert", Value: "x", Label: "Yes"}}}, nil
	}
	w.h.act = func(context.Context, chat.Action) (chat.Reply, error) { return chat.Reply{Title: "raised"}, nil }
	p := w.ws.Person(tanaka)
	p.Command("/alert", "x", infra)
	m := w.lastSeen("#infra-jp", "really?")
	p.Press(m.Channel, m.TS, m.Controls[0].Action)
	w.lastSeen("#infra-jp", "raised")
	for _, m := range w.sees("#infra-jp") {
		if strings.Contains(m.Shown, "really?") {
			t.Error("the question is still there, with its button")
		}
	}
	if got := w.h.pressed()[0]; got.Message != "" {
		t.Errorf("the button of an answer belongs to the message %q", got.Message)
	}
}

func TestWordsToTheBot(t *testing.T) {
	w := running(t)
	p := w.ws.Person(tanaka)
	p.DM("disk full & more")
	w.lastSeen(tanaka, "heard disk full")
	p.Mention(infra, "mail queue")
	m := w.lastSeen("#infra-jp", "heard mail queue")
	if m.Thread == "" || m.Ephemeral {
		t.Errorf("the answer to a mention is not in its thread: %+v", m)
	}
	want := []chat.Command{{From: tanaka, Line: "disk full & more"}, {From: tanaka, Line: "mail queue", Channel: infra}}
	if diff := cmp.Diff(want, w.h.heard()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoPersonsWordIsIgnored(t *testing.T) {
	w := running(t)
	p := w.ws.Person(tanaka)
	for _, event := range []map[string]any{
		{"type": "message", "channel_type": "im", "channel": p.Direct(), "user": slacktest.BotUserID, "text": "own", "ts": "1.1"},
		{"type": "message", "channel_type": "im", "channel": p.Direct(), "user": tanaka, "bot_id": "B1", "text": "a bot's", "ts": "1.2"},
		{"type": "message", "channel_type": "im", "channel": p.Direct(), "subtype": "message_changed", "user": tanaka, "text": "changed", "ts": "1.3"},
		{"type": "message", "channel_type": "im", "channel": p.Direct(), "user": tanaka, "text": "edited", "ts": "1.4", "edited": map[string]any{"user": tanaka}},
		{"type": "message", "channel_type": "channel", "channel": infra, "user": tanaka, "text": "not to the bot", "ts": "1.5"},
		{"type": "app_mention", "channel": infra, "user": tanaka, "text": "<@" + slacktest.BotUserID + ">", "ts": "1.6"},
		{"type": "an_event_of_next_year", "user": tanaka, "blocks": "what?"},
	} {
		if r := w.ws.Emit(event); !r.Acked {
			t.Errorf("%v was not acknowledged: %+v", event, r)
		}
	}
	p.DM("hello")
	w.lastSeen(tanaka, "heard hello")
	if got := w.h.heard(); len(got) != 1 {
		t.Errorf("heard %+v", got)
	}
}

func TestAFailedHandlerStillAnswers(t *testing.T) {
	w := running(t)
	w.h.command = func(context.Context, chat.Command) (chat.Reply, error) {
		return chat.Reply{}, errors.New("secret: the database is on fire")
	}
	w.ws.Person(tanaka).Command("/oncall", "", infra)
	if m := w.lastSeen("#infra-jp", "try again"); strings.Contains(m.Shown+m.Text, "secret") {
		t.Errorf("an internal error is shown: %+v", m)
	}
}

func TestHome(t *testing.T) {
	w := newWorld(t)
	w.h.home = []chat.Block{
		{Section: chat.Section{Heading: "My tickets", Markdown: "- OPS-1"}, Buttons: []chat.Button{{ID: "done", Value: "OPS-1", Label: "Done"}}},
		{Section: chat.Section{Heading: "On call", Markdown: "Sato"}},
	}
	for range 200 {
		w.h.home = append(w.h.home, chat.Block{Section: chat.Section{Markdown: "more"}, Buttons: []chat.Button{{ID: "b", Label: "B"}}})
	}
	w.h.act = func(context.Context, chat.Action) (chat.Reply, error) {
		w.h.mu.Lock()
		defer w.h.mu.Unlock()
		w.h.home = []chat.Block{{Section: chat.Section{Markdown: "all done"}}}
		return chat.Reply{Title: "well done"}, nil
	}
	w.run()
	p := w.ws.Person(tanaka)
	p.OpenHome()
	w.until("the home is there", func() bool { return p.Home() != nil })
	v := p.Home()
	if !strings.Contains(v.Shown, "OPS-1") || !strings.Contains(v.Shown, "…") {
		t.Errorf("the home shows %.200q", v.Shown)
	}
	p.PressHome(v.Controls[0].Action)
	w.lastSeen(tanaka, "well done")
	w.until("the home is up to date", func() bool { return strings.Contains(p.Home().Shown, "all done") })
}

func TestNoHandlerYet(t *testing.T) {
	w := newWorld(t)
	w.s.SetHandler(nil)
	w.run()
	p := w.ws.Person(tanaka)
	p.OpenHome()
	p.Command("/oncall", "", infra)
	w.lastSeen("#infra-jp", "starting")
}

func TestTheLinkIsAButtonToo(t *testing.T) {
	w := running(t)
	m := note("incident/1", "disk full")
	m.Link = "https://tebiki.example/incidents/1"
	m.Buttons = []chat.Button{{ID: "ack", Value: "1", Label: "Acknowledge"}}
	w.send(m)
	seen := w.sees(tanaka)[0]
	if len(seen.Controls) != 2 || seen.Controls[1].URL != m.Link || seen.Controls[1].Label != "Open" {
		t.Fatalf("%+v", seen.Controls)
	}
	p := w.ws.Person(tanaka)
	if r := p.PressSeen(seen, seen.Controls[1].Action); !r.Acked {
		t.Errorf("%+v", r)
	}
	p.PressSeen(seen, seen.Controls[0].Action)
	w.until("the other button is heard", func() bool { return len(w.h.pressed()) > 0 })
	if got := w.h.pressed(); len(got) != 1 || got[0].Button != "ack" {
		t.Errorf("heard of %+v", got)
	}
	for _, link := range []string{"", "javascript:alert(1)", "mailto:a@example.jp"} {
		m.Link = link
		w.send(m)
		if seen := w.sees(tanaka)[0]; len(seen.Controls) != 1 {
			t.Errorf("%q opens by %+v", link, seen.Controls)
		}
	}
}
