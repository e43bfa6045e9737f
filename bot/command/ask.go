package command

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/escalation/schedule"
	"tebiki/knowhow"
	"tebiki/store"
)

// found is how many results of a search are shown.
const found = 6

// knowHow answers with a component's entry or, for other words, with what a
// search finds.
func (c *call) knowHow() (chat.Reply, error) {
	if c.words == "" {
		return c.components(), nil
	}
	base := c.KnowHow.Base()
	if e, ok := base.Entry(c.words); ok {
		return c.entry(base, e), c.record(usage.Answered, e.Name)
	}
	hits := c.KnowHow.Search(c.words, c.p.Lang(), found)
	near := base.Suggest(c.words, 3)
	if len(hits) == 0 {
		r := say(c.p.Say("knowhow.none", "words", c.words))
		if len(near) > 0 {
			r.Sections = []chat.Section{{Markdown: c.p.Markdown("knowhow.near", "names", strings.Join(near, ", "))}}
		}
		return r, c.record(usage.NotFound, "")
	}
	r := chat.Reply{Title: c.p.Say("knowhow.hits", "words", c.words)}
	for _, h := range hits {
		link := brief.Link(h.Title, c.URL+"/knowhow/"+h.Component)
		r.Sections = append(r.Sections, chat.Section{Markdown: fmt.Sprintf("%s (`/knowhow %s`)\n\n%s", link, h.Component, chat.Line(h.Line))})
	}
	if len(near) > 0 {
		r.Sections = append(r.Sections, chat.Section{Markdown: c.p.Markdown("knowhow.near", "names", strings.Join(near, ", "))})
	}
	return r, c.record(usage.Answered, "")
}

// record notes the question. An answer is not withheld because it could not
// be noted: the error goes to the log.
func (c *call) record(k usage.Kind, component string) error {
	err := c.Store.Update(c.ctx, func(tx store.Writer) error {
		return usage.Record(tx, usage.Event{Kind: k, At: c.Now(), Person: c.person.ID, Component: component, Words: c.words})
	})
	if err != nil {
		c.Log.Error("a question to the know-how could not be recorded", "err", err)
	}
	return nil
}

func (c *call) components() chat.Reply {
	var lines []string
	for _, e := range c.KnowHow.Base().Components() {
		lines = append(lines, "- `/knowhow "+e.Name+"` "+chat.Line(e.Title.In(c.p.Lang())))
	}
	return chat.Reply{Title: c.p.Say("knowhow.all"), Sections: []chat.Section{{Markdown: strings.Join(lines, "\n")}}}
}

func (c *call) entry(base *knowhow.Base, e *knowhow.Entry) chat.Reply {
	return chat.Reply{Title: e.Title.In(c.p.Lang()) + " (" + e.Name + ")", Sections: brief.Entry(c.p, base, e, c.URL)}
}

// onCall says who is on call now and next, for one team or for all.
func (c *call) onCall() (chat.Reply, error) {
	r := chat.Reply{Title: c.p.Say("oncall.title", "time", c.p.Time(c.Now()))}
	for _, name := range slices.Sorted(maps.Keys(c.Rules.Schedules)) {
		s := c.Rules.Schedules[name]
		title := name
		if t, ok := c.Roster.Team(name); ok {
			title = t.Name
		}
		if c.words != "" && !strings.EqualFold(c.words, name) && !strings.EqualFold(c.words, title) {
			continue
		}
		r.Sections = append(r.Sections, chat.Section{Heading: title, Markdown: c.layers(s)})
	}
	if len(r.Sections) == 0 {
		return say(c.p.Say("oncall.noteam", "team", c.words, "teams", strings.Join(slices.Sorted(maps.Keys(c.Rules.Schedules)), ", "))), nil
	}
	return r, nil
}

func (c *call) layers(s *schedule.Schedule) string {
	var lines []string
	for _, l := range s.Layers {
		now, _ := s.At(l.Name, c.Now())
		line := c.p.Markdown("oncall.now", "layer", l.Name, "name", c.name(now.Person), "until", c.p.Time(now.Until))
		if next, ok := s.Next(l.Name, c.Now()); ok {
			line += " " + c.p.Markdown("oncall.next", "name", c.name(next.Person))
		}
		lines = append(lines, "- "+line)
	}
	return strings.Join(lines, "\n")
}

func (c *call) name(id string) string {
	if p, ok := c.Roster.Person(id); ok {
		return p.Name
	}
	return id
}

// alert asks whether an urgent alert is really to be raised.
func (c *call) alert() (chat.Reply, error) {
	if c.words == "" {
		return say(c.p.Say("alert.empty", "example", c.p.Say("example.alert"))), nil
	}
	return chat.Reply{
		Title:    c.p.Say("alert.confirm"),
		Sections: []chat.Section{{Markdown: chat.Escape(c.words)}},
		Buttons:  []chat.Button{{ID: ButtonRaise, Value: cut(c.words), Label: c.p.Say("button.raise"), Style: chat.Danger}},
	}, nil
}

// cut keeps a button's value within what chats take.
func cut(s string) string {
	const max = 1500
	if r := []rune(s); len(r) > max {
		return string(r[:max])
	}
	return s
}

// ack acknowledges the incident named or, without a name, the one that the
// person was paged about.
func (c *call) ack() (chat.Reply, error) {
	if c.words != "" {
		id, err := escalation.ParseID(c.words)
		if err != nil {
			return say(c.p.Say("ack.which", "words", c.words, "example", c.p.Say("example.ack"))), nil
		}
		return c.acknowledge(id)
	}
	mine, err := c.Core.Open(c.ctx, 2, func(inc *escalation.Incident) bool {
		return inc.Status == escalation.Open && slices.Contains(inc.Paged, c.person.ID)
	})
	switch {
	case err != nil:
		return c.trouble(), err
	case len(mine) == 0:
		return say(c.p.Say("ack.none")), nil
	case len(mine) > 1:
		return say(c.p.Say("ack.several", "a", mine[0].ID, "b", mine[1].ID)), nil
	}
	return c.acknowledge(mine[0].ID)
}
