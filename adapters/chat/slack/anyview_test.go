package slack_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tebiki/adapters/chat"
)

// Whatever a form or a home page holds, Slack shows it, or the person is told
// that it did not work.
func TestAnyFormAndHomeFitSlack(t *testing.T) {
	w := running(t)
	p := w.ws.Person(tanaka)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		f := anyForm(rt)
		w.h.mu.Lock()
		w.h.command = func(context.Context, chat.Command) (chat.Reply, error) { return chat.Reply{Form: &f}, nil }
		w.h.home = anyHome(rt)
		w.h.mu.Unlock()
		p.Command("/form", "", infra)
		p.OpenHome()
		w.until("the form and the home are there", func() bool {
			forms := len(w.ws.Requests("views.open")) + strings.Count(fmt.Sprint(w.sees("#infra-jp")), "did not work")/2
			return forms >= n && len(w.ws.Requests("views.publish")) == n
		})
		sent := w.ws.Requests("views.open", "views.publish")
		for _, r := range sent[max(0, len(sent)-2):] {
			if r.Err != "" {
				rt.Fatalf("%s: %s: %.3000s", r.Method, r.Err, r.Params["view"])
			}
		}
		for _, v := range p.Modals() {
			p.Close(v.ID)
		}
	})
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
