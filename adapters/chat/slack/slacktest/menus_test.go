package slacktest

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// TestMenus uses an element of each kind, and holds what the bot is told.
func TestMenus(t *testing.T) {
	ws := team(t, WithPeople(User{ID: "U1"}))
	b := listen(t, ws, acks)
	one := `{"text":{"type":"plain_text","text":"One"},"value":"one"}`
	for _, c := range []struct{ element, choice, want string }{
		{`"type":"overflow","options":[` + one + `]`, "one", `"selected_option":{"text":{"text":"One","type":"plain_text"},"value":"one"}`},
		{`"type":"radio_buttons","options":[` + one + `]`, "one", `"selected_option":{"text"`},
		{`"type":"checkboxes","options":[` + one + `]`, "one", `"selected_options":[{"text"`},
		{`"type":"static_select","option_groups":[{"label":{"type":"plain_text","text":"Group"},"options":[` + one + `]}]`, "one", `"selected_option":{"text"`},
		{`"type":"external_select","initial_option":` + one, "one", `"selected_option":{"text"`},
		{`"type":"users_select"`, "USATO", `"selected_user":"USATO"`},
		{`"type":"conversations_select"`, "CINFRA", `"selected_conversation":"CINFRA"`},
		{`"type":"channels_select"`, "CINFRA", `"selected_channel":"CINFRA"`},
		{`"type":"datepicker"`, "2026-11-25", `"selected_date":"2026-11-25"`},
		{`"type":"timepicker"`, "03:30", `"selected_time":"03:30"`},
		{`"type":"datetimepicker"`, "1764041852", `"selected_date_time":1764041852`},
	} {
		blocks := `[{"type":"actions","elements":[{"action_id":"a",` + c.element + `}]}]`
		if err := ws.tryBlocks(t, blocks); err != nil {
			t.Fatalf("%s: %v", c.element, err)
		}
		u := ws.Person("U1")
		seen := u.See(u.Direct())
		if r := u.Press(u.Direct(), seen[len(seen)-1].TS, "a", c.choice); !r.Acked {
			t.Errorf("%s: %+v", c.element, r)
		}
		e := b.wait(t, socketmode.EventTypeInteractive)
		if got := string(e.Request.Payload); !strings.Contains(got, c.want) {
			t.Errorf("%s: told %s, want %s in it", c.element, got, c.want)
		}
	}
}

func TestAViewByItsOwnName(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, acks)
	tanaka := ws.Person("UTANAKA")
	open := func() error {
		tanaka.Command("/request", "", "CINFRA")
		form := requestForm("Request")
		form.ExternalID = "mine"
		_, err := ws.client().OpenView(b.wait(t, socketmode.EventTypeSlashCommand).Data.(slack.SlashCommand).TriggerID, form)
		return err
	}
	wants(t, "opening", open(), "")
	wants(t, "opening another of that name", open(), "duplicate_external_id")
	form := requestForm("New")
	form.ExternalID = "mine"
	_, err := ws.client().UpdateView(form, "mine", "", "")
	wants(t, "updating", err, "")
	if v := tanaka.Modals(); len(v) != 1 || v[0].Title != "New" {
		t.Errorf("sees %+v", v)
	}
	_, err = ws.client().UpdateView(form, "", "", "V999999")
	wants(t, "updating nothing", err, "not_found")
	_, err = ws.client().PublishView("UNOBODY", slack.HomeTabViewRequest{Type: "home"}, "")
	wants(t, "publishing for nobody", err, "user_not_found")
}
