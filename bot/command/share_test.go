package command_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/command"
)

// posts is a chat that keeps what is sent, unless it fails.
type posts struct {
	err error
	got []chat.Message
}

func (p *posts) Send(_ context.Context, m chat.Message) error {
	if p.err == nil {
		p.got = append(p.got, m)
	}
	return p.err
}

func TestShare(t *testing.T) {
	w := newWorld(t)
	out := &posts{}
	w.h.Chat = out
	ask := chat.Command{From: "tanaka", Line: "/knowhow disk-full"}
	if r, err := w.h.Command(t.Context(), ask); err != nil || len(r.Buttons) != 0 {
		t.Errorf("where nobody else reads: %+v %v", r.Buttons, err)
	}
	ask.Channel = "C0INFRA"
	r, err := w.h.Command(t.Context(), ask)
	if err != nil || len(r.Buttons) != 1 || r.Buttons[0].ID != command.ButtonShare {
		t.Fatalf("%+v %v", r.Buttons, err)
	}
	press := func(value string) string {
		t.Helper()
		r, _ := w.h.Act(t.Context(), chat.Action{From: "tanaka", Button: command.ButtonShare, Value: value})
		return r.Title
	}
	shown := press(r.Buttons[0].Value)
	press(r.Buttons[0].Value)
	if len(out.got) != 2 || out.got[0].Key != out.got[1].Key || out.got[0].To != "C0INFRA" || len(out.got[0].Sections) == 0 {
		t.Errorf("%q, sent %+v", shown, out.got)
	}
	for _, value := range []string{"", "disk-full", "nothing C0INFRA", " C0INFRA"} {
		if got := press(value); got == shown {
			t.Errorf("%q was shown", value)
		}
	}
	out.err = &adapters.Error{Code: adapters.NotFound, Err: errors.New("not in the channel")}
	if got := press("disk-full C0INFRA"); !strings.Contains(got, "/invite") {
		t.Errorf("the bot is not in the channel: %q", got)
	}
}
