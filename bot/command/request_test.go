package command_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/command"
	"tebiki/knowhow/check"
)

// form asks for the form.
func (w *world) form(from, line string) chat.Form {
	w.Helper()
	r, err := w.h.Command(w.Context(), chat.Command{From: from, Line: line})
	if err != nil || r.Form == nil {
		w.Fatalf("%s: %+v, error %v", line, r, err)
	}
	return *r.Form
}

// answers fills a form in over what stands there already.
func answers(from string, f chat.Form, values map[string]string) chat.Answers {
	a := chat.Answers{From: from, Form: f.ID, State: f.State, Values: map[string]string{}}
	for _, field := range f.Fields {
		a.Values[field.Name] = field.Value
	}
	maps.Copy(a.Values, values)
	return a
}

func field(t *testing.T, f chat.Form, name string) chat.Field {
	t.Helper()
	i := slices.IndexFunc(f.Fields, func(one chat.Field) bool { return one.Name == name })
	if i < 0 {
		t.Fatalf("no field %q in %+v", name, f.Fields)
	}
	return f.Fields[i]
}

func (w *world) submit(a chat.Answers) (chat.Reply, map[string]string) {
	w.Helper()
	r, faults, err := w.h.Submit(w.Context(), a)
	if err != nil {
		w.Errorf("submit: %v", err)
	}
	return r, faults
}

func (w *world) all() []tracker.Ticket {
	w.Helper()
	list, err := w.h.Tickets.List(w.Context(), web.TicketFilter{})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func TestRequestMakesOneTicket(t *testing.T) {
	w := newWorld(t)
	f := w.form("lee", "/request disk")
	if got := field(t, f, "component"); got.Value != "disk-full" || got.Choices[0] != (chat.Choice{Value: "disk-full", Label: "Disk full"}) {
		t.Errorf("%+v", got)
	}
	a := answers("lee", f, map[string]string{"title": " /var is\nfull ", "server": "web1.example.jp", "details": "since *noon*"})
	for range 2 { // sent twice, made once
		r, faults := w.submit(a)
		w.want(show(r), "T-1 is made", `[T\-1 \/var is full](`)
		if len(faults) > 0 {
			t.Error(faults)
		}
	}
	made := w.all()
	if len(made) != 1 {
		t.Fatalf("%d tickets", len(made))
	}
	got, err := w.local.Ticket(t.Context(), made[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	want := tracker.Ticket{Component: "disk-full", Title: "/var is full", Body: "since *noon*", Reporter: "lee", Fields: map[string]string{"host": "web1.example.jp"}}
	if diff := cmp.Diff(want, tracker.Ticket{Component: got.Component, Title: got.Title, Body: got.Body, Reporter: got.Reporter, Fields: got.Fields}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.HasPrefix(got.Label, "tebiki/") {
		t.Errorf("the label %q is one of Tebiki's own: nobody would prepare this ticket", got.Label)
	}
}

func TestOthersCannotTakeALabel(t *testing.T) {
	w := newWorld(t)
	f := w.form("lee", "/request disk")
	for _, who := range []string{"lee", "smith"} {
		if r, faults := w.submit(answers(who, f, map[string]string{"title": who})); r.Title == "" || len(faults) > 0 {
			t.Errorf("%s: %+v %v", who, r, faults)
		}
	}
	if n := len(w.all()); n != 2 {
		t.Errorf("%d tickets", n)
	}
}

func TestReloadBringsTheComponentsFields(t *testing.T) {
	w := newWorld(t)
	f := w.form("tanaka", "/request mx を足したい")
	if got := field(t, f, "title").Value; got != "mx を足したい" {
		t.Errorf("the title is %q", got)
	}
	a := answers("tanaka", f, map[string]string{"component": "dns", "details": "急ぎ", "field.note": "x"})
	again, err := w.h.Reload(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	name := field(t, again, "field.name")
	if name.Label != "名前" || !name.Required || name.Hint != "[a-z]+ に合う値を入れてください" {
		t.Errorf("%+v", name)
	}
	for field, want := range map[string]string{"component": "dns", "details": "急ぎ", "title": "mx を足したい", "field.note": "x"} {
		if got := valueOf(again, field); got != want {
			t.Errorf("%s holds %q, want %q", field, got, want)
		}
	}
	if len(w.checks.asked) > 0 || len(again.Intro) > 0 {
		t.Errorf("checks ran without their parameters: %v", w.checks.asked)
	}
	a.Values["component"] = "gone"
	if again, err = w.h.Reload(t.Context(), a); err != nil || valueOf(again, "component") != "" || len(again.Fields) != 4 {
		t.Errorf("%+v, error %v", again, err)
	}
}

func valueOf(f chat.Form, name string) string {
	for _, one := range f.Fields {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

func TestSettingsAreShownBeforeSending(t *testing.T) {
	w := newWorld(t)
	a := answers("smith", w.form("smith", "/request dns"), map[string]string{"title": "x", "server": "www", "field.name": "mx"})
	r, faults := w.submit(a)
	if r.Form == nil || len(faults) > 0 || len(w.all()) > 0 {
		t.Fatalf("%+v %v", r, faults)
	}
	w.want(r.Form.Intro[0].Heading+r.Form.Intro[0].Markdown, "Current settings", "This is how it is now", "NXDOMAIN", "bytes cut here")
	if n := len(r.Form.Intro[0].Markdown); n > 1000 {
		t.Errorf("the settings have %d bytes", n)
	}
	other, _ := w.submit(answers("smith", *r.Form, map[string]string{"field.name": "ns"}))
	if other.Form == nil {
		t.Error("the settings of other values were not shown")
	}
	sent, faults := w.submit(answers("smith", *r.Form, nil))
	w.want(show(sent), "T-1 is made")
	want := map[string]string{"host": "www", "name": "mx", "requester": "smith"}
	if diff := cmp.Diff(want, w.checks.asked[0]); diff != "" || len(faults) > 0 || len(w.checks.asked) != 2 {
		t.Errorf("%v, asked %d times (-want +got):\n%s", faults, len(w.checks.asked), diff)
	}
	shown, err := w.h.Reload(t.Context(), a)
	if err != nil || len(shown.Intro) != 1 {
		t.Fatalf("%+v, error %v", shown.Intro, err)
	}
	if r, _ := w.submit(answers("smith", shown, nil)); r.Form != nil {
		t.Error("the settings were shown twice")
	}
}

// Settings that cannot be had keep nobody from asking.
func TestSettingsThatCameLate(t *testing.T) {
	w := newWorld(t)
	w.checks.ended = check.Stopped // by the time that a person waits
	r, _ := w.submit(answers("smith", w.form("smith", "/request dns"), map[string]string{"title": "x", "server": "www", "field.name": "mx"}))
	if r.Form == nil {
		t.Fatalf("%+v", r)
	}
	w.want(r.Form.Intro[0].Markdown, "it took longer than it may")
	r, _ = w.submit(answers("smith", *r.Form, nil))
	w.want(r.Title, "T-1 is made")
}

func TestFaultsOfARequest(t *testing.T) {
	long := strings.Repeat("長", 4000)
	for _, c := range []struct {
		from         string
		values       map[string]string
		field, fault string
	}{
		{"lee", nil, "title", "Please fill in “What it is about, in one line”."},
		{"tanaka", nil, "title", "「件名」を入力してください。"},
		{"lee", map[string]string{"component": ""}, "component", "Please fill in “Component”."},
		{"lee", map[string]string{"component": "gone"}, "component", "no know-how for this component any more"},
		{"tanaka", map[string]string{"component": long}, "component", "この区分の手順書はなくなりました"},
		{"lee", nil, "field.name", "Please fill in “Name”."},
		{"tanaka", map[string]string{"field.name": "MX; rm -rf /"}, "field.name", "「名前」の形が合いません。[a-z]+ に合う"},
		{"lee", map[string]string{"field.name": "a\nb"}, "field.name", "must match [a-z]+"},
		{"lee", map[string]string{"field.name": "-a"}, "field.name", "must match [a-z]+"},
		{"lee", map[string]string{"field.note": long}, "field.note", "“Note” is too long: at most 3000"},
		{"lee", map[string]string{"title": long}, "title", "at most 250"},
		{"tanaka", map[string]string{"details": long}, "details", "「詳細」が長すぎます。3000文字"},
		{"lee", map[string]string{"server": "$(reboot)"}, "server", "The inventory has no server “$(reboot)”"},
		{"lee", map[string]string{"server": "-oProxyCommand=x"}, "server", "no server"},
		{"lee", map[string]string{"component": "disk-full", "server": "mars.example.jp"}, "server", "no server “mars.example.jp”"},
		{"tanaka", map[string]string{"server": long}, "server", "「サーバー」が長すぎます"},
	} {
		w := newWorld(t)
		a := answers(c.from, w.form(c.from, "/request dns"), c.values)
		_, faults := w.submit(a)
		if !strings.Contains(faults[c.field], c.fault) || len(faults[c.field]) > 1000 {
			t.Errorf("%.60v: %s has the fault %q, want %q; all: %.500v", c.values, c.field, faults[c.field], c.fault, faults)
		}
		if len(w.all()) > 0 || len(w.checks.asked) > 0 {
			t.Errorf("%.60v: something was done all the same", c.values)
		}
	}
}

// A host that checks can look at may be outside of the inventory, and any may
// be asked for while the inventory is away.
func TestAnyServer(t *testing.T) {
	w := newWorld(t)
	f := w.form("lee", "/request dns")
	values := map[string]string{"title": "x", "field.name": "mx", "server": "mars.example.jp"}
	if r, faults := w.submit(answers("lee", f, values)); r.Form == nil || len(faults) > 0 {
		t.Errorf("%+v %v", r, faults)
	}
	w.h.Inventory = away{}
	if r, faults := w.submit(answers("lee", f, map[string]string{"title": "x", "component": "disk-full", "server": "mars"})); r.Title == "" || len(faults) > 0 {
		t.Errorf("%+v %v", r, faults)
	}
	if _, err := w.h.Options(t.Context(), answers("lee", f, nil), "server", "w"); err == nil {
		t.Error("an inventory that is away is not in the log")
	}
}

type away struct{}

func (away) Server(context.Context, string) (inventory.Server, error) {
	return inventory.Server{}, &adapters.Error{Op: "ask", Code: adapters.Unavailable, Err: errors.New("down")}
}

func (a away) Servers(ctx context.Context) ([]inventory.Server, error) {
	_, err := a.Server(ctx, "")
	return nil, err
}

func TestServersAreCompleted(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ component, typed, want string }{
		{"disk-full", "", "[db-web.example.jp web1.example.jp web2.example.jp]"},
		{"disk-full", "web", "[web1.example.jp web2.example.jp db-web.example.jp]"},
		{"disk-full", " WEB1.example.JP ", "[web1.example.jp]"},
		{"disk-full", "www", "[www]"}, // an alias
		{"disk-full", "mars", "[]"},
		{"dns", "mars", "[mars]"},
		{"dns", "mars;", "[]"},
		{"dns", strings.Repeat("m", 200), "[]"},
		{"gone", "mars", "[]"},
	} {
		a := answers("lee", w.form("lee", "/request"), map[string]string{"component": c.component})
		choices, err := w.h.Options(t.Context(), a, "server", c.typed)
		got := []string{}
		for _, one := range choices {
			got = append(got, one.Value)
		}
		if fmt.Sprint(got) != c.want || err != nil {
			t.Errorf("%s, %q: %v, want %s; error %v", c.component, c.typed, got, c.want, err)
		}
	}
	if got, err := w.h.Options(t.Context(), answers("lee", w.form("lee", "/request"), nil), "title", "w"); len(got) > 0 || err == nil {
		t.Errorf("%v, error %v", got, err)
	}
}

func TestManyServers(t *testing.T) {
	w := newWorld(t)
	w.h.Inventory = many{}
	a := answers("lee", w.form("lee", "/request dns"), nil)
	if got, err := w.h.Options(t.Context(), a, "server", "host"); len(got) != 100 || got[0].Value != "host" || err != nil {
		t.Errorf("%d choices, error %v", len(got), err)
	}
}

type many struct{ away }

func (many) Servers(context.Context) (out []inventory.Server, err error) {
	for i := range 5000 {
		out = append(out, inventory.Server{Host: fmt.Sprintf("host%d", i)})
	}
	return out, nil
}

func TestFormsOfNobody(t *testing.T) {
	w := newWorld(t)
	good := answers("lee", w.form("lee", "/request disk"), map[string]string{"title": "x"})
	for name, spoil := range map[string]func(*chat.Answers){
		"another form":  func(a *chat.Answers) { a.Form = "rm -rf" },
		"no state":      func(a *chat.Answers) { a.State = "" },
		"a long state":  func(a *chat.Answers) { a.State = strings.Repeat("x", 5000) + "/" },
		"a made-up one": func(a *chat.Answers) { a.State = "../tebiki/1/x" },
		"a stranger":    func(a *chat.Answers) { a.From = "nobody" },
		"no one":        func(a *chat.Answers) { a.From = "" },
	} {
		a := good
		spoil(&a)
		r, faults, err := w.h.Submit(t.Context(), a)
		stranger := a.From != "lee"
		if len(faults) > 0 || (err == nil) != stranger || stranger && !strings.Contains(r.Title, "I do not know you") || !stranger && !strings.Contains(r.Title, "/request") {
			t.Errorf("%s: %q %v, error %v", name, r.Title, faults, err)
		}
		if _, err := w.h.Reload(t.Context(), a); err == nil {
			t.Errorf("%s: it was loaded again", name)
		}
		if got, err := w.h.Options(t.Context(), a, "server", "web"); err == nil || len(got) > 0 {
			t.Errorf("%s: was told of %v", name, got)
		}
	}
	if len(w.all()) > 0 {
		t.Error("a ticket was made")
	}
}

// What was written is not lost when the tracker does not take it.
func TestATrackerThatFails(t *testing.T) {
	w := newWorld(t)
	a := answers("tanaka", w.form("tanaka", "/request disk"), map[string]string{"title": "x"})
	real := w.h.Tracker
	for code, want := range map[adapters.Code]string{adapters.Refused: "リーダーに知らせて", adapters.Unavailable: "もう一度お試しください"} {
		w.h.Tracker = refusing{real, code}
		if _, faults, err := w.h.Submit(t.Context(), a); err == nil || !strings.Contains(faults["title"], want) {
			t.Errorf("%v: %v, error %v", code, faults, err)
		}
	}
	w.h.Tracker = real
	r, _ := w.submit(a)
	w.want(r.Title, "T-1 を作成しました")
}

type refusing struct {
	tracker.Tracker
	code adapters.Code
}

func (r refusing) Create(context.Context, tracker.Draft) (tracker.Ticket, error) {
	return tracker.Ticket{}, &adapters.Error{Op: "create", Code: r.code, Err: errors.New("secret")}
}

var _ command.Tickets = (web.Tickets)(nil)
