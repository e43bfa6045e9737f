package redmine

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/redmine/redminetest"
	"tebiki/store"
)

func (b *bench) create(r *Redmine, d tracker.Draft) tracker.Ticket {
	b.t.Helper()
	got, err := r.Create(b.t.Context(), d)
	if err != nil {
		b.t.Fatalf("Create(%q): %v", d.Label, err)
	}
	return got
}

func wantError(t *testing.T, what string, err error, code adapters.Code, words ...string) {
	t.Helper()
	if err == nil || adapters.CodeOf(err) != code {
		t.Errorf("%s: %v, want the code %v", what, err, code)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %v does not say %q", what, err, w)
		}
	}
}

func TestOmitted(t *testing.T) {
	b := setUp(t, func(o *Options) { o.Priorities = map[tracker.Priority]string{tracker.Low: "Trivial"} })
	outsider := formatKey(b.Outsider(t).ID)
	r := b.open()
	for _, c := range []struct {
		name  string
		draft tracker.Draft
		want  []tracker.Omission
	}{
		{"nothing", tracker.Draft{Component: "disk", Assignee: b.id("sato"), Priority: tracker.Urgent}, nil},
		{"no category", tracker.Draft{Component: "dns"}, []tracker.Omission{{Field: "Category", Value: "dns", Why: "the project has no category of this name"}}},
		{"no member", tracker.Draft{Component: "disk", Assignee: outsider}, []tracker.Omission{{Field: "Assignee", Value: outsider, Why: "Assignee is invalid"}}},
		{"no number", tracker.Draft{Assignee: "sato"}, []tracker.Omission{{Field: "Assignee", Value: "sato", Why: peopleAreNumbers}}},
		{"no priority", tracker.Draft{Priority: tracker.Low}, []tracker.Omission{{Field: "Priority", Value: "Trivial", Why: "Redmine has no such priority"}}},
	} {
		c.draft.Label, c.draft.Title = c.name, c.name
		got := b.create(r, c.draft)
		if d := cmp.Diff(c.want, got.Omitted); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if again := b.create(b.open(), c.draft); again.Key != got.Key || cmp.Diff(c.want, again.Omitted) != "" {
			t.Errorf("%s: again it is %s, was %s", c.name, again.Key, got.Key)
		}
	}
	r.opt.Fallback = "new-subdomain"
	if got := b.create(r, tracker.Draft{Label: "f", Title: "f", Component: "dns"}); got.Component != "new-subdomain" || len(got.Omitted) != 1 || !strings.Contains(got.Omitted[0].Why, `"new-subdomain" instead`) {
		t.Errorf("with a fallback: %q, %+v", got.Component, got.Omitted)
	}
}

// refuser answers a POST as Redmine does when it requires or refuses a field.
type refuser func(body string) string

func (f refuser) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		body := new(strings.Builder)
		copied := *r
		got, _ := r.GetBody()
		defer got.Close()
		buf := make([]byte, 64<<10)
		n, _ := got.Read(buf)
		body.Write(buf[:n])
		if said := f(body.String()); said != "" {
			return answer(&copied, 422, http.Header{"Content-Type": {"application/json"}}, said)
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What was left out is told although the answer was lost, or the process died
// after it.
func TestOmittedWithFaults(t *testing.T) {
	b := setUp(t, nil)
	outsider := formatKey(b.Outsider(t).ID)
	want := []tracker.Omission{{Field: "Category", Value: "dns", Why: "the project has no category of this name"}, {Field: "Assignee", Value: outsider, Why: "Assignee is invalid"}}
	for n := range 2 { // the second request is the one that makes it
		d := tracker.Draft{Label: fmt.Sprint("o", n), Title: "t", Component: "dns", Assignee: outsider}
		broken := &breaker{at: -1}
		b.opt.Transport = broken
		r := b.open()
		if _, err := r.ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		broken.arm(n, answerLost, nil)
		_, _ = r.Create(t.Context(), d)
		b.opt.Transport = http.DefaultTransport
		if got := b.create(b.open(), d); cmp.Diff(want, got.Omitted) != "" {
			t.Errorf("lost at request %d: %s", n, cmp.Diff(want, got.Omitted))
		}
		if all := b.As(t, b.Bot).Find("project_id=" + b.Identifier); len(all) != n+1 {
			t.Errorf("there are %d tickets", len(all))
		}
	}
}

func TestRequiredField(t *testing.T) {
	b := setUp(t, func(o *Options) {
		o.Transport = refuser(func(string) string { return `{"errors":["Environment cannot be blank"]}` })
	})
	_, err := b.open().Create(t.Context(), tracker.Draft{Label: "l", Title: "t", Component: "disk", Priority: tracker.Urgent})
	wantError(t, "a required field", err, adapters.Refused, "Environment cannot be blank", "fields or values")
	b.opt.Transport = http.DefaultTransport
	if got := b.create(b.open(), tracker.Draft{Label: "l", Title: "t"}); len(got.Omitted) != 0 {
		t.Errorf("later: %+v", got)
	}
}

func TestRefusedField(t *testing.T) {
	b := setUp(t, func(o *Options) {
		o.Fields = map[string]string{"host": "Server"}
		o.Transport = refuser(func(body string) string {
			if strings.Contains(body, `"value":"web1"`) {
				return `{"errors":["Server is invalid"]}`
			}
			return ""
		})
	})
	b.As(t, b.People["sato"]).Create(b.Project, "shows the field", nil)
	r := b.open()
	got := b.create(r, tracker.Draft{Label: "l", Title: "t", Component: "disk", Assignee: b.id("sato"), Fields: map[string]string{"host": "web1"}})
	want := []tracker.Omission{{Field: "Server", Value: "web1", Why: "Server is invalid"}}
	if d := cmp.Diff(want, got.Omitted); d != "" || got.Fields["host"] != "web1" || got.Component != "disk" || got.Assignee != b.id("sato") {
		t.Errorf("made %+v (-want +got):\n%s", got, d)
	}
}

func TestCustomFields(t *testing.T) {
	b := setUp(t, func(o *Options) { o.Fields = map[string]string{"host": "server"} })
	r := b.open()
	for i := range 2 { // the first comes before any issue shows the field
		got := b.create(r, tracker.Draft{Label: fmt.Sprint(i), Title: "t", Body: "b", Fields: map[string]string{"host": "web1.example.jp", "name": "www2"}})
		if d := cmp.Diff(map[string]string{"host": "web1.example.jp", "name": "www2"}, got.Fields); d != "" || got.Body != "b" {
			t.Errorf("ticket %d: body %q, fields (-want +got):\n%s", i, got.Body, d)
		}
		id, _ := parseKey(got.Key)
		if kept := b.As(t, b.Bot).Issue(id); i == 1 && (kept.CustomFields[0].Value != "web1.example.jp" || strings.Contains(kept.Description, "host")) {
			t.Errorf("kept %+v", kept)
		}
	}
}

func TestLabels(t *testing.T) {
	for name, field := range map[string]string{"in the text": "", "in a field": "Server"} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, func(o *Options) { o.LabelField = field })
			bot := b.As(t, b.Bot)
			const label = "tebiki/inc 1/#12 {{x}} 漢 *b*"
			for i := range 2 { // the first shows the field's id, the second that it keeps labels
				b.create(b.open(), tracker.Draft{Label: fmt.Sprint("before ", i), Title: "t"})
			}
			made := b.create(b.open(), tracker.Draft{Label: label, Title: "t", Body: "b"})
			id, _ := parseKey(made.Key)
			kept := bot.Issue(id)
			if inText := strings.Contains(kept.Description, "tebiki: "); made.Label != label || inText != (field == "") {
				t.Errorf("label %q, kept in %q and %v", made.Label, kept.Description, kept.CustomFields)
			}
			copied := redminetest.Fields{"description": kept.Description}
			if field != "" {
				copied["custom_fields"] = []redminetest.Fields{{"id": b.ServerField, "value": kept.CustomFields[0].Value}}
			}
			theirs := b.As(t, b.People["sato"]).Create(b.Project, "copy", copied)
			r := b.open()
			if got, err := r.Ticket(t.Context(), formatKey(theirs.ID)); err != nil || got.Label != label+"@copy" {
				t.Errorf("a person's copy has the label %q, %v", got.Label, err)
			}
			b.opt.Store = store.NewMemory()
			other := b.open()
			if got := b.create(other, tracker.Draft{Label: label, Title: "theirs"}); got.Key == made.Key || got.Label != label {
				t.Errorf("another folder's: %+v", got)
			}
			got, err := other.Ticket(t.Context(), made.Key)
			if err != nil || !strings.HasPrefix(got.Label, label+"@") || got.Body != "b" {
				t.Errorf("seen from another folder: %+v, %v", got, err)
			}
		})
	}
}

func TestMadeAnewWhenDeleted(t *testing.T) {
	b := setUp(t, nil)
	r := b.open()
	d := tracker.Draft{Label: "l", Title: "t"}
	first := b.create(r, d)
	b.create(r, tracker.Draft{Label: "later", Title: "t"}) // SQLite gives a last number again
	id, _ := parseKey(first.Key)
	b.Admin(t).Delete(id)
	again := b.create(r, d)
	if again.Key == first.Key || b.create(r, d).Key != again.Key {
		t.Errorf("made %s, deleted, made %s", first.Key, again.Key)
	}
}

func TestProjectIsGone(t *testing.T) {
	for name, end := range map[string]func(*redminetest.Project){
		"closed":   func(p *redminetest.Project) { p.Close(t) },
		"archived": func(p *redminetest.Project) { p.Archive(t) },
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, nil)
			r := b.open()
			made := b.create(r, tracker.Draft{Label: "l", Title: "t"})
			cursor, err := r.Since(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			end(b.Project)
			_, err = r.Create(t.Context(), tracker.Draft{Label: "m", Title: "t"})
			wantError(t, "create", err, adapters.Denied, "closed or archived")
			wantError(t, "comment", r.Comment(t.Context(), made.Key, tracker.Comment{Body: "b"}), adapters.Denied, "closed or archived")
			if name == "closed" {
				return // it can still be read
			}
			_, err = r.Ticket(t.Context(), made.Key)
			wantError(t, "read", err, adapters.Denied, "archived")
			_, err = r.Since(t.Context(), cursor.Cursor)
			wantError(t, "poll", err, adapters.Denied, "archived")
		})
	}
}

func TestWrongKey(t *testing.T) {
	b := setUp(t, func(o *Options) { o.Key = "wrong" })
	r := b.open()
	for range 3 {
		_, err := r.Ticket(t.Context(), "1")
		wantError(t, "a wrong key", err, adapters.Denied, "My account", "REST")
	}
}

func TestNew(t *testing.T) {
	good := Options{Address: "https://redmine.example.jp/sub/", Key: "k", Project: "ops", Store: store.NewMemory()}
	r, err := New(good)
	if err != nil || r.URL("12") != "https://redmine.example.jp/sub/issues/12" || r.URL("x") != "" {
		t.Errorf("%v, %q", err, r.URL("12"))
	}
	for name, change := range map[string]func(*Options){
		"redmine.example": func(o *Options) { o.Address = "redmine.example" },
		"no key":          func(o *Options) { o.Key = " " },
		"identifier":      func(o *Options) { o.Project = "My Project" },
		"format":          func(o *Options) { o.Format = "wiki" },
		"want PEM":        func(o *Options) { o.CA = []byte("x") },
		"want open":       func(o *Options) { o.Statuses = map[tracker.Status][]string{"done": nil} },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusedChanges(t *testing.T) {
	b := setUp(t, nil)
	r := b.open()
	parent := b.create(r, tracker.Draft{Label: "p", Title: "p"})
	b.create(r, tracker.Draft{Label: "s", Title: "s", Parent: parent.Key})
	closed, outsider, nobody := tracker.Closed, formatKey(b.Outsider(t).ID), "sato"
	_, err := r.Change(t.Context(), parent.Key, tracker.Change{Status: &closed})
	wantError(t, "closing a parent of open tickets", err, adapters.Refused, `"Resolved"`, "parent of open tickets")
	_, err = r.Change(t.Context(), parent.Key, tracker.Change{Assignee: &outsider})
	wantError(t, "assigning to an outsider", err, adapters.Refused, "Assignee is invalid")
	_, err = r.Change(t.Context(), parent.Key, tracker.Change{Assignee: &nobody})
	wantError(t, "assigning by name", err, adapters.Refused, "numbers")
}

func TestMoved(t *testing.T) {
	b := setUp(t, nil)
	r := b.open()
	made := b.create(r, tracker.Draft{Label: "l", Title: "t"})
	begin, err := r.Since(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	to := b.Server.Project(t)
	id, _ := parseKey(made.Key)
	admin := b.Admin(t)
	admin.Move(id, to)
	got, err := r.Since(t.Context(), begin.Cursor)
	if err != nil || len(got.Gone) != 1 || got.Gone[0] != made.Key {
		t.Errorf("moved away: %+v, %v", got, err)
	}
	_, err = r.Ticket(t.Context(), made.Key)
	wantError(t, "read", err, adapters.NotFound, to.Identifier)
	admin.Move(id, b.Project)
	back, err := r.Since(t.Context(), got.Cursor)
	if err != nil || len(back.Tickets) != 1 || back.Tickets[0].Key != made.Key || len(back.Gone) != 0 {
		t.Errorf("moved back: %+v, %v", back, err)
	}
}
