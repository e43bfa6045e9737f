// Package console shows the application to its pages. adapters/web asks for
// views by small interfaces and knows nothing of the flows; here each is made
// of what the flows keep: the escalation's incidents, the tracker's tickets,
// the console's chat and phone, the know-how, the schedules.
//
// Ids of people on the pages are the roster's. Sentences are in the reader's
// language, from bot/text.
package console

import (
	"context"
	"slices"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/web"
	"tebiki/bot/guide"
	"tebiki/bot/review"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"

	chatconsole "tebiki/adapters/chat/console"
	phoneconsole "tebiki/adapters/phone/console"
)

// People lists the roster as the pages need it, in the order of the teams.
func People(r *roster.Roster) []web.Person {
	var out []web.Person
	for _, t := range r.Teams() {
		for _, p := range r.Members(t.ID) {
			out = append(out, web.Person{ID: p.ID, Name: p.Name, Lang: p.Lang, Zone: p.Zone, Team: t.Name, Leader: review.Leads(r, p.ID)})
		}
	}
	return out
}

// listed is how long a list is whose length nobody asked for.
const listed = 50

// Messages shows the console's own chat.
type Messages struct {
	Chat   *chatconsole.Console
	Roster *roster.Roster
}

// Messages implements web.Messages.
func (m Messages) Messages(ctx context.Context, to string, limit int, before string) ([]web.Message, error) {
	stored, err := m.Chat.Messages(ctx, m.address(to), limit, before)
	if err != nil {
		return nil, err
	}
	out := make([]web.Message, len(stored))
	for i, s := range stored {
		out[i] = web.Message{Message: s.Message, ID: s.ID, Updated: s.Updated}
	}
	return out, nil
}

// address is a person's in the chat; a channel's is its name.
func (m Messages) address(to string) string {
	if p, ok := m.Roster.Person(to); ok {
		return p.Chat
	}
	return to
}

// Channels implements web.Messages.
func (m Messages) Channels(ctx context.Context) ([]string, error) { return m.Chat.Channels(ctx) }

// Press implements web.Messages.
func (m Messages) Press(ctx context.Context, a chat.Action) (chat.Reply, error) {
	return m.Chat.Press(ctx, m.address(a.From), a.Message, a.Button, a.Value)
}

// Say implements web.Messages.
func (m Messages) Say(ctx context.Context, c chat.Command) (chat.Reply, error) {
	return m.Chat.Say(ctx, m.address(c.From), c.Line)
}

// Phones shows the telephones that ring in the console.
type Phones struct {
	Phone  *phoneconsole.Console
	Roster *roster.Roster
	Core   interface {
		Incident(context.Context, escalation.ID) (escalation.Incident, bool, error)
	}
	Guide *guide.Guide
}

// Calls implements web.Phones.
func (p Phones) Calls(ctx context.Context) ([]web.Call, error) {
	var now, over []web.Call
	for _, person := range p.Roster.People() {
		for _, v := range p.Phone.Calls(person.Phone) {
			c := view(person.ID, v)
			if c.State == web.Talking {
				p.inform(ctx, &c)
			}
			now = append(now, c)
		}
		for _, v := range p.Phone.Recent(person.Phone) {
			over = append(over, view(person.ID, v))
		}
	}
	slices.SortStableFunc(over, func(a, b web.Call) int { return b.Since.Compare(a.Since) })
	return append(now, over...), nil
}

// inform adds the documents behind what is said, for whoever looks at the
// page while listening.
func (p Phones) inform(ctx context.Context, c *web.Call) {
	name, _, _ := strings.Cut(c.ID, "/")
	id, err := escalation.ParseID(name)
	if err != nil {
		return
	}
	inc, ok, err := p.Core.Incident(ctx, id)
	if err != nil || !ok {
		return // the call goes on without
	}
	choice, ok := p.Guide.For(ctx, &inc.Root)
	if !ok {
		return
	}
	c.Incident = id.String()
	for _, sub := range choice.Entry.Subtickets {
		if d, ok := choice.Base.Doc(sub.Doc, c.Lang); ok {
			c.Docs = append(c.Docs, docOf(p.Roster, d))
		}
	}
}

func view(person string, v phoneconsole.View) web.Call {
	return web.Call{ID: v.ID, Person: person, Lang: v.Lang, State: web.CallState(v.State), Since: v.Since,
		Spoken: v.Said, Menu: v.Menu, Outcome: v.Outcome}
}

func (p Phones) number(person string) string {
	found, _ := p.Roster.Person(person)
	return found.Phone
}

// Answer implements web.Phones.
func (p Phones) Answer(ctx context.Context, person, call string) error {
	return p.Phone.Answer(ctx, p.number(person), call)
}

// Key implements web.Phones.
func (p Phones) Key(ctx context.Context, person, call, key string) error {
	return p.Phone.Key(ctx, p.number(person), call, key)
}

// HangUp implements web.Phones.
func (p Phones) HangUp(ctx context.Context, person, call string) error {
	return p.Phone.HangUp(ctx, p.number(person), call)
}

func printer(lang string) text.Printer { return text.For(lang, nil) }

func notFound(op string, err error) error {
	return &adapters.Error{Op: op, Code: adapters.NotFound, Err: err}
}
