// Package command is what people can ask and do in chat: slash commands,
// buttons, the form of a request and the home page, defined once for every
// chat.
//
// Whoever acts must be in the roster. What a button does is an event for the
// escalation or a change in the tracker, committed before the reply says that
// it was done; a button pressed twice does nothing the second time. A request
// goes round until nothing is wrong with it:
//
//	/request ─► form ─┬─ a choice ─► Reload ─► the component's fields, current settings ─┐
//	              ▲   └─ sent ─► Submit ─┬─ faults, or settings not yet shown ───────────┤
//	              └──────────────────────│───────────────────────────────────────────────┘
//	                                     └─ a ticket, one for each form by its label
package command

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"tebiki/adapters/chat"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/bot/request"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/knowhow"
	"tebiki/knowhow/search"
	"tebiki/store"
)

// Core is what is needed of escalation/runner.
type Core interface {
	Submit(context.Context, ...escalation.Event) ([]escalation.Receipt, error)
	Incident(context.Context, escalation.ID) (escalation.Incident, bool, error)
	Open(context.Context, int, func(*escalation.Incident) bool) ([]escalation.Incident, error)
}

// KnowHow is the newest know-how and its index.
type KnowHow interface {
	Base() *knowhow.Base
	Search(query, lang string, n int) []search.Hit
}

// A Handler implements chat.Handler, chat.FormHandler and chat.HomeHandler.
type Handler struct {
	Core      Core
	Tracker   tracker.Tracker
	Requests  Requests
	Reviews   Reviews
	Tickets   Tickets
	Inventory inventory.Inventory
	Chat      chat.Chat
	Checks    request.Checker
	Roster    *roster.Roster
	Rules     *escalation.Rules
	KnowHow   KnowHow
	Store     store.Store
	Team      string // whose requests are that the know-how gives to no team
	URL       string
	Now       func() time.Time
	Log       *slog.Logger
}

// A call is one person asking for one thing.
type call struct {
	*Handler
	ctx    context.Context
	person roster.Person
	p      text.Printer
	words  string

	channel string // where others read the line; "" when nobody does
}

// A command of the table. Its usage is in the catalogue under "usage." and
// its name, its example under "example.".
type command struct {
	name string
	run  func(*call) (chat.Reply, error)
}

func commands() []command {
	return []command{
		{"knowhow", (*call).knowHow},
		{"oncall", (*call).onCall},
		{"ack", (*call).ack},
		{"alert", (*call).alert},
		{"request", (*call).request},
		{"help", (*call).help},
	}
}

// A Described command is one as people are told of it.
type Described struct {
	Name    string // "knowhow"
	Usage   string // a sentence
	Example string // "/knowhow disk full"
}

// All describes the commands in the printer's language.
func All(p text.Printer) []Described {
	var out []Described
	for _, k := range commands() {
		out = append(out, Described{k.name, p.Say("usage." + k.name), p.Say("example." + k.name)})
	}
	return out
}

// Command answers a line. One that is no command is looked up in the
// know-how, which is what people most often want.
func (h *Handler) Command(ctx context.Context, cmd chat.Command) (chat.Reply, error) {
	c, ok := h.call(ctx, cmd.From)
	if !ok {
		return c.stranger(), nil
	}
	r, err := c.answer(cmd)
	r.Lang = c.p.Lang()
	return r, err
}

func (c *call) answer(cmd chat.Command) (chat.Reply, error) {
	name, words := split(cmd.Line)
	if name == "tebiki" {
		name, words = split("/" + words)
		if name == "" {
			name = "help"
		}
	}
	c.words, c.channel = words, cmd.Channel
	if name == "" {
		return c.knowHow()
	}
	for _, k := range commands() {
		if k.name == name {
			return k.run(c)
		}
	}
	return c.unknown(name), nil
}

// split takes a line apart; a line without a slash has no name. A Japanese
// keyboard writes the slash, the letters and the space wide.
func split(line string) (name, words string) {
	line = strings.TrimSpace(line)
	rest, ok := strings.CutPrefix(wideSlash(line), "/")
	if !ok {
		return "", line
	}
	if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
		rest, words = rest[:i], strings.TrimSpace(rest[i:])
	}
	return knowhow.Fold(rest), words
}

func wideSlash(line string) string {
	if rest, ok := strings.CutPrefix(line, "／"); ok {
		return "/" + rest
	}
	return line
}

func (h *Handler) call(ctx context.Context, from string) (*call, bool) {
	person, ok := h.Roster.ByChat(from)
	return &call{Handler: h, ctx: ctx, person: person, p: text.For(person.Lang, person.Zone)}, ok
}

// stranger answers somebody whose language nobody knows.
func (c *call) stranger() chat.Reply {
	const key = "reply.stranger"
	return say(text.For(text.English, nil).Say(key) + " / " + text.For(text.Japanese, nil).Say(key))
}

// unknown says what was perhaps meant.
func (c *call) unknown(name string) chat.Reply {
	best, distance := "", maxEdits+1
	for _, k := range commands() {
		d := edits(name, k.name)
		if len(name) > 1 && strings.HasPrefix(k.name, name) {
			d = 0
		}
		if d < min(distance, len(name)) {
			best, distance = k.name, d
		}
	}
	if best == "" {
		return say(c.p.Say("reply.unknown", "name", shown(name)))
	}
	return say(c.p.Say("reply.meant", "name", shown(name), "meant", best, "example", c.p.Say("example."+best)))
}

// maxEdits is how many letters of a command may be wrong for it to be meant.
const maxEdits = 2

// edits counts the letters that differ (Levenshtein's distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}

func (c *call) help() (chat.Reply, error) {
	var b strings.Builder
	for _, k := range commands() {
		fmt.Fprintf(&b, "- `%s` %s\n", c.p.Say("example."+k.name), c.p.Markdown("usage."+k.name))
	}
	return chat.Reply{Title: c.p.Say("reply.help"), Sections: []chat.Section{{Markdown: b.String()}}}, nil
}

func say(title string) chat.Reply { return chat.Reply{Title: title} }
