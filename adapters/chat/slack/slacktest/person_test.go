package slacktest

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

func incident(label string) slack.MsgOption {
	menu := slack.NewOptionsSelectBlockElement("static_select", plainText("pass on to"), "pass",
		slack.NewOptionBlockObject("sato", plainText("Sato"), nil), slack.NewOptionBlockObject("suzuki", plainText("Suzuki"), nil))
	return slack.MsgOptionBlocks(
		slack.NewHeaderBlock(plainText("disk full")),
		slack.NewActionBlock("acts", slack.NewButtonBlockElement("ack", "INC-1", plainText(label)).WithStyle("primary"), menu),
	)
}

func TestPress(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, acks)
	_, ts, err := ws.client().PostMessage("CINFRA", text("disk full"), incident("Acknowledge"))
	if err != nil {
		t.Fatal(err)
	}
	sato := ws.Person("USATO")
	want := []Control{
		{Kind: "button", Action: "ack", Block: "acts", Label: "Acknowledge", Value: "INC-1", Style: "primary"},
		{Kind: "static_select", Action: "pass", Block: "acts", Label: "pass on to", Options: []MenuOption{{"Sato", "sato", ""}, {"Suzuki", "suzuki", ""}}},
	}
	if diff := cmp.Diff(want, sato.See("CINFRA")[0].Controls); diff != "" {
		t.Errorf("controls (-want +got):\n%s", diff)
	}
	if r := sato.Press("CINFRA", ts, "ack"); !r.Acked {
		t.Fatalf("%+v", r)
	}
	in := b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	a := in.ActionCallback.BlockActions[0]
	if in.User.ID != "USATO" || in.Channel.ID != "CINFRA" || in.Message.Timestamp != ts || a.ActionID != "ack" || a.Value != "INC-1" || in.ResponseURL == "" || in.TriggerID == "" {
		t.Errorf("callback %+v", in)
	}
	sato.Press("CINFRA", ts, "pass", "suzuki")
	in = b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
	if got := in.ActionCallback.BlockActions[0].SelectedOption; got.Value != "suzuki" || got.Text.Text != "Suzuki" {
		t.Errorf("chosen %+v", got)
	}
}

// recorder stands for a test that should fail.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Errorf(f string, args ...any) { r.said = append(r.said, strings.TrimSpace(f)) }

func TestWhatIsNotThereCannotBePressed(t *testing.T) {
	ws := team(t)
	listen(t, ws, acks)
	_, ts, err := ws.client().PostMessage("CINFRA", text("disk full"), incident("Acknowledge"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ws.client().PostEphemeral("CINFRA", "UTANAKA", text("yours"), incident("Acknowledge"))
	if err != nil {
		t.Fatal(err)
	}
	sato := ws.Person("USATO")
	for name, do := range map[string]func(){
		"another action":       func() { sato.Press("CINFRA", ts, "resolve") },
		"another value":        func() { sato.Press("CINFRA", ts, "ack", "INC-2") },
		"another option":       func() { sato.Press("CINFRA", ts, "pass", "tanaka") },
		"no option":            func() { sato.Press("CINFRA", ts, "pass") },
		"another message":      func() { sato.Press("CINFRA", "1.000001", "ack") },
		"another's ephemeral":  func() { sato.Press("CINFRA", theirs, "ack") },
		"no home":              func() { sato.PressHome("ack") },
		"no modal":             func() { sato.Submit("V1", nil) },
		"a channel not theirs": func() { sato.Say("COTHER", "", "hello") },
		"looking there":        func() { sato.See("COTHER") },
		"an archived channel":  func() { ws.Person("UTANAKA").Command("/ack", "", "COLD") },
		"nobody":               func() { ws.Person("UNOBODY") },
		"typing into a button": func() { sato.TypeAt("CINFRA", ts, "ack", "abc") },
	} {
		r := &recorder{TB: t}
		ws.tb = r
		do()
		ws.tb = t
		if len(r.said) != 1 {
			t.Errorf("%s: %d complaints, want 1", name, len(r.said))
		}
	}
}

func TestCommandAndResponseURL(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, func(b *bot, e socketmode.Event) {
		if e.Type == socketmode.EventTypeSlashCommand {
			b.ack(e, map[string]any{"text": "looking"})
		}
	})
	tanaka := ws.Person("UTANAKA")
	if r := tanaka.Command("/knowhow", "disk & <more>", "COTHER"); !r.Acked || r.Err != "" {
		t.Fatalf("%+v", r)
	}
	cmd := b.wait(t, socketmode.EventTypeSlashCommand).Data.(slack.SlashCommand)
	if cmd.Text != "disk &amp; &lt;more&gt;" || cmd.ChannelID != "COTHER" || cmd.UserID != "UTANAKA" || cmd.Command != "/knowhow" {
		t.Errorf("command %+v", cmd)
	}
	for i := range mostReplies {
		if err := slack.PostWebhook(cmd.ResponseURL, &slack.WebhookMessage{Text: "found"}); err != nil {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	if err := slack.PostWebhook(cmd.ResponseURL, &slack.WebhookMessage{Text: "found"}); err == nil {
		t.Error("a sixth answer is taken")
	}
	seen := tanaka.See("COTHER")
	if len(seen) != 1+mostReplies || seen[0].Text != "looking" || !seen[5].Ephemeral {
		t.Errorf("sees %+v", seen)
	}
	ws.Invite("COTHER", "USATO")
	if seen := ws.Person("USATO").See("COTHER"); len(seen) != 0 {
		t.Errorf("Sato sees %+v", seen)
	}
}

func TestResponseURLReplacesDeletesAndEnds(t *testing.T) {
	ws := team(t, WithTimings(Timings{ResponseURL: time.Nanosecond}))
	b := listen(t, ws, acks)
	tanaka := ws.Person("UTANAKA")
	ts, err := ws.client().PostEphemeral("CINFRA", "UTANAKA", text("sure?"), incident("Yes"))
	if err != nil {
		t.Fatal(err)
	}
	press := func() string {
		tanaka.Press("CINFRA", ts, "ack")
		return b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback).ResponseURL
	}
	if err := slack.PostWebhook(press(), &slack.WebhookMessage{Text: "late"}); err == nil {
		t.Error("an expired address serves")
	}
	ws.timings.ResponseURL = time.Minute
	if err := slack.PostWebhook(press(), &slack.WebhookMessage{Text: "", Blocks: &slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(nil, nil, nil)}}}); err == nil {
		t.Error("wrong blocks are taken")
	}
	if err := slack.PostWebhook(press(), &slack.WebhookMessage{Text: "half", Blocks: &slack.Blocks{BlockSet: []slack.Block{slack.NewActionBlock("x", slack.NewButtonBlockElement("ack", "2", plainText("Yes")))}}, ReplaceOriginal: true}); err != nil {
		t.Error(err)
	}
	if seen := tanaka.See("CINFRA"); len(seen) != 1 || seen[0].Controls[0].Value != "2" {
		t.Errorf("replaced: %+v", seen)
	}
	if err := slack.PostWebhook(press(), &slack.WebhookMessage{DeleteOriginal: true}); err != nil {
		t.Error(err)
	}
	if seen := tanaka.See("CINFRA"); len(seen) != 0 {
		t.Errorf("deleted: %+v", seen)
	}
}

func TestCommandAnswerWithWrongBlocks(t *testing.T) {
	ws := team(t)
	listen(t, ws, func(b *bot, e socketmode.Event) {
		b.ack(e, json.RawMessage(`{"text":"a","blocks":[{"type":"section"}]}`))
	})
	if r := ws.Person("UTANAKA").Command("/knowhow", "disk", "CINFRA"); !r.Acked || r.Err != "invalid_command_response" {
		t.Errorf("%+v", r)
	}
}

func TestAWindowThatIsBehind(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, acks)
	_, ts, err := ws.client().PostMessage("CINFRA", text("disk full"), incident("Acknowledge"))
	if err != nil {
		t.Fatal(err)
	}
	sato := ws.Person("USATO")
	seen := sato.See("CINFRA")[0]
	if _, _, _, err := ws.client().UpdateMessage("CINFRA", ts, text("resolved"), slack.MsgOptionBlocks(slack.NewDividerBlock())); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if r := sato.PressSeen(seen, "ack"); !r.Acked {
			t.Errorf("%+v", r)
		}
		in := b.wait(t, socketmode.EventTypeInteractive).Data.(slack.InteractionCallback)
		if in.Message.Timestamp != ts || in.ActionCallback.BlockActions[0].Value != "INC-1" {
			t.Errorf("callback %+v", in)
		}
		if _, _, err := ws.client().DeleteMessage("CINFRA", ts); err != nil && err.Error() != "message_not_found" {
			t.Fatal(err)
		}
	}
}

func TestMentionsThatWakePeople(t *testing.T) {
	ws := team(t)
	markup := func(kind, s string) slack.MsgOption {
		return slack.MsgOptionBlocks(slack.NewSectionBlock(slack.NewTextBlockObject(kind, s, false, false), nil, nil))
	}
	for _, c := range []struct {
		options []slack.MsgOption
		wakes   []string
	}{
		{[]slack.MsgOption{text("<!channel> and <@USATO> <!date^1^{date}|x>")}, []string{"!channel", "@USATO"}},
		{[]slack.MsgOption{text("&lt;!channel&gt;")}, nil},
		{[]slack.MsgOption{text("a"), markup("mrkdwn", "<!here|here>")}, []string{"!here"}},
		{[]slack.MsgOption{text("a"), markup("plain_text", "<!here>")}, nil},
	} {
		if _, _, err := ws.client().PostMessage("CINFRA", c.options...); err != nil {
			t.Fatal(err)
		}
		all := ws.Person("USATO").See("CINFRA")
		if diff := cmp.Diff(c.wakes, all[len(all)-1].Wakes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", all[len(all)-1].Text, diff)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	ws := team(t)
	listen(t, ws, acks)
	const bots, posts = 8, 25
	var wg sync.WaitGroup
	for range bots {
		wg.Go(func() {
			for range posts {
				_, ts, err := ws.client().PostMessage("CINFRA", text("disk full"), incident("Acknowledge"))
				if err != nil {
					t.Errorf("PostMessage: %v", err)
					return
				}
				if r := ws.Person("USATO").Press("CINFRA", ts, "ack"); !r.Acked {
					t.Errorf("Press: %+v", r)
				}
			}
			ws.Person("UTANAKA").See("CINFRA")
		})
	}
	wg.Wait()
	seen := ws.Person("USATO").See("CINFRA")
	names := map[string]bool{}
	for _, m := range seen {
		names[m.TS] = true
	}
	if len(seen) != bots*posts || len(names) != len(seen) {
		t.Errorf("%d messages with %d names, want %d", len(seen), len(names), bots*posts)
	}
}
