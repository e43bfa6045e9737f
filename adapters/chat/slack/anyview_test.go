package slack

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/store"
)

// Whatever a form or a home page holds, Slack shows it, or we refuse it
// ourselves. Slack is called in the process, and nothing but these two calls
// is made: by a connection, with the presses that lead there, the same takes
// more than twice as long.
func TestAnyFormAndHomeFitSlack(t *testing.T) {
	const tanaka = "U0TANAKA"
	ws := slacktest.New(t, slacktest.WithoutNetwork(), slacktest.WithoutRecord(), slacktest.WithRates(slacktest.Rates{}), slacktest.WithPeople(slacktest.User{ID: tanaka}))
	s, err := New(Options{
		BotToken: slacktest.BotToken, SigningSecret: slacktest.SigningSecret, Mode: HTTP, APIURL: ws.URL(), HTTPClient: ws.HTTPClient(),
		Store: store.NewMemory(), Rates: &Rates{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := ws.Person(tanaka)
	rapid.Check(t, func(rt *rapid.T) {
		fits := func(err error) {
			if name, _ := slackError(err); err != nil && (name != "" || explain(err).code != adapters.Refused) {
				rt.Fatal(detailed(err))
			}
		}
		fits(s.showForm(t.Context(), acted{user: tanaka, trigger: p.Trigger()}, "", anyForm(rt)))
		fits(s.publish(t.Context(), tanaka, anyHome(rt)))
	})
	if p.Home() == nil || len(p.Modals()) == 0 {
		t.Error("no home or no form was ever shown: the test tries nothing")
	}
}

var anyText = rapid.Custom(func(t *rapid.T) string {
	unit := rapid.StringOf(rapid.SampledFrom([]rune("ab 漢。.\n`*_~<>&|-[]()#1:\\😀\u202e\x00"))).Draw(t, "unit")
	return strings.Repeat(unit, rapid.SampledFrom([]int{1, 1, 30, 300}).Draw(t, "times"))
})

func anyForm(t *rapid.T) chat.Form {
	f := chat.Form{
		ID: "request", State: anyText.Draw(t, "state"), Title: anyText.Draw(t, "title"), Submit: anyText.Draw(t, "submit"),
		Intro: []chat.Section{{Heading: anyText.Draw(t, "heading"), Markdown: anyText.Draw(t, "intro")}},
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "fields") {
		field := chat.Field{
			Name: fmt.Sprint("f", i), Label: anyText.Draw(t, "label"), Hint: anyText.Draw(t, "hint"), Value: anyText.Draw(t, "value"), Reads: anyText.Draw(t, "reads"),
			Kind:     rapid.SampledFrom([]chat.FieldKind{chat.LineField, chat.TextField, chat.SelectField, chat.LookupField}).Draw(t, "kind"),
			Required: rapid.Bool().Draw(t, "required"), Reload: rapid.Bool().Draw(t, "reload"),
		}
		for c := range rapid.IntRange(0, 150).Draw(t, "choices") {
			field.Choices = append(field.Choices, chat.Choice{Value: fmt.Sprint(c), Label: "l" + field.Label})
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

func anyHome(t *rapid.T) (parts []chat.Block) {
	for range rapid.IntRange(0, 60).Draw(t, "parts") {
		part := chat.Block{Section: chat.Section{Heading: anyText.Draw(t, "heading"), Markdown: anyText.Draw(t, "markdown")}}
		for range rapid.IntRange(0, 7).Draw(t, "buttons") {
			part.Buttons = append(part.Buttons, chat.Button{ID: "b", Label: "l" + anyText.Draw(t, "label")})
		}
		parts = append(parts, part)
	}
	return parts
}
