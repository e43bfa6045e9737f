package jira

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// hostField is a custom field for the host, and what maps to it.
func hostField(f jiratest.Field) jiratest.Option {
	f.ID, f.Name = "customfield_10100", "Affected host"
	return jiratest.WithFields(f)
}

func hostIn(o *Options) { o.Fields = map[string]string{"host": "Affected host"} }

// TestLeftOut makes a ticket all the same, and says what is not in it.
func TestLeftOut(t *testing.T) {
	full := tracker.Draft{
		Label: "a", Title: "x", Component: "disk", Assignee: "tanaka", Reporter: "sato", Priority: tracker.Urgent,
		Fields: map[string]string{"host": "web1"}, Links: []tracker.Link{{Title: "kb", URL: "https://kb.example.jp"}}, Body: "Please",
	}
	for _, test := range []struct {
		name  string
		set   func(*Options)
		with  jiratest.Option
		do    func(*bench)
		draft func(*tracker.Draft)
		field string // that is left out; "" for none
		value string
		why   string
		check func(*testing.T, tracker.Ticket, *jiratest.Issue)
	}{
		{name: "nothing"},
		{name: "an unknown component", draft: func(d *tracker.Draft) { d.Component = "coffee" }, field: "Component", value: "coffee", why: "no such component",
			check: func(t *testing.T, _ tracker.Ticket, i *jiratest.Issue) {
				if len(i.Components) != 0 {
					t.Errorf("it has the components %v", i.Components)
				}
			}},
		{name: "an unknown component, another for it", set: func(o *Options) { o.Component = "new-subdomain" }, draft: func(d *tracker.Draft) { d.Component = "coffee" }, field: "Component", value: "coffee", why: "no such component",
			check: func(t *testing.T, got tracker.Ticket, _ *jiratest.Issue) {
				if got.Component != "new-subdomain" {
					t.Errorf("it has the component %q", got.Component)
				}
			}},
		{name: "a component that was renamed since", set: func(o *Options) { o.Component = "new-subdomain" }, do: func(b *bench) { b.RenameComponent("OPS", "disk", "storage") }, field: "Component", value: "disk", why: "'disk' is not valid",
			check: func(t *testing.T, got tracker.Ticket, _ *jiratest.Issue) {
				if got.Component != "new-subdomain" {
					t.Errorf("it has the component %q", got.Component)
				}
			}},
		{name: "a component in other letters", draft: func(d *tracker.Draft) { d.Component = "DISK" }},
		{name: "who is not assignable", with: jiratest.WithUsers(jiratest.User{Name: "guest", AccountID: "guest", Unassignable: true}), draft: func(d *tracker.Draft) { d.Assignee = "guest" }, field: "Assignee", value: "guest", why: "cannot be assigned"},
		{name: "who has left", do: func(b *bench) { b.Deactivate("tanaka") }, field: "Assignee", value: "tanaka", why: "cannot be assigned"},
		{name: "who never was", draft: func(d *tracker.Draft) { d.Assignee = "nobody" }, field: "Assignee", value: "nobody", why: "does not exist"},
		{name: "an assignee where none may be set", do: func(b *bench) { b.Forbid("ASSIGN_ISSUES") }, field: "Assignee", value: "tanaka", why: "cannot be set"},
		{name: "no assignee where none may be set", do: func(b *bench) { b.Forbid("ASSIGN_ISSUES") }, draft: func(d *tracker.Draft) { d.Assignee = "" }},
		{name: "a priority that is not there", set: func(o *Options) { o.Priorities = map[tracker.Priority]string{tracker.Urgent: "P0"} }, field: "Priority", value: "urgent", why: "'P0' is not valid"},
		{name: "a priority off the screen", with: jiratest.WithFields(jiratest.Field{ID: "priority", OffScreen: true}), field: "Priority", value: "urgent", why: "cannot be set"},
		{name: "a reporter where none may be set", do: func(b *bench) { b.Forbid("MODIFY_REPORTER") }, field: "Reporter", value: "sato", why: "cannot be set"},
		{name: "a link where none may be set", do: func(b *bench) { b.Forbid("LINK_ISSUES") }, field: "Link", value: "https://kb.example.jp", why: "permission"},
		{name: "a custom field", with: hostField(jiratest.Field{Type: jiratest.TextField}), set: hostIn, check: func(t *testing.T, _ tracker.Ticket, i *jiratest.Issue) {
			if i.Custom["customfield_10100"] != "web1" || strings.Contains(i.Description, "web1") {
				t.Errorf("the field is %v, the text %q", i.Custom, i.Description)
			}
		}},
		{name: "a custom field off the screen", with: hostField(jiratest.Field{OffScreen: true}), set: hostIn, field: "Affected host", value: "web1", why: "cannot be set", check: inText},
		{name: "a custom field without that option", with: hostField(jiratest.Field{Type: jiratest.SelectField, Options: []string{"web2"}}), set: hostIn, field: "Affected host", value: "web1", why: "'web1' is not valid", check: inText},
		{name: "a custom field for numbers", with: hostField(jiratest.Field{Type: jiratest.NumberField}), set: hostIn, field: "Affected host", value: "web1", why: "takes a number", check: inText},
		{name: "a custom field that is not there", set: hostIn, check: inText},
		{name: "a required field that has a value", with: jiratest.WithFields(jiratest.Field{ID: "customfield_10200", Name: "Cost centre", Type: jiratest.SelectField, Options: []string{"IT"}, Required: true}),
			set: func(o *Options) { o.Defaults = map[string]string{"cost centre": "IT"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				options := []jiratest.Option{withProject(jiratest.Classic(), true)}
				if test.with != nil {
					options = append(options, test.with)
				}
				b := newBench(t, kind, test.set, options...)
				b.warm()
				if test.do != nil {
					test.do(b)
				}
				d := full
				if test.draft != nil {
					test.draft(&d)
				}
				got := b.create(d)
				var fields []string
				for _, o := range got.Omitted {
					fields = append(fields, o.Field)
					if o.Value != test.value || !strings.Contains(o.Why, test.why) {
						t.Errorf("left out is %+v, want %q: %q", o, test.value, test.why)
					}
				}
				if want := slices.DeleteFunc([]string{test.field}, func(f string) bool { return f == "" }); !slices.Equal(fields, want) {
					t.Errorf("left out are %q, want %q", fields, want)
				}
				if got.Fields["host"] != "web1" || got.Body != "Please" {
					t.Errorf("the ticket is %+v", got)
				}
				if test.check != nil {
					test.check(t, got, b.only())
				}
				b.reopen() // as if the process had died before anybody was told
				if again := b.create(d); again.Key != got.Key || !slices.Equal(again.Omitted, got.Omitted) {
					t.Errorf("asked for again it is %+v", again)
				}
				time.Sleep(2 * time.Hour) // in the bubble's time
				if later := b.create(d); later.Key != got.Key || test.field != "Link" && len(later.Omitted) != 0 {
					t.Errorf("asked for again much later it is %+v", later)
				}
			})
		})
	}
}

func inText(t *testing.T, _ tracker.Ticket, i *jiratest.Issue) {
	if !strings.HasPrefix(i.Description, "* *host*: web1") {
		t.Errorf("the text is %q", i.Description)
	}
}

// TestRefusedDrafts says what Jira wants, in its users' words.
func TestRefusedDrafts(t *testing.T) {
	required := jiratest.WithFields(jiratest.Field{ID: "customfield_10200", Name: "Cost centre", Type: jiratest.TextField, Required: true})
	for _, test := range []struct {
		name  string
		set   func(*Options)
		with  jiratest.Option
		do    func(*bench)
		code  map[jiratest.Kind]adapters.Code
		words []string
	}{
		{name: "a required field", with: required, code: codes(adapters.Refused, adapters.Refused), words: []string{"Cost centre: Cost centre is required.", "tracker.defaults"}},
		{name: "a value for no field", set: func(o *Options) { o.Defaults = map[string]string{"Colour": "red"} }, code: codes(adapters.Refused, adapters.Refused), words: []string{`"Colour"`, "does not have"}},
		{name: "a value that it does not take", with: required, set: func(o *Options) { o.Defaults = map[string]string{"Cost centre": strings.Repeat("x", 300)} }, code: codes(adapters.Refused, adapters.Refused), words: []string{"Cost centre", "too long"}},
		{name: "labels off the screen", with: jiratest.WithFields(jiratest.Field{ID: "labels", OffScreen: true}), code: codes(adapters.Refused, adapters.Refused), words: []string{"put the field Labels on", "Labels: Field"}},
		{name: "an archived project", do: func(b *bench) { b.Archive("OPS") }, code: codes(adapters.Denied, adapters.Denied), words: []string{"archived or not visible", "restore it", "correct tracker.project", "OPS"}},
		{name: "no permission to create", do: func(b *bench) { b.Forbid("CREATE_ISSUES") }, code: codes(adapters.Denied, adapters.Denied), words: []string{"permission to create issues"}},
		{name: "a revoked token", do: func(b *bench) { b.Revoke() }, code: codes(adapters.Denied, adapters.Denied), words: []string{"does not take the token"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				options := []jiratest.Option{withProject(jiratest.Classic(), true)}
				if test.with != nil {
					options = append(options, test.with)
				}
				b := newBench(t, kind, test.set, options...)
				b.warm()
				if test.do != nil {
					test.do(b)
				}
				_, err := b.tr.Create(t.Context(), tracker.Draft{Label: "a", Title: "x", Component: "disk", Assignee: "tanaka"})
				if adapters.CodeOf(err) != test.code[kind] || !has(fmt.Sprint(err), test.words...) {
					t.Errorf("%v, want %v and %q", err, test.code[kind], test.words)
				}
				if n := len(b.Issues()); n != 0 {
					t.Errorf("there are %d issues", n)
				}
			})
		})
	}
}

func codes(dataCenter, cloud adapters.Code) map[jiratest.Kind]adapters.Code {
	return map[jiratest.Kind]adapters.Code{jiratest.DataCenter: dataCenter, jiratest.Cloud: cloud}
}

// TestMissingPermissions asks for what our user may not do.
func TestMissingPermissions(t *testing.T) {
	for _, test := range []struct {
		permission string
		do         func(context.Context, *Jira) error
		code       map[jiratest.Kind]adapters.Code
		words      string
	}{
		{"ADD_COMMENTS", func(ctx context.Context, j *Jira) error {
			return j.Comment(ctx, "OPS-1", tracker.Comment{Label: "c", Body: "x"})
		}, codes(adapters.Refused, adapters.Denied), "permission to comment"},
		{"EDIT_ISSUES", changes1(tracker.Change{Title: ptr("y")}), codes(adapters.Denied, adapters.Refused), "permission to edit"},
		{"ASSIGN_ISSUES", changes1(tracker.Change{Assignee: ptr("tanaka")}), codes(adapters.Denied, adapters.Denied), "permission to assign"},
		{"TRANSITION_ISSUES", changes1(tracker.Change{Status: ptr(tracker.Fixed)}), codes(adapters.Refused, adapters.Refused), "no way from"},
		{"BROWSE_PROJECTS", func(ctx context.Context, j *Jira) error { _, err := j.Ticket(ctx, "OPS-1"); return err }, codes(adapters.Denied, adapters.Denied), "permission Browse Projects"},
	} {
		t.Run(test.permission, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, nil, withProject(jiratest.Classic(), true))
				b.Create("sato", jiratest.Values{"summary": "x"})
				b.warm()
				b.Forbid(test.permission)
				err := test.do(t.Context(), b.tr)
				if adapters.CodeOf(err) != test.code[kind] || !has(fmt.Sprint(err), test.words, "OPS-1") {
					t.Errorf("%v, want %v and %q", err, test.code[kind], test.words)
				}
				b.Permit(test.permission)
				if err := test.do(t.Context(), b.tr); err != nil {
					t.Errorf("then, with permission: %v", err)
				}
			})
		})
	}
}

func changes1(c tracker.Change) func(context.Context, *Jira) error {
	return func(ctx context.Context, j *Jira) error { _, err := j.Change(ctx, "OPS-1", c); return err }
}

// TestCustomFields puts fields into custom ones of each type, and reads them.
func TestCustomFields(t *testing.T) {
	for _, test := range []struct {
		field       jiratest.Field
		value, back string
		kept        any
	}{
		{jiratest.Field{Type: jiratest.TextField}, "web1 *x* {code}", "web1 *x* {code}", "web1 *x* {code}"},
		{jiratest.Field{Type: jiratest.TextArea}, "web1\nweb2", "web1\nweb2", "web1\nweb2"},
		{jiratest.Field{Type: jiratest.NumberField}, " 12.5", "12.5", 12.5},
		{jiratest.Field{Type: jiratest.NumberField}, "1234567890", "1234567890", 1234567890.0},
		{jiratest.Field{Type: jiratest.SelectField, Options: []string{"東京", "Osaka"}}, "東京", "東京", "東京"},
		{jiratest.Field{Type: jiratest.MultiSelect, Options: []string{"a", "b", "c"}}, "a, c,", "a, c", []string{"a", "c"}},
		{jiratest.Field{Type: jiratest.LabelsField}, "x, y", "x, y", []string{"x", "y"}},
		{jiratest.Field{Type: jiratest.UserField}, "tanaka", "tanaka", nil},
	} {
		t.Run(string(test.field.Type)+" "+test.value, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, hostIn, withProject(jiratest.Classic(), true), hostField(test.field))
				got := b.create(tracker.Draft{Label: "a", Title: "x", Fields: map[string]string{"host": test.value, "name": "www"}})
				if got.Fields["host"] != test.back || got.Fields["name"] != "www" || len(got.Omitted) != 0 {
					t.Errorf("the ticket is %+v", got)
				}
				if kept := b.only().Custom["customfield_10100"]; test.kept != nil && !cmp.Equal(kept, test.kept) {
					t.Errorf("Jira keeps %#v, want %#v", kept, test.kept)
				}
				b.settle()
				all, err := b.tr.List(t.Context(), tracker.Filter{})
				if err != nil || len(all) != 1 || !cmp.Equal(all[0].Fields, got.Fields) {
					t.Errorf("the list is %+v, %v", all, err)
				}
			})
		})
	}
}

// TestHostileDrafts holds what anybody may type against what Jira takes: a
// ticket is made, of one line, with the words of the title, and its fields.
func TestHostileDrafts(t *testing.T) {
	text := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("{}[]!*_+-^~?|\\#:;@&<>\"'`\r\n\t\x00\u2028\u2060\ufeff～漢字ｶﾅ😀é \u202e")), rapid.Rune()))
	benches := map[jiratest.Kind]*bench{}
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		benches[kind] = newBench(t, kind, nil, withProject(jiratest.Classic(), true), jiratest.WithoutRecord(), jiratest.WithLag(0))
	}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		b := benches[rapid.SampledFrom([]jiratest.Kind{jiratest.DataCenter, jiratest.Cloud}).Draw(rt, "kind")]
		n++
		title, body, value := text.Draw(rt, "title"), text.Draw(rt, "body"), text.Draw(rt, "value")
		body = strings.Repeat(body, rapid.SampledFrom([]int{1, 1, 1, 3000}).Draw(rt, "length"))
		got, err := b.tr.Create(t.Context(), tracker.Draft{Label: fmt.Sprint("n", n), Title: title, Body: body, Fields: map[string]string{"host": value}})
		if adapters.CodeOf(err) == adapters.Refused && has(err.Error(), "the title is empty") {
			if want, _ := summary(title); want != "" {
				rt.Fatalf("%q is no title: %v", title, err)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		if want, _ := summary(title); got.Title != want || len(utf16.Encode([]rune(want))) > maxSummary {
			rt.Fatalf("the title is %q, want %q", got.Title, want)
		}
		i := b.Issue(got.Key)
		if size := len(utf16.Encode([]rune(i.Description))); size > 32767 {
			rt.Fatalf("the description has %d characters", size)
		}
		if len(got.Fields) > 1 {
			rt.Fatalf("the fields are %q of %q", got.Fields, i.Description)
		}
	})
}
