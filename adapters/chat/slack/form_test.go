package slack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/slacktest"
)

func requestForm() chat.Form {
	return chat.Form{
		ID: "request", State: "s-1", Title: "A new request, with a title that is long", Submit: "Create",
		Intro: []chat.Section{{Markdown: "What do you need?"}},
		Fields: []chat.Field{
			{Name: "component", Label: "Component", Kind: chat.SelectField, Required: true, Reload: true,
				Choices: []chat.Choice{{Value: "dns", Label: "DNS"}, {Value: "mail", Label: "Mail"}}},
			{Name: "server", Label: "Server", Hint: "type some of its name", Kind: chat.LookupField, Value: "web1", Reads: "web1 (Tokyo)"},
			{Name: "text", Label: "Details", Kind: chat.TextField, Value: "please"},
		},
	}
}

func withForm(t *testing.T) *world {
	w := running(t)
	w.h.command = func(context.Context, chat.Command) (chat.Reply, error) {
		f := requestForm()
		return chat.Reply{Form: &f}, nil
	}
	w.h.submit = func(_ context.Context, a chat.Answers) (chat.Reply, map[string]string, error) {
		return chat.Reply{Title: "created"}, nil, nil
	}
	return w
}

func TestFormIsFilledInAndSent(t *testing.T) {
	w := withForm(t)
	w.h.options = func(a chat.Answers, field, typed string) (out []chat.Choice, err error) {
		for i := range 300 {
			out = append(out, chat.Choice{Value: fmt.Sprint(field, " ", typed, " ", i), Label: strings.Repeat("名前", 30) + fmt.Sprint(i)})
		}
		return out, nil
	}
	p := w.ws.Person(tanaka)
	p.Command("/request", "", infra)
	v := w.modal("What do you need?")
	menu, r := p.Type(v.ID, "server", "db")
	if !r.Acked || len(menu) == 0 || len(r.Payload) >= 20<<10 || menu[0].Value != "server db 0" {
		t.Fatalf("%d choices, %d bytes, %+v", len(menu), len(r.Payload), r)
	}
	r = p.Submit(v.ID, map[string]string{"component": "dns", "server": "server db 0", "text": "a <new> name"})
	if !r.Acked || len(r.Errors) > 0 || r.Err != "" {
		t.Fatalf("%+v", r)
	}
	w.lastSeen("#infra-jp", "created")
	want := []chat.Answers{{From: tanaka, Form: "request", State: "s-1", Values: map[string]string{"component": "dns", "server": "server db 0", "text": "a <new> name"}}}
	if diff := cmp.Diff(want, w.h.filled); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(p.Modals()) != 0 {
		t.Error("the window is still open")
	}
}

func TestFaultsAreShownAtTheirFields(t *testing.T) {
	w := withForm(t)
	w.h.submit = func(_ context.Context, a chat.Answers) (chat.Reply, map[string]string, error) {
		return chat.Reply{}, map[string]string{"server": "no such server", "elsewhere": "and a general fault"}, nil
	}
	p := w.ws.Person(tanaka)
	p.Command("/request", "", infra)
	v := w.modal("What do you need?")
	r := p.Submit(v.ID, map[string]string{"component": "dns"})
	said := fmt.Sprint(r.Errors)
	if len(r.Errors) != 2 || !strings.Contains(said, "no such server") || !strings.Contains(said, "general fault") {
		t.Errorf("%+v", r)
	}
	w.h.submit = func(context.Context, chat.Answers) (chat.Reply, map[string]string, error) {
		return chat.Reply{}, nil, errors.New("secret")
	}
	if r := p.Submit(v.ID, nil); !r.Acked || r.Err != "" {
		t.Errorf("%+v", r)
	}
	w.lastSeen("#infra-jp", "try again")
}

// What somebody typed stays when another field changes the form, and what the
// handler puts into a field is shown.
func TestReload(t *testing.T) {
	w := withForm(t)
	w.h.reload = func(a chat.Answers) (chat.Form, error) {
		f := requestForm()
		f.Fields[0].Value = a.Values["component"]
		f.Fields[1].Value, f.Fields[1].Reads = "mx1", "mx1 (Osaka)"
		f.Fields[2].Value = a.Values["text"]
		f.Fields = append(f.Fields, chat.Field{Name: "queue", Label: "Queue", Kind: chat.LineField})
		f.Intro[0].Markdown = "Mail it is."
		return f, nil
	}
	p := w.ws.Person(tanaka)
	p.Command("/request", "", infra)
	v := w.modal("What do you need?")
	p.PressView(v.ID, "component", "mail")
	v = w.modal("Mail it is.")
	if r := p.Submit(v.ID, map[string]string{"queue": "q1"}); !r.Acked || len(r.Errors) > 0 {
		t.Fatalf("%+v", r)
	}
	w.until("the form is in", func() bool { w.h.mu.Lock(); defer w.h.mu.Unlock(); return len(w.h.filled) == 1 })
	want := map[string]string{"component": "mail", "server": "mx1", "text": "please", "queue": "q1"}
	if diff := cmp.Diff(want, w.h.filled[0].Values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A handler that takes longer than Slack waits changes the window afterwards.
func TestASlowSubmitIsAnsweredAfterwards(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]map[string]string{"good": nil, "with faults": {"text": "too short"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := withForm(t)
			w.h.reload = func(chat.Answers) (chat.Form, error) { return requestForm(), nil }
			release := make(chan struct{})
			w.h.submit = func(context.Context, chat.Answers) (chat.Reply, map[string]string, error) {
				<-release
				return chat.Reply{Title: "created at last"}, faults, nil
			}
			p := w.ws.Person(tanaka)
			p.Command("/request", "", infra)
			v := w.modal("What do you need?")
			r := p.Submit(v.ID, map[string]string{"component": "dns"})
			close(release)
			if !r.Acked || r.Took > 3*time.Second {
				t.Fatalf("%+v", r)
			}
			if faults == nil {
				w.modal("created at last")
			} else if v := w.modal("too short"); v.Submit == "" {
				t.Error("the form cannot be sent again")
			}
		})
	}
}

// A form that comes when the trigger is gone is behind a button.
func TestALateFormIsBehindAButton(t *testing.T) {
	w := newWorld(t, slacktest.WithTimings(slacktest.Timings{Trigger: 50 * time.Millisecond}))
	w.run()
	w.h.command = func(ctx context.Context, _ chat.Command) (chat.Reply, error) {
		timer := time.NewTimer(100 * time.Millisecond)
		defer timer.Stop()
		<-timer.C
		f := requestForm()
		return chat.Reply{Form: &f}, nil
	}
	p := w.ws.Person(tanaka)
	p.Command("/form", "", infra)
	m := w.lastSeen("#infra-jp", "form is ready")
	p.Press(m.Channel, m.TS, m.Controls[0].Action)
	w.modal("What do you need?")
}

// A command that is known to give a form opens its window at once.
func TestAWindowOpensAtOnce(t *testing.T) {
	w := withForm(t)
	wait := make(chan struct{})
	w.h.command = func(context.Context, chat.Command) (chat.Reply, error) {
		<-wait
		return chat.Reply{Title: "not for you"}, nil
	}
	w.ws.Person(tanaka).Command("/request", "", infra)
	w.modal("One moment")
	close(wait)
	w.modal("not for you")
}

func TestSuggestionsWithoutAnAnswer(t *testing.T) {
	w := withForm(t)
	w.h.options = func(chat.Answers, string, string) ([]chat.Choice, error) { return nil, errors.New("away") }
	p := w.ws.Person(tanaka)
	p.Command("/request", "", infra)
	v := w.modal("What do you need?")
	if menu, r := p.Type(v.ID, "server", "x"); !r.Acked || len(menu) != 0 {
		t.Errorf("%v %+v", menu, r)
	}
}
