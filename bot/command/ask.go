package command

import (
	"cmp"
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
	"tebiki/knowhow/search"
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
		c.record(usage.Answered, e.Name)
		return c.entry(base, e), nil
	}
	hits := c.KnowHow.Search(c.words, c.p.Lang(), found)
	r, kind := say(c.p.Say("knowhow.hits", "words", shown(c.words))), usage.Answered
	if len(hits) == 0 {
		r, kind = say(c.p.Say("knowhow.none", "words", shown(c.words))), usage.NotFound
	}
	for _, h := range hits {
		r.Sections = append(r.Sections, chat.Section{Markdown: c.hit(h)})
	}
	if near := base.Suggest(c.words, 3); len(near) > 0 {
		r.Sections = append(r.Sections, chat.Section{Markdown: c.p.Markdown("knowhow.near", "names", strings.Join(near, ", "))})
	}
	c.record(kind, "")
	return r, nil
}

// lineOfHit is how much of the line that was found is shown, in characters.
const lineOfHit = 300

// hit shows one result, with the line that was found as text: its markup is
// that of a document. A document that no component uses has no page.
func (c *call) hit(h search.Hit) string {
	said := strings.ReplaceAll(strings.Join(brief.Spoken(h.Line, lineOfHit), " "), "。 ", "。")
	line := chat.Line(cmp.Or(said, h.Line))
	if h.Component == "" {
		return "**" + chat.Line(h.Title) + "**\n\n" + line
	}
	link := brief.Link(h.Title, brief.EntryPage(c.URL, h.Component))
	return fmt.Sprintf("%s %s\n\n%s", link, chat.Line("(/knowhow "+h.Component+")"), line)
}

// shown is as much of somebody's words as a title takes.
func shown(words string) string {
	if r := []rune(words); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return words
}

// record notes the question. An answer is not withheld because it could not
// be noted: the error goes to the log.
func (c *call) record(k usage.Kind, component string) {
	err := c.Store.Update(c.ctx, func(tx store.Writer) error {
		return usage.Record(tx, usage.Event{Kind: k, At: c.Now(), Person: c.person.ID, Component: component, Words: c.words})
	})
	if err != nil {
		c.Log.Error("a question to the know-how could not be recorded", "err", err)
	}
}

func (c *call) components() chat.Reply {
	var lines []string
	for _, e := range c.KnowHow.Base().Components() {
		lines = append(lines, "- "+chat.Line("/knowhow "+e.Name+": "+e.Title.In(c.p.Lang())))
	}
	return chat.Reply{Title: c.p.Say("knowhow.all"), Sections: []chat.Section{{Markdown: strings.Join(lines, "\n")}}}
}

func (c *call) entry(base *knowhow.Base, e *knowhow.Entry) chat.Reply {
	return chat.Reply{Title: e.Title.In(c.p.Lang()) + " (" + e.Name + ")", Sections: brief.Entry(c.p, c.Roster, base, e, c.URL), Buttons: c.shareButton(e)}
}

// onCall says who is on call now and next, for one team or for all.
func (c *call) onCall() (chat.Reply, error) {
	r := chat.Reply{Title: c.p.Say("oncall.title", "time", c.p.Time(c.Now()))}
	r.Sections = c.rotas(func(name, title string) bool {
		return c.words == "" || alike(c.words, name) || alike(c.words, title)
	})
	if len(r.Sections) == 0 {
		return say(c.p.Say("oncall.noteam", "team", shown(c.words), "teams", strings.Join(slices.Sorted(maps.Keys(c.Rules.Schedules)), ", "))), nil
	}
	return r, nil
}

// rotas says who is on call in the schedules that are wanted.
func (c *call) rotas(wanted func(name, title string) bool) []chat.Section {
	var out []chat.Section
	for _, name := range slices.Sorted(maps.Keys(c.Rules.Schedules)) {
		title := name
		if t, ok := c.Roster.Team(name); ok {
			title = t.Name
		}
		if wanted(name, title) {
			out = append(out, chat.Section{Heading: title, Markdown: c.layers(c.Rules.Schedules[name])})
		}
	}
	return out
}

// alike compares as people write: width and case make no difference.
func alike(a, b string) bool { return knowhow.Fold(a) == knowhow.Fold(b) }

func (c *call) layers(s *schedule.Schedule) string {
	var lines []string
	for _, l := range s.Layers {
		now, _ := s.At(l.Name, c.Now())
		line := c.p.Markdown("oncall.now", "layer", l.Name, "name", c.Roster.Name(now.Person), "until", now.Until)
		if next, ok := s.Next(l.Name, c.Now()); ok {
			line += " " + c.p.Markdown("oncall.next", "name", c.Roster.Name(next.Person))
		}
		lines = append(lines, "- "+line)
	}
	return strings.Join(lines, "\n")
}

// alert asks whether an urgent alert is really to be raised.
func (c *call) alert() (chat.Reply, error) {
	if c.words == "" {
		return say(c.p.Say("alert.empty", "example", c.p.Say("example.alert"))), nil
	}
	words := cut(c.words)
	return chat.Reply{
		Title:    c.p.Say("alert.confirm"),
		Sections: []chat.Section{{Markdown: chat.Escape(words)}},
		Buttons:  []chat.Button{{ID: ButtonRaise, Value: words, Label: c.p.Say("button.raise"), Style: chat.Danger}},
	}, nil
}

// cut keeps a button's value within the bytes that chats take.
func cut(s string) string {
	const max = 1500
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max-len("…")], "") + "…"
}

// ack acknowledges the incident named or, without a name, the one that the
// person was paged about.
func (c *call) ack() (chat.Reply, error) {
	if c.words != "" {
		id, err := escalation.ParseID(c.words)
		if err != nil {
			return say(c.p.Say("ack.which", "words", shown(c.words), "example", c.p.Say("example.ack"))), nil
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
