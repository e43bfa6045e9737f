package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/bot/shortfall"

	chatconsole "tebiki/adapters/chat/console"
	phoneconsole "tebiki/adapters/phone/console"
)

// A request that nobody has: it is prepared, the leader gives it to somebody,
// and that person has everything in one message.
func TestRequest(t *testing.T) {
	o := openOffice(t)
	made, err := o.tracker.Create(t.Context(), tracker.Draft{Label: "form/1", Component: "disk-full", Title: "/var is full", Reporter: "lee",
		Fields: map[string]string{"host": "web1.example.jp", "path": "/"}})
	if err != nil {
		t.Fatal(err)
	}
	asked := o.message("sato", "assign/"+made.Key, "with a choice", func(m chatconsole.Stored) bool { return hasButton(m, "assign") })
	o.press(asked, "assign", made.Key+" tanaka")
	push := o.message("tanaka", "request/"+made.Key, "with its buttons", func(m chatconsole.Stored) bool {
		return hasButton(m, "useful") && hasButton(m, "outdated")
	})

	subs, err := o.tracker.Subtickets(t.Context(), made.Key)
	if err != nil {
		t.Fatal(err)
	}
	entry, _ := o.library.Base().Entry("disk-full")
	if len(subs) != len(entry.Subtickets) {
		t.Fatalf("%d sub-tickets, want %d", len(subs), len(entry.Subtickets))
	}
	text := textOf(push)
	for i, sub := range subs {
		if sub.Title != entry.Subtickets[i].Title.In("ja") || !strings.Contains(text, sub.Title) {
			t.Errorf("sub-ticket %d is %q; the message says\n%s", i, sub.Title, text)
		}
	}
	if !strings.Contains(subs[0].Body, "Filesystem") {
		t.Errorf("the first sub-ticket shows no result of df:\n%s", subs[0].Body)
	}
	o.message("sato", asked.Key, "settled", func(m chatconsole.Stored) bool { return !hasButton(m, "assign") })
	o.press(push, "useful", made.Key+" disk-full")

	o.finish(made.Key, "tanaka", "sato")
	if n := len(o.tickets()); n != 1+len(subs) {
		t.Errorf("in the end there are %d tickets, want %d", n, 1+len(subs))
	}
}

// finish fixes a ticket and has the leader close it.
func (o *office) finish(key, operator, leader string) {
	o.t.Helper()
	fixed := tracker.Fixed
	o.change(key, tracker.Change{By: operator, Status: &fixed})
	look := o.message(leader, "review/"+key, "with the question", func(m chatconsole.Stored) bool { return hasButton(m, "close") })
	o.press(look, "close", key)
	o.ticket(key+" is closed", func(tk tracker.Ticket) bool { return tk.Key == key && tk.Status == tracker.Closed })
	o.message(leader, look.Key, "settled", func(m chatconsole.Stored) bool { return len(m.Buttons) == 0 })
}

// textOf is all of a message that is read.
func textOf(m chatconsole.Stored) string {
	parts := []string{m.Title}
	for _, s := range m.Sections {
		parts = append(parts, s.Heading, s.Markdown)
	}
	return strings.Join(parts, "\n")
}

// atOnce lets the phone ring together with the message.
var atOnce = []string{"phone: 2m, next: 5m", "phone: 0s, next: 5m"}

// An urgent alert: message and call, acknowledged by the key 1, and over when
// the monitoring system says so.
func TestUrgent(t *testing.T) {
	o := openOffice(t, atOnce...)
	alert := map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "ping", "severity": "critical", "summary": "it does not answer"}
	id, state := o.alert(alert)
	if state != "open" {
		t.Fatalf("%s is %s", id, state)
	}
	onCall := o.onCall(id)
	page := o.message(onCall, "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
	if text := textOf(page); !strings.Contains(text, "db1") || !page.Urgent {
		t.Errorf("the page of %s says (urgent: %v)\n%s", onCall, page.Urgent, text)
	}
	if again, _ := o.alert(alert); again != id {
		t.Errorf("the same alert again is of %s, not of %s", again, id)
	}
	matching := map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "disk /", "severity": "critical"}
	if other, _ := o.alert(matching); other != id {
		t.Errorf("another alert of the host is of %s, not of %s", other, id)
	}
	o.answer(onCall, "1")
	o.wantAcknowledged(id, onCall)

	o.alert(resolved(alert))
	if state := o.incident(id).State; state != "acknowledged" {
		t.Errorf("with one alert still bad it is %s", state)
	}
	o.alert(resolved(matching))
	inc := o.incidentIs(id, "resolved")
	o.message(onCall, page.Key, "settled", func(m chatconsole.Stored) bool { return len(m.Buttons) == 0 })
	subs, err := o.tracker.Subtickets(t.Context(), inc.Ticket)
	if err != nil || len(subs) != 1 {
		t.Errorf("the ticket has %d sub-tickets, want 1: %v", len(subs), err)
	}
}

func resolved(alert map[string]any) map[string]any {
	alert["status"] = "resolved"
	return alert
}

// onCall gives whom the incident has paged.
func (o *office) onCall(id string) string {
	o.t.Helper()
	for _, e := range o.incident(id).Timeline {
		if e.Kind == "page" {
			return e.Person
		}
	}
	o.t.Fatalf("%s has paged nobody", id)
	return ""
}

// answer takes the call that rings at a person's phone and presses a key.
func (o *office) answer(person, key string) {
	o.t.Helper()
	var call phoneconsole.View
	o.until(o.phone.Watch, "the phone of "+person+" rings", func() bool {
		calls := o.phone.Calls(person)
		if len(calls) > 0 {
			call = calls[0]
		}
		return call.State == phoneconsole.Ringing
	})
	if err := o.phone.Answer(o.t.Context(), person, call.ID); err != nil {
		o.t.Fatal(err)
	}
	if err := o.phone.Key(o.t.Context(), person, call.ID, key); err != nil {
		o.t.Fatal(err)
	}
	o.until(o.phone.Watch, "the call is over", func() bool {
		return slices.ContainsFunc(o.phone.Recent(person), func(v phoneconsole.View) bool { return v.ID == call.ID })
	})
}

func (o *office) wantAcknowledged(id, by string) {
	o.t.Helper()
	inc := o.incidentIs(id, "acknowledged")
	if inc.AcknowledgedBy != by {
		o.t.Errorf("%s is acknowledged by %q, want %q", id, inc.AcknowledgedBy, by)
	}
	o.ticket("the incident's ticket is "+by+"'s", func(tk tracker.Ticket) bool {
		return tk.Label == "tebiki/"+id+"/ticket" && tk.Assignee == by
	})
	o.message(by, "incident/"+id, "without the button", func(m chatconsole.Stored) bool { return !hasButton(m, "ack") })
}

// Pressing in chat stops the phone.
func TestAcknowledgedInChat(t *testing.T) {
	o := openOffice(t, atOnce...)
	id, _ := o.alert(map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "ping", "severity": "critical"})
	onCall := o.onCall(id)
	page := o.message(onCall, "incident/"+id, "with its buttons", func(m chatconsole.Stored) bool { return hasButton(m, "ack") })
	o.until(o.phone.Watch, "the phone rings", func() bool { return len(o.phone.Calls(onCall)) > 0 })
	o.press(page, "ack", id)
	o.until(o.phone.Watch, "the phone is silent", func() bool { return len(o.phone.Calls(onCall)) == 0 })
	o.wantAcknowledged(id, onCall)
}

// A comment in the tracker acknowledges, and stops the phone.
func TestAcknowledgedInTheTracker(t *testing.T) {
	o := openOffice(t, atOnce...)
	id, _ := o.alert(map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "ping", "severity": "critical"})
	onCall := o.onCall(id)
	o.until(o.phone.Watch, "the phone rings", func() bool { return len(o.phone.Calls(onCall)) > 0 })
	ticket := o.ticket("the incident's", func(tk tracker.Ticket) bool { return tk.Label == "tebiki/"+id+"/ticket" })
	person, _ := o.cfg.Roster.Person(onCall)
	if err := o.tracker.Comment(t.Context(), ticket.Key, tracker.Comment{Author: person.Tracker, Body: "/ack looking"}); err != nil {
		t.Fatal(err)
	}
	o.until(o.phone.Watch, "the phone is silent", func() bool { return len(o.phone.Calls(onCall)) == 0 })
	o.wantAcknowledged(id, onCall)
}

// lacking is a tracker that knows no components.
type lacking struct{ tracker.Tracker }

func (l lacking) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	why := tracker.Omission{Field: "Component", Value: d.Component, Why: "there is no such component"}
	d.Component = ""
	made, err := l.Tracker.Create(ctx, d)
	made.Omitted = []tracker.Omission{why}
	return made, err
}

// What the tracker leaves out of a ticket is told to the leader of the team
// that requests go to.
func TestLeftOut(t *testing.T) {
	a, err := New(t.Context(), officeOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	sf := a.tracker.(*shortfall.Tracker)
	sf.Tracker = lacking{sf.Tracker}
	o := runApp(t, a)
	id, _ := o.alert(map[string]any{"source": "zabbix", "host": "db1.example.jp", "check": "ping", "severity": "critical"})
	leader, _ := o.cfg.Roster.Leader(o.cfg.RequestTeam)
	m := o.message(leader.Chat, "shortfall/", "of the incident's ticket", func(chatconsole.Stored) bool { return true })
	if text := textOf(m); !strings.Contains(text, id) || !strings.Contains(text, "there is no such component") {
		t.Errorf("it says\n%s", text)
	}
}

// quietDays are days around now without a morning, so that the flow runs only
// when it is asked to.
func quietDays() []string {
	var days []string
	for d := range 5 {
		days = append(days, time.Now().AddDate(0, 0, d-2).Format(time.DateOnly))
	}
	return []string{"holidays: [", "holidays: [" + strings.Join(days, ", ") + ", "}
}

// The morning: one ticket for each kind of alert, its owner has one message,
// what nobody owns is the leader's.
func TestMorning(t *testing.T) {
	o := openOffice(t, quietDays()...)
	yesterday := time.Now().Add(-26 * time.Hour)
	low := func(host, check string, at time.Time) {
		if _, state := o.alert(map[string]any{"source": "munin", "host": host, "check": check, "severity": "warning", "at": at.Format(time.RFC3339)}); state != "morning" {
			t.Fatalf("a low alert is %s", state)
		}
	}
	for i := range 3 {
		low("web1.example.jp", "disk /", yesterday.Add(time.Duration(i)*time.Minute))
	}
	low("web1.example.jp", "load", yesterday)
	low("old-wiki.example.jp", "load", yesterday)
	low("web1.example.jp", "load", time.Now())

	o.wantDigest(5, 3, 1)
	mine := o.message("tanaka", "digest/", "about two tickets", lists(2))
	if text := textOf(mine); !strings.Contains(text, "disk") || !strings.Contains(text, "load") {
		t.Errorf("the owner's message says\n%s", text)
	}
	nobodys := o.message("sato", "digest/", "about one ticket", lists(1))
	wiki := o.ticket("the ticket of the old wiki", func(tk tracker.Ticket) bool { return strings.Contains(tk.Title, "old-wiki") })
	if wiki.Assignee != "" {
		t.Errorf("what nobody owns is assigned to %s", wiki.Assignee)
	}
	before := len(o.tickets())
	o.wantDigest(0, 0, 1)
	o.press(nobodys, "assign", wiki.Key+" suzuki")
	o.ticket("it is suzuki's", func(tk tracker.Ticket) bool { return tk.Key == wiki.Key && tk.Assignee == "suzuki" })
	o.finish(wiki.Key, "suzuki", "sato")
	for _, tk := range o.tickets() {
		if tk.Parent == "" && tk.Key != wiki.Key && tk.Assignee != "tanaka" {
			t.Errorf("%s %s is %s's, want the owner's", tk.Key, tk.Title, tk.Assignee)
		}
	}
	if n := len(o.tickets()); n != before || n != 3 {
		t.Errorf("there are %d tickets, were %d, want 3", n, before)
	}
}

// wantDigest runs the morning.
func (o *office) wantDigest(alerts, tickets, left int) {
	o.t.Helper()
	type summary struct{ Alerts, Tickets, Left int }
	var got summary
	o.ask("POST", "/v1/digest", nil, &got)
	if want := (summary{alerts, tickets, left}); got != want {
		o.t.Errorf("the morning took %+v, want %+v", got, want)
	}
}

// lists tells whether a message lists so many things.
func lists(lines int) func(chatconsole.Stored) bool {
	return func(m chatconsole.Stored) bool { return strings.Count("\n"+m.Sections[0].Markdown, "\n- ") == lines }
}
