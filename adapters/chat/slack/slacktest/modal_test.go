package slacktest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// form is a modal with a field, a menu that the bot fills, and one that asks
// for the form again.
func requestForm(title string) slack.ModalViewRequest {
	component := slack.NewInputBlock("component", plainText("Component"), nil,
		slack.NewOptionsSelectBlockElement("static_select", nil, "component",
			slack.NewOptionBlockObject("dns", plainText("DNS"), nil), slack.NewOptionBlockObject("fw", plainText("Firewall"), nil)))
	component.DispatchAction = true
	least := 1
	server := slack.NewOptionsSelectBlockElement("external_select", plainText("server"), "server")
	server.MinQueryLength = &least
	return slack.ModalViewRequest{
		Type: "modal", Title: plainText(title), Submit: plainText("Send"), Close: plainText("Cancel"), CallbackID: "request",
		PrivateMetadata: "state", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			component,
			slack.NewInputBlock("server", plainText("Server"), nil, server),
			slack.NewInputBlock("note", plainText("Note"), nil, slack.NewPlainTextInputBlockElement(nil, "note")).WithOptional(true),
		}},
	}
}

// formBot opens the form at a command and answers what the test sets.
func formBot(t *testing.T, ws *Workspace, answers map[slack.InteractionType]any) *bot {
	return listen(t, ws, func(b *bot, e socketmode.Event) {
		switch in := e.Data.(type) {
		case slack.SlashCommand:
			if _, err := ws.client().OpenView(in.TriggerID, requestForm("Request")); err != nil {
				t.Errorf("OpenView: %v", err)
			}
			_, err := ws.client().OpenView(in.TriggerID, requestForm("Request"))
			wants(t, "the same trigger again", err, "exchanged_trigger_id")
			b.ack(e, nil)
		case slack.InteractionCallback:
			b.ack(e, answers[in.Type])
		default:
			b.ack(e, nil)
		}
	})
}

func TestModal(t *testing.T) {
	ws := team(t)
	answers := map[slack.InteractionType]any{
		slack.InteractionTypeBlockSuggestion: slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("web1", plainText("web1.example.com"), nil)}},
		slack.InteractionTypeViewSubmission:  slack.NewErrorsViewSubmissionResponse(map[string]string{"note": "too short"}),
	}
	b := formBot(t, ws, answers)
	tanaka := ws.Person("UTANAKA")
	tanaka.Command("/request", "", "CINFRA")
	open := tanaka.Modals()
	if len(open) != 1 || open[0].Title != "Request" || open[0].PrivateMetadata != "state" || len(open[0].Controls) != 3 {
		t.Fatalf("open: %+v", open)
	}
	id := open[0].ID
	if r := tanaka.PressView(id, "component", "fw"); !r.Acked {
		t.Errorf("a new choice: %+v", r)
	}
	if _, err := ws.client().UpdateView(requestForm("Firewall"), "", open[0].Hash, id); err != nil {
		t.Errorf("UpdateView: %v", err)
	}
	_, err := ws.client().UpdateView(requestForm("Late"), "", open[0].Hash, id)
	wants(t, "an old hash", err, "hash_conflict")
	if v := tanaka.Modals()[0]; v.Title != "Firewall" || v.Controls[0].Selected != "fw" {
		t.Errorf("after the update: %+v", v)
	}
	if found, _ := tanaka.Type(id, "server", ""); found != nil {
		t.Errorf("nothing typed finds %v", found)
	}
	found, r := tanaka.Type(id, "server", "web")
	if diff := cmp.Diff([]MenuOption{{"web1.example.com", "web1", ""}}, found); diff != "" {
		t.Errorf("%+v (-want +got):\n%s", r, diff)
	}
	if r := tanaka.Submit(id, nil); r.Acked || r.Errors["server"] == "" {
		t.Errorf("with an empty field: %+v", r)
	}
	if r := tanaka.Submit(id, map[string]string{"server": "web1"}); r.Errors["note"] != "too short" || len(tanaka.Modals()) != 1 {
		t.Errorf("refused by the bot: %+v", r)
	}
	answers[slack.InteractionTypeViewSubmission] = nil
	if r := tanaka.Submit(id, map[string]string{"note": "please"}); !r.Acked || len(tanaka.Modals()) != 0 {
		t.Errorf("taken: %+v, open %d", r, len(tanaka.Modals()))
	}
	for {
		in := b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
		if in.Type != slack.InteractionTypeViewSubmission || in.View.State.Values["note"]["note"].Value != "please" {
			continue
		}
		if v := in.View.State.Values; v["server"]["server"].SelectedOption.Value != "web1" || v["component"]["component"].SelectedOption.Value != "fw" {
			t.Errorf("values %+v", v)
		}
		return
	}
}

func TestWhatASubmissionMayShow(t *testing.T) {
	ws := team(t)
	answers := map[slack.InteractionType]any{slack.InteractionTypeBlockSuggestion: json.RawMessage(`{"options":[{"text":"web1"}]}`)}
	formBot(t, ws, answers)
	tanaka := ws.Person("UTANAKA")
	tanaka.Command("/request", "", "CINFRA")
	id := tanaka.Modals()[0].ID
	if found, r := tanaka.Type(id, "server", "web"); found != nil || r.Err == "" {
		t.Errorf("malformed options: %v, %+v", found, r)
	}
	next := requestForm("Next")
	answers[slack.InteractionTypeBlockSuggestion] = slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("web1", plainText("web1"), nil)}}
	tanaka.Type(id, "server", "web")
	for _, c := range []struct {
		answer any
		err    bool
		titles []string
	}{
		{json.RawMessage(`{"response_action":"errors","errors":{"nowhere":"a"}}`), true, []string{"Request"}},
		{json.RawMessage(`{"response_action":"dance"}`), true, []string{"Request"}},
		{json.RawMessage(`{"response_action":"update","view":{"type":"modal"}}`), true, []string{"Request"}},
		{slack.NewUpdateViewSubmissionResponse(&next), false, []string{"Next"}},
		{slack.NewPushViewSubmissionResponse(&next), false, []string{"Next", "Next"}},
	} {
		answers[slack.InteractionTypeViewSubmission] = c.answer
		r := tanaka.Submit(id, map[string]string{"component": "dns", "server": "web1"})
		var titles []string
		for _, v := range tanaka.Modals() {
			titles = append(titles, v.Title)
		}
		if (r.Err != "") != c.err || !cmp.Equal(titles, c.titles) {
			t.Errorf("after %s: %+v, open %v, want %v", asText(c.answer), r, titles, c.titles)
		}
	}
	answers[slack.InteractionTypeViewSubmission] = slack.NewClearViewSubmissionResponse()
	tanaka.Submit(id, nil)
	if n := len(tanaka.Modals()); n != 0 {
		t.Errorf("cleared: %d open", n)
	}
}

func TestTriggers(t *testing.T) {
	ws := team(t, WithTimings(Timings{Trigger: 30 * time.Millisecond}))
	b := listen(t, ws, acks)
	tanaka := ws.Person("UTANAKA")
	trigger := func() string {
		tanaka.Command("/request", "", "CINFRA")
		return b.wait(t, socketmode.EventTypeSlashCommand).Data.(slack.SlashCommand).TriggerID
	}
	old := trigger()
	time.AfterFunc(50*time.Millisecond, func() { ws.SendRaw(`{"type":"later"}`) })
	b.wait(t, socketmode.EventTypeErrorBadMessage)
	_, err := ws.client().OpenView(old, requestForm("Late"))
	wants(t, "an old trigger", err, "expired_trigger_id")
	_, err = ws.client().OpenView("1.2.abc", requestForm("Wrong"))
	wants(t, "a wrong trigger", err, "invalid_trigger_id")
	_, err = ws.client().PushView(trigger(), requestForm("Push"))
	wants(t, "pushing without a modal", err, "invalid_trigger_id")
}

func TestPushAndClose(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, func(b *bot, e socketmode.Event) {
		b.ack(e, nil)
	})
	tanaka := ws.Person("UTANAKA")
	tanaka.Command("/request", "", "CINFRA")
	cmd := b.wait(t, socketmode.EventTypeSlashCommand).Data.(slack.SlashCommand)
	if _, err := ws.client().OpenView(cmd.TriggerID, requestForm("1")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"", "", "push_limit_reached"} {
		open := tanaka.Modals()
		tanaka.PressView(open[len(open)-1].ID, "component", "fw")
		in := b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
		_, err := ws.client().PushView(in.TriggerID, requestForm("more"))
		wants(t, "pushing", err, want)
	}
	if r := tanaka.Close(tanaka.Modals()[1].ID); !r.Acked || len(tanaka.Modals()) != 1 {
		t.Errorf("closed: %+v, open %d", r, len(tanaka.Modals()))
	}
	if in := b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback); in.Type != slack.InteractionTypeViewClosed {
		t.Errorf("told of %s", in.Type)
	}
}

func TestHome(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, func(b *bot, e socketmode.Event) {
		if e.Type == socketmode.EventTypeEventsAPI {
			home := slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{
				slack.NewActionBlock("1", slack.NewButtonBlockElement("open", "T-1", plainText("Open"))),
				slack.NewActionBlock("2", slack.NewButtonBlockElement("open", "T-2", plainText("Open"))),
			}}}
			if _, err := ws.client().PublishView("UTANAKA", home, ""); err != nil {
				t.Errorf("PublishView: %v", err)
			}
		}
		b.ack(e, nil)
	})
	tanaka := ws.Person("UTANAKA")
	if tanaka.Home() != nil {
		t.Error("there is a page before the first visit")
	}
	if r := tanaka.OpenHome(); !r.Acked {
		t.Fatalf("%+v", r)
	}
	if h := tanaka.Home(); h == nil || len(h.Controls) != 2 || ws.Person("USATO").Home() != nil {
		t.Fatalf("home %+v", h)
	}
	tanaka.PressHome("open", "T-2")
	in := b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	if a := in.ActionCallback.BlockActions[0]; a.Value != "T-2" || in.View.Type != "home" || in.Container.Type != "view" {
		t.Errorf("pressed %+v", a)
	}
}
