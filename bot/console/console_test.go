package console_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/source"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/adapters/web"
	"tebiki/bot/config"
	"tebiki/bot/console"
	"tebiki/bot/guide"
	"tebiki/bot/upkeep"
	"tebiki/bot/urgent"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/knowhow"
	"tebiki/knowhow/search"
	"tebiki/store"
	"tebiki/store/storetest"

	invfile "tebiki/adapters/inventory/file"
)

var files = fstest.MapFS{
	"tebiki.yaml": {Data: []byte(`
people:
  sato: {name: 佐藤, team: jp, tracker: tr-sato}
  tanaka: {name: 田中, team: jp}
  smith: {name: Emma, team: uk}
teams:
  jp: {name: インフラ, leader: sato, lang: ja, zone: Asia/Tokyo}
  uk: {name: Platform, leader: sato, zone: Europe/London}
schedules:
  jp: {zone: Asia/Tokyo, layers: {primary: {people: [tanaka, sato], start: 2026-01-01}}}
policies:
  jp: {team: jp, steps: [{who: jp/primary, chat: 0s}]}
alerts:
  routes: [{policy: jp}]
`)},
	"inventory.yaml": {Data: []byte("servers:\n  - {host: web1, team: jp}\n  - {host: old-web1, team: jp}\n  - {host: db1, team: jp}\n")},
	"k/knowhow.yaml": {Data: []byte(`
components:
  - name: account
    title: {ja: アカウント, en: Account}
    aliases: [user]
    request_type: x
    team: uk
    fields: [{name: account, label: {ja: 名前, en: Account name}, pattern: "[a-z]{2,8}", required: true}]
    alerts: [{check: "login*", labels: {b: "2", a: "1"}}]
    subtickets: [{title: {ja: 作る, en: Create}, document: account, checks: [id]}]
checks: {id: {run: [id, "{account}"], params: {account: {from: account, pattern: "[a-z]+"}}}}
`)},
	"k/docs/account.en.md": {Data: []byte("---\ntitle: New account\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\nAsk.\n## Procedure\nuseradd\n")},
}

type world struct {
	*testing.T
	cfg       *config.Config
	st        *storetest.Faulty
	local     *local.Tracker
	core      *runner.Runner
	stop      func()
	tickets   console.Tickets
	incidents console.Incidents
	intake    console.Intake
	base      *knowhow.Base
}

var (
	now    = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	leader = web.Person{ID: "sato", Lang: "ja", Leader: true}
	worker = web.Person{ID: "tanaka", Lang: "en"}
)

func newWorld(t *testing.T) *world {
	t.Helper()
	cfg, err := config.Load(files, "tebiki.yaml", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	sub := fstest.MapFS{}
	for name, f := range files {
		if rest, ok := strings.CutPrefix(name, "k/"); ok {
			sub[rest] = f
		}
	}
	base, err := knowhow.Load(sub)
	if err != nil {
		t.Fatal(err)
	}
	know := func() *knowhow.Base { return base }
	st := storetest.NewFaulty(store.NewMemory())
	core := runner.New(st, cfg.Rules, runner.Options{Wake: func() {}, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = core.Run(ctx); close(ended) }()
	stop := func() { cancel(); <-ended }
	t.Cleanup(stop)
	tr := local.New(st, "")
	return &world{T: t, cfg: cfg, st: st, local: tr, core: core, stop: stop, base: base,
		tickets: console.Tickets{Tracker: tr, Roster: cfg.Roster, KnowHow: know},
		incidents: console.Incidents{Runner: core, Store: st, Roster: cfg.Roster, Rules: cfg.Rules, Guide: &guide.Guide{KnowHow: know}, URL: tr.URL,
			Subtickets: tr.Subtickets},
		intake: console.Intake{Runner: core, Now: func() time.Time { return now }}}
}

func (w *world) same(what string, got, want any) {
	w.Helper()
	if d := cmp.Diff(want, got); d != "" {
		w.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func (w *world) notFound(what string, err error) {
	w.Helper()
	if err == nil || adapters.CodeOf(err) != adapters.NotFound {
		w.Errorf("%s: error %v, want NotFound", what, err)
	}
}

func (w *world) refused(what string, err error, part string) {
	w.Helper()
	var no *web.Refusal
	if !errors.As(err, &no) || !strings.Contains(no.Text, part) {
		w.Errorf("%s: error %v, want a refusal with %q", what, err, part)
	}
}

func (w *world) create(r web.TicketRequest) string {
	w.Helper()
	if r.Label == "" {
		r.Label = fmt.Sprint("label of ", r.Title)
	}
	key, err := w.tickets.Create(w.Context(), worker, r)
	if err != nil {
		w.Fatal(err)
	}
	return key
}

func (w *world) list(f web.TicketFilter) (out []string) {
	w.Helper()
	list, err := w.tickets.List(w.Context(), f)
	if err != nil {
		w.Fatal(err)
	}
	for _, t := range list {
		out = append(out, t.Key)
	}
	return out
}

var hostile = []string{"", "I-0", "T-0", "x", "../../etc/passwd", "I-99", "T-99", "t-1", "-1", "\x00", "<script>", strings.Repeat("9", 5000)}

func TestNotFound(t *testing.T) {
	w := newWorld(t)
	for _, id := range hostile {
		_, err := w.tickets.Ticket(t.Context(), leader, id)
		w.notFound("ticket "+id, err)
		w.notFound("do on ticket "+id, w.tickets.Do(t.Context(), leader, id, web.TicketAction{Kind: web.Fix}))
		_, err = w.incidents.Incident(t.Context(), "en", id)
		w.notFound("incident "+id, err)
		w.notFound("do on incident "+id, w.incidents.Do(t.Context(), leader, id, web.Resolve))
		_, err = w.knowHow().Entry(t.Context(), leader, id)
		w.notFound("entry "+id, err)
	}
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	for i := range 120 {
		who := []string{"tanaka", "sato", ""}[i%3]
		w.create(web.TicketRequest{Title: fmt.Sprint("t", i), Assignee: who})
	}
	var all []string
	for f := (web.TicketFilter{Unassigned: true, Limit: 7}); ; {
		page := w.list(f)
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		f.Before = page[len(page)-1]
	}
	if len(all) != 40 || all[0] != "T-120" || all[39] != "T-3" || !slices.IsSortedFunc(all, func(a, b string) int { return byNumber(b, a) }) {
		t.Errorf("unassigned, page by page: %v", all)
	}
	w.same("nobody's by default", len(w.list(web.TicketFilter{Unassigned: true})), 40)
	w.same("佐藤's", len(w.list(web.TicketFilter{Assignee: "sato", Limit: 100})), 40)
	w.same("of somebody whom nobody knows", len(w.list(web.TicketFilter{Assignee: "ghost"})), 0)
	list, err := w.tickets.List(t.Context(), web.TicketFilter{Assignee: "sato", Limit: 1})
	if err != nil || list[0].Assignee != "sato" || list[0].Reporter != "tanaka" {
		t.Errorf("%+v, error %v", list, err)
	}
	_, err = w.tickets.List(t.Context(), web.TicketFilter{Before: "nonsense"})
	w.notFound("a list before nonsense", err)
}

// byNumber orders keys by their numbers.
func byNumber(a, b string) int {
	var x, y int
	_, _ = fmt.Sscanf(a+" "+b, "T-%d T-%d", &x, &y)
	return x - y
}

func TestForm(t *testing.T) {
	w := newWorld(t)
	ask := func(component string, fields map[string]string) error {
		_, err := w.tickets.Create(t.Context(), worker, web.TicketRequest{Label: "l", Component: component, Title: "x", Host: "web1", Fields: fields})
		return err
	}
	w.refused("without a field", ask("account", nil), "fill in “Account name”")
	w.refused("blank", ask("account", map[string]string{"account": "　 "}), "fill in")
	for _, bad := range []string{"A", "x", "toolonganame", "ab\n", "ab; rm -rf /", "ab\x00"} {
		w.refused(bad, ask("user", map[string]string{"account": bad}), "does not fit")
	}
	if err := ask("account", map[string]string{"account": "ito"}); err != nil {
		t.Fatal(err)
	}
	key := w.create(web.TicketRequest{Label: "l", Title: "sent twice"})
	w.same("the same form twice", key, "T-1")
	page, err := w.tickets.Ticket(t.Context(), worker, key)
	if err != nil {
		t.Fatal(err)
	}
	w.same("fields", page.Fields, map[string]string{"account": "ito", "host": "web1"})
	if _, err := w.tickets.Create(t.Context(), worker, web.TicketRequest{Title: "x"}); adapters.CodeOf(err) != adapters.Refused {
		t.Errorf("a form without a label: error %v", err)
	}
}

// TestFormLabel: a form cannot take the place of a ticket of Tebiki's own.
func TestFormLabel(t *testing.T) {
	w := newWorld(t)
	forged := w.create(web.TicketRequest{Label: "tebiki/I-1/ticket", Title: "forged"})
	made, err := w.local.Create(t.Context(), tracker.Draft{Label: "tebiki/I-1/ticket", Title: "real"})
	if err != nil || made.Key == forged {
		t.Errorf("the incident's ticket is %s, error %v", made.Key, err)
	}
	page, err := w.tickets.Ticket(t.Context(), worker, forged)
	if err != nil || page.Incident != "" {
		t.Errorf("the forged ticket is of incident %q, error %v", page.Incident, err)
	}
	page, err = w.tickets.Ticket(t.Context(), worker, made.Key)
	if err != nil || page.Incident != "I-1" {
		t.Errorf("the real one is of incident %q, error %v", page.Incident, err)
	}
	w.same("who made it", page.History[0].By, "tebiki")
}

func TestTicketActions(t *testing.T) {
	w := newWorld(t)
	key := w.create(web.TicketRequest{Title: "x"})
	do := func(by web.Person, kind, assignee string) error {
		return w.tickets.Do(t.Context(), by, key, web.TicketAction{Kind: kind, Assignee: assignee, Text: "words"})
	}
	can := func(by web.Person) []string {
		page, err := w.tickets.Ticket(t.Context(), by, key)
		if err != nil {
			t.Fatal(err)
		}
		return page.Can
	}
	w.notFound("an action that is none", do(leader, "delete", ""))
	w.notFound("a person who is none", do(leader, web.Assign, "ghost"))
	w.refused("close before it is fixed", do(leader, web.Close, ""), "完了にできるのは")
	for _, step := range []struct {
		by             web.Person
		kind, assignee string
	}{{worker, web.Assign, "sato"}, {worker, web.Comment, ""}, {worker, web.Fix, ""}} {
		if err := do(step.by, step.kind, step.assignee); err != nil {
			t.Errorf("%s: %v", step.kind, err)
		}
	}
	w.same("what a worker may do with a fixed one", can(worker), []string{web.Comment})
	w.refused("close by a worker", do(worker, web.Close, ""), "Only a leader closes")
	w.same("what a leader may", can(leader), []string{web.Assign, web.Close, web.Reopen, web.Comment})
	if err := do(leader, web.Close, ""); err != nil {
		t.Error(err)
	}
	w.refused("assign a closed one", do(leader, web.Assign, "tanaka"), "担当者")
	page, err := w.tickets.Ticket(t.Context(), worker, key)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range page.History {
		lines = append(lines, strings.TrimSpace(e.By+" "+e.Kind+" "+e.Text))
	}
	w.same("history", lines, []string{"tanaka created", "tanaka assigned sato", "tanaka comment words", "tanaka status fixed", "sato status closed"})
}

// TestLostTicket: the page of an incident says, at its time, that the ticket
// was deleted, and leads there no longer.
func TestLostTicket(t *testing.T) {
	w := newWorld(t)
	w.accept(source.Alert{Source: "s", Key: "a", Host: "web1", Check: "login"})
	if _, err := w.core.Submit(t.Context(), escalation.TicketMade{Incident: 1, Ticket: "T-9"}); err != nil {
		t.Fatal(err)
	}
	err := w.st.Update(t.Context(), func(tx store.Writer) error {
		return (&urgent.Flow{}).Gone(tx, "T-9", watch.Seen{Label: "tebiki/I-1/ticket"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.Submit(t.Context(), escalation.Ack{Incident: 1, Person: "sato"}); err != nil {
		t.Fatal(err)
	}
	page, err := w.incidents.Incident(t.Context(), "ja", "I-1")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range page.Timeline {
		lines = append(lines, e.Kind+" "+e.Text)
	}
	w.same("the timeline's end", lines[len(lines)-2:], []string{"ticket チケット T-9 が削除されたか、見えない場所に移されました", "ack 佐藤 さんが対応開始"})
	w.same("the ticket", []string{page.Ticket, page.TicketURL}, []string{"T-9", ""})
}

// A hiding tracker has one ticket out of the reader's sight, as a vendor's
// may; it knows nothing of changes either.
type hiding struct {
	tracker.Tracker
	hidden string
}

func (h hiding) Ticket(ctx context.Context, key string) (tracker.Ticket, error) {
	if key == h.hidden {
		return tracker.Ticket{}, &adapters.Error{Op: "read " + key, Code: adapters.NotFound, Err: errors.New("no permission")}
	}
	return h.Tracker.Ticket(ctx, key)
}

// A busy tracker is one in which everybody has something to do.
type busy struct {
	tracker.Tracker
	asked int
}

func (b *busy) List(context.Context, tracker.Filter) ([]tracker.Ticket, error) {
	b.asked++
	return []tracker.Ticket{{Key: fmt.Sprint("OPS-", b.asked), Assignee: "sato"}}, nil
}

// TestUnassignedHasAnEnd: looking for what nobody has reads no tracker to its
// very beginning.
func TestUnassignedHasAnEnd(t *testing.T) {
	b := &busy{}
	list, err := console.Tickets{Tracker: b, Roster: newWorld(t).cfg.Roster}.List(t.Context(), web.TicketFilter{Unassigned: true})
	if err != nil || len(list) != 0 || b.asked > 10 {
		t.Errorf("%d tickets of %d requests, error %v", len(list), b.asked, err)
	}
}

func TestHiddenParent(t *testing.T) {
	w := newWorld(t)
	parent := w.create(web.TicketRequest{Title: "secret"})
	sub, err := w.local.Create(t.Context(), tracker.Draft{Label: "sub", Parent: parent, Title: "seen", Body: "h1. not *Markdown*\n{code}x{code}"})
	if err != nil {
		t.Fatal(err)
	}
	w.tickets.Tracker = hiding{w.local, parent}
	page, err := w.tickets.Ticket(t.Context(), worker, sub.Key)
	if err != nil || page.ParentTitle != "" || page.Parent != parent || page.Body != "h1. not *Markdown*\n{code}x{code}" {
		t.Errorf("the page is %+v, error %v", page, err)
	}
	_, err = w.tickets.Ticket(t.Context(), worker, parent)
	w.notFound("the parent itself", err)
}

func (w *world) accept(alerts ...source.Alert) []web.Receipt {
	w.Helper()
	rs, err := w.intake.Accept(w.Context(), alerts)
	if err != nil {
		w.Fatal(err)
	}
	return rs
}

func TestIncidentPage(t *testing.T) {
	w := newWorld(t)
	rs := w.accept(source.Alert{Source: "s", Key: "a", Host: "web1", Check: "login", Labels: map[string]string{"a": "1", "b": "2"}},
		source.Alert{Source: "s", Key: "b", Host: "web1", Summary: "second"}, source.Alert{Source: "s", Key: "c", Host: "db1", Severity: "low"},
		source.Alert{Source: "s", Key: "d", Host: "db1", Resolved: true})
	w.same("receipts", rs, []web.Receipt{{ID: "I-1/1", Incident: "I-1", State: "open"}, {ID: "I-1/2", Incident: "I-1", State: "open"},
		{State: "morning"}, {State: "nothing open"}})
	top, err := w.local.Create(t.Context(), tracker.Draft{Label: "tebiki/I-1/ticket", Title: "x"})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := w.local.Create(t.Context(), tracker.Draft{Label: "tebiki/I-1/alert/2", Parent: top.Key, Title: "y"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.core.Submit(t.Context(), escalation.TicketMade{Incident: 1, Ticket: top.Key}); err != nil {
		t.Fatal(err)
	}
	page, err := w.incidents.Incident(t.Context(), "ja", "I-1")
	if err != nil {
		t.Fatal(err)
	}
	w.same("alerts", len(page.AlertLines), 2)
	w.same("sub-tickets of the lines", []string{page.AlertLines[0].Ticket, page.AlertLines[1].Ticket}, []string{"", sub.Key})
	w.same("component", page.Component, "account")
	w.same("ticket", page.TicketURL, "/tickets/"+top.Key)
	for _, e := range page.Timeline {
		if strings.Contains(e.Text, "console.line") || strings.Contains(e.Text, "{") {
			t.Errorf("a line without its sentence: %q", e.Text)
		}
	}
	w.notFound("an action that is none", w.incidents.Do(t.Context(), leader, "I-1", "delete"))
	w.refused("confirm what nobody has", w.incidents.Do(t.Context(), leader, "I-1", web.Confirm), "I-1")
	for _, what := range []string{web.Acknowledge, web.Resolve} {
		if err := w.incidents.Do(t.Context(), leader, "I-1", what); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.refused("acknowledge what is over", w.incidents.Do(t.Context(), worker, "I-1", web.Acknowledge), "over already")
}

func TestIncidentList(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.accept(source.Alert{Source: "s", Key: fmt.Sprint(i), Host: fmt.Sprint("h", i)})
	}
	first, err := w.incidents.List(t.Context(), "en", web.IncidentFilter{State: "open", Limit: 3})
	if err != nil || len(first) != 3 || first[0].ID != "I-5" {
		t.Fatalf("%+v, error %v", first, err)
	}
	rest, err := w.incidents.List(t.Context(), "en", web.IncidentFilter{State: "open", Limit: 3, Before: first[2].ID})
	if err != nil || len(rest) != 2 || rest[1].ID != "I-1" {
		t.Errorf("%+v, error %v", rest, err)
	}
	_, err = w.incidents.List(t.Context(), "en", web.IncidentFilter{Before: "nonsense"})
	w.notFound("before nonsense", err)
}

func TestIntakeFaults(t *testing.T) {
	w := newWorld(t)
	w.st.Fail(errors.New("disk full"))
	var storeErr *web.StoreError
	if _, err := w.intake.Accept(t.Context(), []source.Alert{{Source: "s", Key: "a"}}); !errors.As(err, &storeErr) {
		t.Errorf("a full disk: error %v", err)
	}
	w.st.Fail(nil)
	w.stop()
	var busy *web.BusyError
	if _, err := w.intake.Accept(t.Context(), []source.Alert{{Source: "s", Key: "a"}}); !errors.As(err, &busy) || busy.RetryAfter <= 0 {
		t.Errorf("while shutting down: error %v", err)
	}
}

func TestClockAhead(t *testing.T) {
	w := newWorld(t)
	before := now.Add(-time.Hour)
	w.accept(source.Alert{Source: "s", Key: "ahead", Severity: "low", At: now.AddDate(1, 0, 0)},
		source.Alert{Source: "s", Key: "none", Severity: "low"}, source.Alert{Source: "s", Key: "before", Severity: "low", At: before})
	err := w.st.View(t.Context(), func(tx store.Reader) error {
		lows, err := runner.LowAfter(tx, "", 10)
		for i, want := range []time.Time{now, now, before} {
			if len(lows) != 3 || !lows[i].Alert.At.Equal(want) {
				t.Errorf("alert %d: %+v", i, lows)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

type library struct{ base *knowhow.Base }

func (l library) Base() *knowhow.Base { return l.base }

func (l library) Search(words, lang string, n int) []search.Hit {
	return search.New(l.base).Search(words, lang, n)
}

func TestPeopleServersRotas(t *testing.T) {
	w := newWorld(t)
	leaders := map[string]bool{}
	for _, p := range console.People(w.cfg.Roster) {
		leaders[p.ID] = p.Leader
	}
	w.same("leaders", leaders, map[string]bool{"sato": true, "tanaka": false, "smith": false})
	inv, err := invfile.Load(files, "inventory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string][]string{"WEB": {"web1", "old-web1"}, "zz": {}, "": {"db1", "old-web1"}} {
		got, err := console.Servers{Inventory: inv}.Hosts(t.Context(), part, 2)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q completes to %v, error %v", part, got, err)
		}
	}
	rotas, err := console.OnCall{Rules: w.cfg.Rules, Roster: w.cfg.Roster}.Rotas(t.Context(), "en", now, now.AddDate(0, 0, 14))
	if err != nil || len(rotas) != 1 || rotas[0].Team != "インフラ" || len(rotas[0].Shifts) < 2 {
		t.Errorf("%+v, error %v", rotas, err)
	}
}

// knowHow is what the pages show of the know-how.
func (w *world) knowHow() console.KnowHow {
	up := &upkeep.Flow{Store: w.st, Roster: w.cfg.Roster, KnowHow: func() *knowhow.Base { return w.base },
		Places: upkeep.Places{Site: "http://tebiki", Ticket: func(key string) string { return "/tickets/" + key }}}
	return console.KnowHow{Library: library{w.base}, Roster: w.cfg.Roster, Store: w.st, Upkeep: up, Log: slog.New(slog.DiscardHandler)}
}

// TestUseIsCounted: what is looked at, searched for and rated is in the
// report, with who rated it.
func TestUseIsCounted(t *testing.T) {
	w := newWorld(t)
	k := w.knowHow()
	_, _ = k.Entry(t.Context(), leader, "account")
	_, _ = k.Entry(t.Context(), leader, "none")
	_, _ = k.Search(t.Context(), leader, "useradd", true)
	_, _ = k.Search(t.Context(), leader, "zzqqxx", true)
	for range 2 {
		if err := k.Outdated(t.Context(), leader, "user", "account", "The <b>form</b> has moved"); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Outdated(t.Context(), leader, "user", "../x", ""); err != nil { // of the whole component
		t.Error(err)
	}
	_, _ = k.Search(t.Context(), leader, "zzqqxx", false) // from the report itself
	w.notFound("rate", k.Outdated(t.Context(), leader, "none", "", "x"))
	var no *web.Refusal
	if err := k.Outdated(t.Context(), leader, "user", "", strings.Repeat("長", 3001)); !errors.As(err, &no) {
		t.Errorf("too long a remark: %v", err)
	}
	r, err := k.Report(t.Context(), "en", 30)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, l := range r.Lists {
		got[l.Heading] = fmt.Sprint(l.Lines)
	}
	for heading, want := range map[string]string{
		"Used most":                   "opened: 1",
		"Rated out of date":           "ratings: 2, remarks: 1",
		"Searches that found nothing": "zzqqxx http://tebiki/knowhow?from=report&q=zzqqxx",
	} {
		if !strings.Contains(got[heading], want) {
			t.Errorf("%s: %s, want %q", heading, got[heading], want)
		}
	}
	w.st.Fail(errors.New("full"))
	if _, err := k.Entry(t.Context(), leader, "account"); err != nil {
		t.Errorf("a page that cannot be counted is not shown: %v", err)
	}
}

func TestKnowHow(t *testing.T) {
	w := newWorld(t)
	k := w.knowHow()
	e, err := k.Entry(t.Context(), web.Person{ID: "sato", Lang: "ja"}, "user")
	if err != nil {
		t.Fatal(err)
	}
	w.same("entry", []string{e.Component, e.Title, e.Team, e.Alerts[0], e.Subtickets[0].Doc.Owner},
		[]string{"account", "アカウント", "Platform", "check: login*, a: 1, b: 2", "佐藤"})
	fields, err := k.Fields(t.Context(), "en", "user")
	if err != nil || len(fields) != 1 || !fields[0].Required || fields[0].Label != "Account name" {
		t.Errorf("%+v, error %v", fields, err)
	}
	if _, err := regexp.Compile(fields[0].Pattern); err != nil {
		t.Error(err)
	}
	hits, err := k.Search(t.Context(), leader, "useradd", true)
	if err != nil || len(hits) != 1 || hits[0].Component != "account" {
		t.Errorf("%+v, error %v", hits, err)
	}
}
