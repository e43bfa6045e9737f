package app

import (
	"maps"
	"strings"
	"testing"

	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/adapters/tracker"
	"tebiki/bot/text"
)

// TestSlackGolden lets each flow send all its messages, as the app does, and
// holds what Slack gets against files that people can read. The fake refuses
// what breaks Slack's limits, so nothing refused is ever seen.
func TestSlackGolden(t *testing.T) {
	for _, lang := range []string{text.Japanese, text.English} {
		for name, flow := range map[string]func(*gallery){
			"urgent": (*gallery).urgent, "growing": (*gallery).growing, "request": (*gallery).request, "review": (*gallery).review,
			"digest": (*gallery).morning, "unreached": (*gallery).unreached, "commands": (*gallery).commands, "form": (*gallery).wish, "home": (*gallery).homes,
		} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				g := openGallery(t, lang)
				flow(g)
				g.nothingRefused()
			})
		}
		t.Run("forgotten/"+lang, func(t *testing.T) {
			t.Parallel()
			g := openGallery(t, lang, "timeout: 1h", "timeout: 1s")
			g.forgotten()
			g.nothingRefused()
		})
		t.Run("storm/"+lang, func(t *testing.T) {
			t.Parallel()
			g := openGallery(t, lang, "incidents: 10, within: 1m, list_every: 1m", "incidents: 2, within: 1m, list_every: 1s")
			g.storm()
			g.nothingRefused()
		})
	}
}

// nothingRefused looks whether Slack took all that it was sent.
func (g *gallery) nothingRefused() {
	g.t.Helper()
	for _, r := range g.ws.Requests() {
		if r.Err != "" && r.Err != "users_not_found" {
			g.t.Errorf("%s: %s\n%.2000s", r.Method, r.Err, r.Params["blocks"])
		}
	}
}

// words are an alert's own, in the language of the gallery.
func (g *gallery) words(ja, en string) string {
	if g.p.Lang() == text.Japanese {
		return ja
	}
	return en
}

// bad is an alert that pages.
func (g *gallery) bad(host, check, ja, en string) map[string]any {
	return map[string]any{"source": "zabbix", "host": host, "service": "shop", "check": check, "severity": "critical", "summary": g.words(ja, en),
		"labels": map[string]string{"env": "production"}, "link": "https://zabbix.example.jp/events/1"}
}

// opened sends an alert and waits for its incident's ticket.
func (g *gallery) opened(alert map[string]any) (id, ticket string) {
	g.t.Helper()
	id, _ = g.alert(alert)
	g.until(func() <-chan struct{} { return g.runner.Changed(0) }, id+" has a ticket", func() bool {
		ticket = g.incident(id).Ticket
		return ticket != ""
	})
	return id, ticket
}

func over(alert map[string]any) map[string]any { return resolved(maps.Clone(alert)) }

func (g *gallery) urgent() {
	alert := g.bad("web1.example.jp", "http", "web1 が応答しません", "web1 does not answer")
	id, ticket := g.opened(alert)
	page := g.direct("page.open", "tanaka", with("ack"), shows(ticket))
	g.channel("channel.open", "suzuki", with("call"), shows(id, ticket))
	g.sees("U0SUZUKI", "C0INFRA", "that the page arrived", g.says("outcome.delivered"))
	g.pressIn("U0TANAKA", page, "ack")
	g.direct("reply.acknowledged", "tanaka", g.says("did.acknowledged", "incident", id))
	g.direct("page.acknowledged", "tanaka", not(with("ack")), with("resolve"), shows(ticket))
	g.channel("channel.acknowledged", "suzuki", with("ack"), not(with("call")), shows(ticket))
	g.channel("channel.thread", "suzuki", g.says("line.acknowledged", "name", g.person("tanaka")))
	g.alert(over(alert))
	g.direct("page.resolved", "tanaka", not(with("resolve")), shows(id, ticket))
	g.direct("told.resolved", "tanaka", func(m slacktest.Message) bool { return m.Thread == page.TS }, shows(id))
	g.channel("channel.resolved", "suzuki", not(with("resolve")), shows(id, ticket), func(m slacktest.Message) bool { return m.Thread == "" })
	g.types("suzuki", "/ack", id)
	g.channel("reply.late", "suzuki", g.says("late.resolved", "incident", id))
}

func (g *gallery) person(id string) string { return g.cfg.Roster.Name(id) }

// growing is an incident that others join while somebody has it, that is
// passed on before, and that a person ends.
func (g *gallery) growing() {
	id, _ := g.opened(g.bad("db1.example.jp", "ping", "db1 が応答しません", "db1 does not answer"))
	page := g.sees("U0TANAKA", "", "the page", with("pass"))
	g.pressIn("U0TANAKA", page, "pass")
	g.direct("reply.passed", "tanaka", g.says("did.passed", "incident", id))
	page = g.sees("U0SUZUKI", "", "the page", with("ack"))
	g.pressIn("U0SUZUKI", page, "ack")
	g.sees("U0SUZUKI", "", "the page without the button", each(not(with("ack")), with("resolve")))
	g.alert(g.bad("db1.example.jp", "disk /var", "/var の使用率が 97% です", "/var is 97% full"))
	g.direct("told.joined", "suzuki", func(m slacktest.Message) bool { return m.Thread == page.TS && shows("97%")(m) })
	page = g.sees("U0SUZUKI", "", "the page", with("resolve"))
	g.pressIn("U0SUZUKI", page, "resolve")
	g.direct("reply.resolved", "suzuki", g.says("did.resolved", "incident", id))
	g.direct("told.fixed", "tanaka", func(m slacktest.Message) bool { return m.Thread != "" && shows(g.person("suzuki"))(m) })
}

// storm is what takes in all alerts beyond a rate.
func (g *gallery) storm() {
	var id, before string
	for _, host := range []string{"web1", "web2", "web3", "web4"} {
		alert := g.bad(host+".example.jp", "http", host+" が応答しません", host+" does not answer")
		alert["service"] = host
		before = id
		id, _ = g.opened(alert)
	}
	if id != before {
		g.t.Fatalf("%s and %s are not one storm", before, id)
	}
	two := shows(id, g.incident(id).Ticket, g.words("アラート2件", "Alerts: 2"))
	g.channel("channel.storm", "suzuki", with("call"), two)
	g.direct("page.storm", "tanaka", with("ack"), two)
}

// forgotten is an incident whose person is asked whether they are still on it.
func (g *gallery) forgotten() {
	id, _ := g.opened(g.bad("web1.example.jp", "http", "web1 が応答しません", "web1 does not answer"))
	page := g.sees("U0TANAKA", "", "the page", with("ack"))
	g.pressIn("U0TANAKA", page, "ack")
	g.direct("told.asked", "tanaka", func(m slacktest.Message) bool { return m.Thread == page.TS && with("ack")(m) && shows(id)(m) })
}

func (g *gallery) asked() tracker.Draft {
	return tracker.Draft{Label: "form/1", Component: "subdomain", Title: g.words("shop を追加してください", "Please add shop"), Reporter: "suzuki",
		Body: g.words("来週の公開に使います。", "We open next week."), Fields: map[string]string{"name": "shop", "zone": "example.jp", "target": "web3.example.jp", "host": "web3.example.jp"}}
}

func (g *gallery) made(d tracker.Draft) string {
	g.t.Helper()
	made, err := g.tracker.Create(g.t.Context(), d)
	if err != nil {
		g.t.Fatal(err)
	}
	return made.Key
}

// request is a request from the leader's question to the last sub-ticket.
func (g *gallery) request() {
	key := g.made(g.asked())
	question := g.direct("request.assign", "sato", with("assign"), shows(key))
	g.choose("U0SATO", question, "assign", key+" tanaka")
	g.direct("request.assigned", "sato", not(with("assign")), g.says("assign.done", "ticket", key, "name", g.person("tanaka"), "title", g.asked().Title))
	g.direct("reply.assigned", "sato", g.says("did.assigned", "ticket", key, "name", g.person("tanaka")))
	push := g.direct("request.push", "tanaka", with("checks"))
	g.pressIn("U0TANAKA", push, "checks")
	g.direct("reply.fresh", "tanaka", func(m slacktest.Message) bool { return m.Ephemeral || !with("checks")(m) })
	g.pressIn("U0TANAKA", push, "outdated")
	old := g.form("outdated.form", "tanaka", g.p.Say("form.outdated.words"))
	if r := g.ws.Person("U0TANAKA").Submit(old.ID, map[string]string{"words": g.words("ネームサーバが変わりました", "The name server is another")}); !r.Acked || len(r.Errors) > 0 {
		g.t.Fatalf("%+v", r)
	}
	g.direct("reply.remarked", "tanaka", g.says("did.remarked"))
	g.pressIn("U0TANAKA", push, "leader")
	g.direct("reply.leader", "tanaka", g.says("help.sent", "ticket", key, "name", g.person("sato")))
	g.direct("request.help", "sato", g.says("help.ask", "name", g.person("tanaka")))

	subs, err := g.tracker.Subtickets(g.t.Context(), key)
	if err != nil || len(subs) != 2 {
		g.t.Fatalf("%d sub-tickets: %v", len(subs), err)
	}
	fixed := tracker.Fixed
	g.change(subs[0].Key, tracker.Change{By: "tanaka", Status: &fixed})
	g.direct("request.half", "tanaka", with("checks"), shows("☑"))
	g.change(subs[1].Key, tracker.Change{By: "tanaka", Status: &fixed})
	g.direct("request.done", "tanaka", g.says("push.done", "ticket", key))

	g.made(tracker.Draft{Label: "form/2", Component: "toner", Title: g.words("トナー交換", "New toner"), Reporter: "suzuki", Assignee: "tanaka"})
	g.direct("request.unknown", "tanaka", shows("toner"))
}

func (g *gallery) choose(id string, m slacktest.Message, button, choice string) {
	g.t.Helper()
	for _, c := range m.Controls {
		if isButton(button)(c) {
			if r := g.ws.Person(id).PressSeen(m, c.Action, choice); !r.Acked {
				g.t.Errorf("%s chose %s: %+v", id, choice, r)
			}
			return
		}
	}
	g.t.Fatalf("%q has no list %q", m.Shown, button)
}

// review is a ticket that is fixed, sent back, fixed again and closed.
func (g *gallery) review() {
	d := g.asked()
	d.Component, d.Fields, d.Assignee = "", nil, "tanaka"
	key, fixed := g.made(d), tracker.Fixed
	g.change(key, tracker.Change{By: "tanaka", Status: &fixed})
	look := g.direct("review.asked", "sato", with("close"))
	g.pressIn("U0SATO", look, "back")
	why := g.form("review.back.why", "sato", g.p.Say("form.back.words"))
	if r := g.ws.Person("U0SATO").Submit(why.ID, map[string]string{"reason": g.words("*まだ*応答しません", "It *still* does not answer")}); !r.Acked || len(r.Errors) > 0 {
		g.t.Fatalf("%+v", r)
	}
	g.direct("review.back.leader", "sato", not(with("close")), g.says("review.open", "name", g.person("tanaka")))
	g.direct("review.back.assignee", "tanaka", g.says("review.back.why", "name", g.person("sato")))
	g.change(key, tracker.Change{By: "tanaka", Status: &fixed})
	look = g.sees("U0SATO", "", "the question again", with("close"))
	g.pressIn("U0SATO", look, "close")
	g.direct("review.closed", "sato", not(with("close")), g.says("review.title.closed", "ticket", key, "title", d.Title))

	d.Label, d.Assignee = "form/2", ""
	key = g.made(d)
	g.change(key, tracker.Change{By: "suzuki", Status: &fixed})
	g.direct("review.nobody", "sato", with("close"), shows(key))
}

func (g *gallery) morning() {
	low := g.bad("web1.example.jp", "disk /var", "/var の使用率が 82% です", "/var is 82% full")
	low["severity"] = "warning"
	g.alert(low)
	other := g.bad("new9.example.jp", "ntp", "時刻がずれています", "the clock is off")
	other["severity"] = "info"
	g.alert(other)
	g.alert(over(other))
	g.ask("POST", "/v1/digest?today=true", nil, &struct{}{})
	g.direct("digest.owner", "tanaka", shows("disk"))
	list := g.direct("digest.leader", "sato", with("assign"))
	g.choose("U0SATO", list, "assign", g.keyIn(list)+" suzuki")
	g.direct("digest.assigned", "sato", g.says("digest.assigned"))
	g.channel("digest.summary", "sato", g.says("digest.summary", "alerts", 2, "n", 2), shows(g.person("suzuki")))
}

// keyIn gives the ticket that a list offers to assign.
func (g *gallery) keyIn(m slacktest.Message) string {
	for _, c := range m.Controls {
		if isButton("assign")(c) {
			key, _, _ := strings.Cut(c.Options[0].Value, " ")
			return key
		}
	}
	return ""
}

func (g *gallery) unreached() {
	d := g.asked()
	d.Assignee = "garcia"
	g.made(d)
	g.direct("unreached", "sato", g.says("unreached.title", "name", g.person("garcia")))
}

func (g *gallery) commands() {
	g.types("tanaka", "/knowhow", "subdomain")
	answer := g.channel("knowhow.entry", "tanaka", with("share"))
	g.pressIn("U0TANAKA", answer, "share")
	g.channel("knowhow.shared", "suzuki", func(m slacktest.Message) bool { return !m.Ephemeral })
	for _, c := range []struct{ name, command, words, begins string }{
		{"knowhow.search", "/knowhow", g.words("ログ 容量", "log space"), g.p.Say("knowhow.hits", "words", g.words("ログ 容量", "log space"))},
		{"knowhow.near", "/knowhow", "subdomian", g.p.Say("knowhow.hits", "words", "subdomian")},
		{"knowhow.none", "/knowhow", "qqqq", g.p.Say("knowhow.none", "words", "qqqq")},
		{"knowhow.all", "/knowhow", "", g.p.Say("knowhow.all")},
		{"oncall", "/oncall", "", g.person("garcia")},
		{"alert.confirm", "/alert", g.words("web1 が応答しません", "web1 answers nobody"), g.p.Say("alert.confirm")},
		{"help", "/help", "", g.p.Say("reply.help")},
	} {
		g.types("suzuki", c.command, c.words)
		g.channel(c.name, "suzuki", shows(c.begins))
	}
	g.types("stranger", "/oncall", "")
	g.channel("reply.stranger", "stranger", func(m slacktest.Message) bool { return m.Ephemeral })
}

// wish is the form of a request, from its opening to the ticket.
func (g *gallery) wish() {
	p := g.ws.Person("U0TANAKA")
	g.types("tanaka", "/request", "")
	v := g.form("form.empty", "tanaka", g.p.Say("form.field.title"))
	p.PressView(v.ID, "component", "subdomain")
	v = g.form("form.component", "tanaka", g.words("ゾーン", "Zone"))
	if r := p.Submit(v.ID, map[string]string{"title": "shop", "field.name": "shop", "field.zone": "example.jp", "field.target": "web3.example.jp"}); !r.Acked || len(r.Errors) > 0 {
		g.t.Fatalf("%+v", r)
	}
	v = g.form("form.settings", "tanaka", g.p.Say("form.settings"))
	if r := p.Submit(v.ID, nil); !r.Acked || len(r.Errors) > 0 {
		g.t.Fatalf("%+v", r)
	}
	g.channel("reply.requested", "tanaka", func(m slacktest.Message) bool { return m.Ephemeral })
}

func (g *gallery) homes() {
	g.home("home.empty", "suzuki", g.p.Say("home.title.pushes"))
	d := g.asked()
	waiting := g.made(d)
	g.sees("U0SATO", "", "the question", each(shows(waiting), with("assign")))
	d.Label, d.Assignee = "form/2", "tanaka"
	mine := g.made(d) // after the sub-tickets of the one before have their keys
	g.sees("U0TANAKA", "", "the push", each(shows(mine), with("checks")))
	d.Label, d.Component = "form/3", ""
	done, fixed := g.made(d), tracker.Fixed
	g.change(done, tracker.Change{By: "tanaka", Status: &fixed})
	id, _ := g.opened(g.bad("web1.example.jp", "http", "web1 が応答しません", "web1 does not answer"))
	g.home("home.operator", "tanaka", id, mine, g.p.Say("home.title.pushes"))
	page := g.sees("U0TANAKA", "", "the page", with("ack"))
	g.pressIn("U0TANAKA", page, "ack")
	g.incidentIs(id, "acknowledged")
	g.home("home.leader", "sato", id, waiting, done)
}
