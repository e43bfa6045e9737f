package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/phone"
	"tebiki/adapters/source"
	"tebiki/adapters/tracker"
)

// office is a small team whose whole application is in memory. It behaves as
// the real one does: what is not there is NotFound, what is not in Can is
// refused, and every change wakes whoever waits.
type office struct {
	mu        sync.Mutex
	tickets   map[string]Ticket
	messages  map[string][]Message // by address, newest first
	calls     []Call
	incidents map[string]IncidentPage
	entries   map[string]Entry
	fields    map[string][]Field
	rotas     []Rota
	hosts     []string
	broken    []string // faults of the know-how
	accepted  []source.Alert
	did       []string // what was asked for, in order
	fail      error    // given by every call while it is set
	changed   chan struct{}
}

func newOffice() *office {
	return &office{
		tickets: map[string]Ticket{}, messages: map[string][]Message{}, incidents: map[string]IncidentPage{},
		entries: map[string]Entry{}, fields: map[string][]Field{}, changed: make(chan struct{}),
	}
}

var tokyo = time.FixedZone("JST", 9*60*60)

var staff = []Person{
	{ID: "tanaka", Name: "田中 美咲", Lang: "ja", Zone: tokyo, Team: "基盤チーム", Leader: true},
	{ID: "sato", Name: "佐藤 健", Lang: "ja", Zone: tokyo, Team: "基盤チーム"},
	{ID: "miller", Name: "Anna Miller", Lang: "en", Zone: time.UTC, Team: "Network", Leader: true},
	{ID: "okafor", Name: "Chidi Okafor", Lang: "en", Zone: time.UTC, Team: "Network"},
}

// The minute in which tests take place.
var minute = time.Date(2026, 4, 7, 5, 30, 0, 0, time.UTC)

func (o *office) config() Config {
	listen := func() <-chan struct{} { o.mu.Lock(); defer o.mu.Unlock(); return o.changed }
	return Config{
		People: staff, Tickets: ticketDesk{o}, Messages: mailRoom{o}, Phones: phoneDesk{o}, Incidents: watchDesk{o},
		KnowHow: library{o}, Audit: book{o}, OnCall: calendar{o}, Servers: o, Intake: o,
		Digest: func(_ context.Context, order DigestOrder) (Digest, error) {
			if order.DryRun {
				return Digest{Alerts: 3, Tickets: 1, Plan: []DigestPlan{{Team: "infra", Day: "2026-04-05", What: "web1: disk", Alerts: 3}}}, o.ask("digest", "dry")
			}
			if order.Today {
				return Digest{Alerts: 4, Tickets: 2}, o.ask("digest")
			}
			return Digest{Alerts: 3, Tickets: 1, Left: 1}, o.ask("digest")
		},
		Changes: Changes{Tickets: listen, Messages: listen, Phones: listen, Incidents: listen},
		Now:     func() time.Time { return minute },
		Log:     slog.New(slog.DiscardHandler),
	}
}

func (o *office) server(t *testing.T, change ...func(*Config)) *Server {
	t.Helper()
	cfg := o.config()
	for _, c := range change {
		c(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// ask notes what was asked for and gives the failure that is set.
func (o *office) ask(what ...string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.did = append(o.did, strings.Join(what, " "))
	return o.fail
}

func (o *office) asked() []string { o.mu.Lock(); defer o.mu.Unlock(); return slices.Clone(o.did) }

func (o *office) wake() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
}

func missing(what string) error {
	return &adapters.Error{Op: "find " + what, Code: adapters.NotFound, Err: errors.New("it is not there")}
}

func (o *office) Hosts(_ context.Context, part string, n int) (out []string, err error) {
	for _, h := range o.hosts {
		if strings.Contains(h, part) && len(out) < n {
			out = append(out, h)
		}
	}
	return out, o.ask("hosts", part)
}

func (o *office) Accept(_ context.Context, alerts []source.Alert) ([]Receipt, error) {
	if err := o.ask("accept"); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.accepted = append(o.accepted, alerts...)
	out := make([]Receipt, len(alerts))
	for i, a := range alerts {
		out[i] = Receipt{ID: "A-1", Incident: "I-1", State: "open"}
		if a.Severity == "info" {
			out[i] = Receipt{ID: "A-1", State: "morning"}
		}
	}
	return out, nil
}

type ticketDesk struct{ *office }

func (o ticketDesk) List(_ context.Context, f TicketFilter) (out []tracker.Ticket, err error) {
	for _, key := range slices.Backward(slices.SortedFunc(maps.Keys(o.tickets), byNumber)) {
		t := o.tickets[key].Ticket
		if (f.Status == "" || f.Status == t.Status) && (f.Component == "" || f.Component == t.Component) &&
			(f.Assignee == "" || f.Assignee == t.Assignee) && !(f.Unassigned && t.Assignee != "") &&
			!(f.TopLevel && t.Parent != "") && (f.Before == "" || byNumber(key, f.Before) < 0) && len(out) < f.Limit {
			out = append(out, t)
		}
	}
	return out, o.ask("tickets", string(f.Status), f.Assignee)
}

func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (o ticketDesk) Ticket(_ context.Context, _ Person, key string) (Ticket, error) {
	if err := o.ask("ticket", key); err != nil {
		return Ticket{}, err
	}
	t, ok := o.tickets[key]
	if !ok {
		return t, missing("ticket " + key)
	}
	return t, nil
}

func (o ticketDesk) Create(_ context.Context, by Person, r TicketRequest) (string, error) {
	if r.Host == "nowhere" {
		return "", &Refusal{Text: "nowhere is not in the inventory <b>"}
	}
	return "T-1", o.ask("create", by.ID, r.Component, r.Title, r.Host, r.Fields["path"], r.Details)
}

func (o ticketDesk) Do(_ context.Context, by Person, key string, a TicketAction) error {
	if !o.tickets[key].May(a.Kind) {
		return &Refusal{Text: "you may not " + a.Kind}
	}
	if a.Kind == Checks && key == "T-2" {
		return &Refusal{Text: "they have just run", Already: true}
	}
	return o.ask(a.Kind, key, by.ID, a.Assignee, a.Text)
}

type mailRoom struct{ *office }

func (o mailRoom) Messages(_ context.Context, to string, limit int, before string) (out []Message, err error) {
	for _, m := range o.messages[to] {
		if (before == "" || byNumber(m.ID, before) < 0) && len(out) < limit {
			out = append(out, m)
		}
	}
	return out, o.ask("messages", to)
}

func (o mailRoom) Channels(context.Context) (out []string, err error) {
	for address := range o.messages {
		if strings.HasPrefix(address, "#") {
			out = append(out, address)
		}
	}
	return out, nil
}

func (o mailRoom) Press(_ context.Context, a chat.Action) (chat.Reply, error) {
	return chat.Reply{Title: "pressed " + a.Button}, o.ask("press", a.From, a.Message, a.Button, a.Value)
}

func (o mailRoom) Say(_ context.Context, c chat.Command) (chat.Reply, error) {
	return chat.Reply{Title: "Answer to " + c.Line, Sections: []chat.Section{{Heading: "One", Markdown: "*two*"}},
		Buttons: []chat.Button{{ID: "more", Value: "3", Label: "More"}}}, o.ask("say", c.From, c.Line)
}

type phoneDesk struct{ *office }

func (o phoneDesk) Calls(context.Context) ([]Call, error) {
	return o.calls, o.ask("calls")
}
func (o phoneDesk) Answer(_ context.Context, person, call string) error {
	return o.ask("answer", person, call)
}
func (o phoneDesk) Key(_ context.Context, person, call, key string) error {
	return o.ask("key", person, call, key)
}
func (o phoneDesk) HangUp(_ context.Context, person, call string) error {
	return o.ask("hangup", person, call)
}

type watchDesk struct{ *office }

func (o watchDesk) List(_ context.Context, lang string, f IncidentFilter) (out []Incident, err error) {
	for _, id := range slices.Backward(slices.SortedFunc(maps.Keys(o.incidents), byNumber)) {
		if i := o.incidents[id]; (f.State == "" || f.State == i.State) && (f.Before == "" || byNumber(id, f.Before) < 0) && len(out) < f.Limit {
			out = append(out, i.Incident)
		}
	}
	return out, o.ask("incidents", lang, f.State)
}

func (o watchDesk) Incident(_ context.Context, lang, id string) (IncidentPage, error) {
	if err := o.ask("incident", lang, id); err != nil {
		return IncidentPage{}, err
	}
	i, ok := o.incidents[id]
	if !ok {
		return i, missing("incident " + id)
	}
	return i, nil
}

func (o watchDesk) Do(_ context.Context, by Person, id, action string) error {
	if !o.incidents[id].May(action) {
		return &Refusal{Text: "it is too late to " + action}
	}
	return o.ask(action, id, by.ID)
}

type library struct{ *office }

func (o library) Entries(context.Context, string) (out []EntryLine, err error) {
	for _, name := range slices.Sorted(maps.Keys(o.entries)) {
		e := o.entries[name]
		out = append(out, EntryLine{Component: name, Title: e.Title, Aliases: e.Aliases, Subtickets: len(e.Subtickets)})
	}
	return out, nil
}

func (o library) Entry(_ context.Context, _ Person, component string) (Entry, error) {
	e, ok := o.entries[component]
	if !ok {
		return e, missing("know-how for " + component)
	}
	return e, nil
}

func (o library) Search(_ context.Context, _ Person, words string, _ bool) (out []Hit, err error) {
	for name, e := range o.entries {
		if strings.Contains(e.Title, words) {
			out = append(out, Hit{Component: name, Title: e.Title, Doc: "disk-free", Line: "df -h shows " + words})
		}
	}
	return out, o.ask("search", words)
}

func (o library) Fields(_ context.Context, _, component string) ([]Field, error) {
	if _, ok := o.entries[component]; !ok {
		return nil, missing("know-how for " + component)
	}
	return o.fields[component], nil
}

func (o library) Outdated(_ context.Context, by Person, component, doc, words string) error {
	if _, ok := o.entries[component]; !ok {
		return missing("know-how for " + component)
	}
	return o.ask("outdated", by.ID, component, doc, words)
}

func (o library) Report(_ context.Context, lang string, days int) (Report, error) {
	r := Report{From: minute.AddDate(0, 0, -days), To: minute}
	if len(o.entries) > 0 {
		r.Lists = []ReportList{{Heading: "Used most", Lines: []ReportLine{
			{Name: "<b>disk</b>", Link: "/knowhow/disk-full", Note: "messages: 2", Remarks: []string{"sato: <i>old</i>"}}, {Name: "evil", Link: "javascript:alert(1)"}}}}
	}
	return r, o.ask("report", lang, fmt.Sprint(days))
}

func (o library) State(context.Context) (KnowHowState, error) {
	return KnowHowState{Loaded: minute, Commit: "0123abc", Link: "https://git.example.net/0123abc", Faults: o.broken}, nil
}

type book struct{ *office }

func (o book) After(_ context.Context, number uint64, n int) ([]AuditRecord, error) {
	all := []AuditRecord{{Number: 1, At: minute, Who: "sato", Ticket: "T-1", Check: "df", Command: "df -h /var", Where: "server", Host: "web1", Started: minute},
		{Number: 2, At: minute, Who: "sato", Ticket: "T-1", Check: "df", Command: "df -h /var", Where: "server", Host: "web1", Started: minute, Ended: true, Took: 1500 * time.Millisecond, Reason: "late"}}
	return all[min(int(number), 2):][:min(n, 2-min(int(number), 2))], o.ask("audit", fmt.Sprint(number), fmt.Sprint(n))
}

func (o book) Tallies(context.Context) (map[string]CheckTally, error) {
	return map[string]CheckTally{"df": {Ran: 3, Well: 2, Tried: 1}}, o.ask("tallies")
}

type calendar struct{ *office }

func (o calendar) Rotas(context.Context, string, time.Time, time.Time) ([]Rota, error) {
	return o.rotas, o.ask("rotas")
}

var menu = []phone.Choice{{Key: "1", Label: "引き受ける"}, {Key: "2", Label: "次の人へ"}, {Key: "3", Label: "手順を聞く"}, {Key: "0", Label: "もう一度"}}
