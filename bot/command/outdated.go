package command

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/store"
)

// FormOutdated asks what is out of date. Its state is a ticket and a
// component with a space between.
const FormOutdated = "outdated"

const (
	fieldDocument = "doc"
	fieldWords    = "words"
)

// outdated notes the rating at once and then asks, in a form that may be
// closed unanswered, what it is about.
func (c *call) outdated(value string) (chat.Reply, error) {
	r, err := c.rate(usage.Outdated, value)
	_, component, _ := strings.Cut(value, " ")
	e, ok := c.KnowHow.Base().Entry(component)
	if err != nil || !ok {
		return r, err
	}
	f := chat.Form{ID: FormOutdated, State: value, Lang: c.p.Lang(), Title: c.p.Say("form.outdated"), Submit: c.p.Say("form.outdated.send"),
		Intro: []chat.Section{{Markdown: c.p.Markdown("form.outdated.intro")}}}
	if docs := c.documents(e); len(docs) > 1 {
		f.Fields = append(f.Fields, chat.Field{Name: fieldDocument, Label: c.p.Say("form.outdated.doc"), Kind: chat.SelectField, Choices: docs})
	}
	f.Fields = append(f.Fields, chat.Field{Name: fieldWords, Label: c.p.Say("form.outdated.words"), Kind: chat.TextField})
	r.Form = &f
	r.Sections = []chat.Section{{Markdown: brief.Link(c.p.Say("form.outdated.page"), brief.EntryPage(c.URL, e.Name))}}
	return r, nil
}

// documents gives those of an entry, each once.
func (c *call) documents(e *knowhow.Entry) []chat.Choice {
	var out []chat.Choice
	seen := map[string]bool{}
	for _, sub := range e.Subtickets {
		d, ok := c.KnowHow.Base().Doc(sub.Doc, c.p.Lang())
		if ok && !seen[d.Name] {
			seen[d.Name] = true
			out = append(out, chat.Choice{Value: d.Name, Label: d.Title})
		}
	}
	return out
}

// remark takes what is out of date. Nothing said is nothing to pass on: the
// rating was noted before.
func (c *call) remark(a chat.Answers) (chat.Reply, map[string]string, error) {
	ticket, component, ok := strings.Cut(a.State, " ")
	if !ok {
		return say(c.p.Say("form.gone")), nil, fmt.Errorf("%s filled in the form %s with the state %.80q, which no part of tebiki made", a.From, a.Form, a.State)
	}
	words := strings.TrimSpace(a.Values[fieldWords])
	if words == "" {
		return say(c.p.Say("did.outdated")), nil, nil
	}
	if utf8.RuneCountInString(words) > maxValue {
		return chat.Reply{}, map[string]string{fieldWords: c.p.Say("form.long", "field", c.p.Say("form.outdated.words"), "n", maxValue)}, nil
	}
	e := usage.Event{Kind: usage.Remarked, At: c.Now(), Person: c.person.ID, Ticket: ticket, Component: component, Words: words}
	if d, ok := c.KnowHow.Base().Doc(a.Values[fieldDocument], c.p.Lang()); ok {
		e.Doc = d.Name
	}
	if err := c.Store.Update(c.ctx, func(tx store.Writer) error { return usage.Rate(tx, e) }); err != nil {
		return chat.Reply{}, map[string]string{fieldWords: c.p.Say("reply.trouble")}, err
	}
	return say(c.p.Say("did.remarked")), nil, nil
}
