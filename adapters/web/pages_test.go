package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
)

var allPages = []string{
	"/incidents", "/incidents?state=open", "/incidents/I-2", "/tickets", "/tickets?status=all&subs=1", "/tickets/T-1",
	"/tickets/new", "/tickets/new?component=disk-full", "/messages", "/messages?to=%23infra-jp", "/phone", "/oncall",
	"/knowhow", "/knowhow?q=ディスク", "/knowhow/disk-full", "/reports/knowhow", "/reports/knowhow?days=7",
}

var leftOver = regexp.MustCompile(`\{\{|%!|\{(?:n|name|time|zone|words|alerts|firing|signals|pattern|status|title)\}|&lt;no value|map\[`)

func TestEveryPageInBothLanguages(t *testing.T) {
	for _, lang := range []string{"en", "ja"} {
		b := browser{t: t, h: busyMorning().server(t), person: "sato", lang: lang}
		for _, path := range allPages {
			page := b.get(path)
			wantIn(t, page, `<html lang="`+lang+`">`, `name="viewport"`, `href="#main"`, `<main id="main"`, "佐藤 健")
			if m := leftOver.FindString(page); m != "" {
				t.Errorf("%s in %s shows %q", path, lang, m)
			}
			if strings.Count(page, "<h1") != 1 {
				t.Errorf("%s has %d headings of the first rank, want 1", path, strings.Count(page, "<h1"))
			}
		}
	}
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	b := browser{t: t, h: newOffice().server(t), person: "miller"}
	wantIn(t, b.get("/incidents"), "There is no incident", "Send a test alert", "curl -H", "http://127.0.0.1:8420/v1/alerts")
	wantIn(t, b.get("/tickets"), "no ticket like this", `href="/tickets/new"`)
	wantIn(t, b.get("/tickets/new"), "go run ./bot init DIR")
	wantIn(t, b.get("/messages"), "Anna Miller has no messages", `href="/incidents#test"`)
	wantIn(t, b.get("/phone"), "never rung", `href="/incidents#test"`)
	wantIn(t, b.get("/oncall"), "go run ./bot check")
	wantIn(t, b.get("/knowhow"), "go run ./bot init DIR")
	wantIn(t, b.get("/knowhow?q=xyzzy"), "Nothing was found for", "xyzzy")
}

func TestWhatIsMissingIs404(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t), person: "miller"}
	for _, path := range []string{"/tickets/T-99", "/incidents/I-99", "/knowhow/none", "/messages?to=%23nowhere", "/nothing", "/tickets/new?component=none"} {
		w := b.send("GET", path, nil)
		if w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", path, w.Code)
		}
		wantIn(t, w.Body.String(), "This did not work", `href="/incidents"`, "The phone of 佐藤 健 is ringing")
	}
}

func TestPagesOfOtherProgramsAreNotThere(t *testing.T) {
	s := busyMorning().server(t, func(c *Config) { c.Tickets, c.Messages, c.Phones = nil, nil, nil })
	b := browser{t: t, h: s, person: "miller"}
	page := b.get("/incidents/I-2")
	wantNot(t, page, `href="/tickets"`, `href="/messages"`, `href="/phone"`)
	wantNot(t, b.get("/knowhow/disk-full"), "/tickets/new")
	if w := b.send("GET", "/tickets", nil); w.Code != http.StatusNotFound {
		t.Errorf("GET /tickets: %d, want 404", w.Code)
	}
}

func TestFailuresAreToldWithoutTheirInside(t *testing.T) {
	o := busyMorning()
	b := browser{t: t, h: o.server(t), person: "miller"}
	o.fail = &StoreError{http.ErrHandlerTimeout}
	for _, path := range []string{"/incidents", "/tickets/T-1", "/messages", "/phone", "/oncall"} {
		w := b.send("GET", path, nil)
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("GET %s: %d, want 503", path, w.Code)
		}
		wantIn(t, w.Body.String(), "cannot be shown now")
		wantNot(t, w.Body.String(), http.ErrHandlerTimeout.Error())
	}
}

func TestTimesAreInTheReadersZone(t *testing.T) {
	h := busyMorning().server(t)
	wantIn(t, browser{t: t, h: h, person: "sato"}.get("/incidents/I-2"), "14:31:35</time>", "JST")
	wantIn(t, browser{t: t, h: h, person: "okafor"}.get("/incidents/I-2"), "05:31:35</time>", "UTC")
	wantIn(t, browser{t: t, h: h, person: "sato"}.get("/oncall"), "4/12(日) 14:30</time> まで")
	wantIn(t, browser{t: t, h: h, person: "okafor"}.get("/oncall"), "until <time", "Sun 12 Apr 05:30</time>")
}

func TestResultsAreToldOnce(t *testing.T) {
	o := busyMorning()
	i := o.incidents["I-2"]
	i.Timeline = append(i.Timeline, TimelineEvent{At: minute, Kind: "page", Text: "Message to Sato: delivered", Result: "delivered"})
	o.incidents["I-2"] = i
	page := browser{t: t, h: o.server(t), person: "miller"}.get("/incidents/I-2")
	wantIn(t, page, `<span class="result">→ 不在</span>`, "Message to Sato: delivered")
	wantNot(t, page, "→ delivered")
}

func TestOnlyOthersMayTakeOver(t *testing.T) {
	o := busyMorning()
	i := o.incidents["I-3"]
	i.Can = append(i.Can, Acknowledge)
	o.incidents["I-3"] = i
	h := o.server(t)
	wantIn(t, browser{t: t, h: h, person: "miller"}.get("/incidents/I-3"), `value="ack">Take over</button>`)
	wantNot(t, browser{t: t, h: h, person: i.AckBy}.get("/incidents/I-3"), `value="ack"`)
}

// TestDocumentsOfACall: whoever listens sees which documents are behind what
// is said, and how old they are.
func TestDocumentsOfACall(t *testing.T) {
	page := browser{t: t, h: busyMorning().server(t), person: "miller"}.get("/phone")
	wantIn(t, page, "A site is down", `href="/incidents/I-2"`, "okafor", `href="https://git.example.net/web-down"`, `href="https://git.example.net/log/web-down"`)
	wantNot(t, page, "javascript:", "Propose a change")
}

func TestRingingIsToldOnEveryPage(t *testing.T) {
	h := busyMorning().server(t)
	for _, path := range allPages {
		other := browser{t: t, h: h, person: "okafor"}.get(path)
		wantIn(t, other, "The phone of 佐藤 健 is ringing", `data-ring="other"`, `name="person" value="sato"`)
		own := browser{t: t, h: h, person: "sato"}.get(path)
		wantIn(t, own, `data-ring="mine"`, `name="do" value="answer"`, `name="call" value="page/1?"`)
	}
}

const (
	attack   = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp.exe\u2066 `{{.}}` javascript:alert(1)"
	markdown = attack + "\n\n<script>alert(2)</script>\n\n[a](javascript:alert(3)) ![b](https://evil.example/x.png) [c](data:text/html,x) <javascript:alert(4)> &#x202e; [d](//evil.example)"
)

var dangerous = regexp.MustCompile(`(?i)<script(?: src="/static/console\.js" defer)?|<img|<iframe|[<\s]on\w+=|(?:href|src|action)="(?:javascript|data|vbscript):?|style=`)

func TestHostileTextStaysText(t *testing.T) {
	o := busyMorning()
	o.poison(strings.Repeat("長", 100_000))
	b := browser{t: t, h: o.server(t), person: "sato"}
	for _, path := range append(allPages, "/incidents/I-9", "/tickets/T-9", "/knowhow/"+"x%22%3Cb%3E", "/knowhow?q=%3Cscript%3Ealert(1)%3C/script%3E") {
		page := b.get(path)
		for _, m := range dangerous.FindAllString(page, -1) {
			if m != `<script src="/static/console.js" defer` && !strings.HasPrefix(m, " onerror") {
				t.Errorf("%s holds %q", path, m)
			}
		}
		wantNot(t, page, `"'>`, "ZgotmplZ", "<img", "<script>", "\u202e", "\u2066", "{{.}}`<")
	}
	wantIn(t, b.get("/tickets/T-9"), "&lt;script&gt;alert(1)", `rel="noopener noreferrer nofollow"`, `href="https://evil.example/x.png"`)
}

// poison puts hostile text wherever outside text can come from.
func (o *office) poison(huge string) {
	at := minute
	o.tickets["T-9"] = Ticket{
		Ticket:      tracker.Ticket{Key: "T-9", Title: attack + huge, Body: markdown + huge, Status: "open", Assignee: attack, Reporter: attack, Component: attack, Parent: attack, Fields: map[string]string{"host": attack, attack: attack}},
		ParentTitle: attack, Incident: attack, Can: []string{Comment, attack},
		Subtickets: []tracker.Ticket{{Key: attack, Title: attack, Status: attack}},
		History:    []TicketEvent{{At: at, By: attack, Kind: attack, Text: attack}, {At: at, By: attack, Kind: "comment", Text: markdown}, {At: at, Kind: "title", Text: attack}, {At: at, Kind: "assigned", Text: attack}},
	}
	inc := Incident{ID: "I-9", State: "open", Title: attack, Host: attack, Service: attack, Severity: attack, Team: attack, Ticket: attack, AckBy: attack, Next: &NextPage{At: at, Person: attack, Channel: attack}}
	o.incidents["I-9"] = IncidentPage{Incident: inc, TicketURL: "javascript:alert(1)", Previous: attack, ResolvedBy: attack, ResolvedAt: at, Component: attack,
		AlertLines: []AlertLine{{ID: attack, Source: attack, Host: attack, Summary: attack + huge, Link: "javascript:alert(1)", Ticket: attack, Check: attack}},
		Timeline:   []TimelineEvent{{At: at, Kind: attack, Person: attack, Channel: attack, Result: attack, Text: attack}}}
	m := chat.Message{Key: attack, To: attack, Lang: attack, Title: attack, Link: "javascript:alert(1)", Sent: at,
		Sections: []chat.Section{{Heading: attack, Markdown: markdown, Folded: true}, {Heading: attack, Markdown: markdown}},
		Buttons:  []chat.Button{{ID: attack, Value: attack, Label: attack, Style: attack, Choices: []chat.Choice{{Value: attack, Label: attack}}}, {ID: attack, Label: attack, Style: attack}}}
	o.messages["sato"] = slices.Insert(o.messages["sato"], 0, Message{ID: "99", Message: m})
	o.messages["#"+attack] = []Message{{ID: "1", Message: m}}
	o.calls = append(o.calls, Call{ID: attack, Person: "sato", Lang: attack, State: Talking, Since: at, Spoken: []string{attack}, Menu: menu}, Call{ID: attack, Person: attack, State: Ringing})
	entry := Entry{Component: attack, Title: attack, Aliases: []string{attack}, Team: attack, Alerts: []string{attack}, Subtickets: []EntrySubticket{{Title: attack, Checks: []Check{{Name: attack, Run: []string{attack}}},
		Doc: Doc{Name: attack, Title: attack, Lang: attack, Owner: attack, Source: attack, Author: attack, Changed: at, Reviewed: at, Link: "javascript:alert(1)", Sections: m.Sections}}}}
	o.entries[attack], o.entries[`x"<b>`] = entry, entry
	o.fields["disk-full"] = append(o.fields["disk-full"], Field{Name: attack, Label: attack, Pattern: attack})
	o.hosts = append(o.hosts, attack)
	o.rotas = append(o.rotas, Rota{Team: attack, Layer: attack, Shifts: []Shift{{Person: attack, From: at.Add(-time.Hour), Until: at.Add(time.Hour)}}})
}

func TestMailboxesAboveIncidents(t *testing.T) {
	mailboxes := func() []Mailbox {
		return []Mailbox{{Name: "alerts@<b>example.jp", Done: 4500, Total: 10000}, {Name: "old@example.jp", Away: true}}
	}
	b := browser{t: t, h: newOffice().server(t, func(c *Config) { c.Mailboxes = mailboxes }), person: "miller"}
	wantIn(t, b.get("/incidents"), "alerts@&lt;b&gt;example.jp: 4500 of 10000 mails", `<progress max="10000" value="4500">`, "old@example.jp cannot be read")
}
