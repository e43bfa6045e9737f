package jira

import (
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/tracker/jira/jiratest/contract"
)

var expected = tracker.Expect{Components: []string{"disk", "new-subdomain"}, People: []string{"tanaka", "sato", "suzuki"}}

func kinds(t *testing.T, test func(*testing.T, jiratest.Kind)) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		t.Run(string(kind), func(t *testing.T) { test(t, kind) })
	}
}

func TestDoctorFindsNothing(t *testing.T) {
	kinds(t, func(t *testing.T, kind jiratest.Kind) {
		fake := jiratest.New(t, kind, jiratest.WithoutNetwork(), withProject(jiratest.Classic(), true), people3())
		j := open(t, fake, func(o *Options) { o.Transport = contract.Transport(t, kind, fake.Transport()) })
		got := j.Doctor(t.Context(), expected)
		if len(got.Found) != 0 {
			t.Errorf("found: %+v", got.Found)
		}
		for _, want := range []string{"Asia/Tokyo", "sub-tickets are Sub-Task", "fixed is Resolved; closed is Closed", "urgent is Highest, low is Low", "clock is 0s ahead"} {
			if !strings.Contains(strings.Join(got.Facts, "\n"), want) {
				t.Errorf("%q does not say %q", got.Facts, want)
			}
		}
		if fake.Count("POST *", "PUT *", "DELETE *") != 0 {
			t.Error("the doctor changed something")
		}
	})
}

// TestDoctorFinds has one fault each, and what is told of it.
func TestDoctorFinds(t *testing.T) {
	ops := withProject(jiratest.Classic(), true)
	for _, test := range []struct {
		name   string
		with   []jiratest.Option
		before func(*jiratest.Jira)
		change func(*Options)
		about  string
		says   string // in the fault or in what to do
	}{
		{"a wrong address", nil, func(j *jiratest.Jira) { j.Fail("*", -1, jiratest.Page(200)) }, nil, theAddress, "before /browse/"},
		{"a revoked token", nil, (*jiratest.Jira).Revoke, nil, theCredentials, "new token"},
		{"a CAPTCHA", nil, func(j *jiratest.Jira) { j.Fail("*", -1, jiratest.Captcha()) }, nil, theCredentials, "log in as the bot's user in a browser"},
		{"another kind", nil, nil, func(o *Options) {
			o.Mail = map[bool]string{true: "", false: "a@example.com"}[o.Mail != ""]
		}, theCredentials, "tracker.mail"},
		{"no such project", nil, nil, func(o *Options) { o.Project = "NONE" }, "the project NONE", "tracker.project"},
		{"an archived project", nil, func(j *jiratest.Jira) { j.Archive("OPS") }, nil, "the project OPS", ""},
		{"no such type", nil, nil, func(o *Options) { o.Type = "Incident" }, "the project OPS", "it has Task, Sub-Task"},
		{"nothing may be moved", []jiratest.Option{jiratest.WithoutPermissions("TRANSITION_ISSUES")}, nil, nil, "the permission Transition Issues", "permission scheme"},
		{"a component is missing", nil, func(j *jiratest.Jira) { j.RenameComponent("OPS", "disk", "") }, nil, "the component disk", "tickets for it have none"},
		{"the fallback is missing", nil, nil, func(o *Options) { o.Component = "other" }, "the component other", "tracker.component"},
		{"a field is demanded", []jiratest.Option{jiratest.WithFields(jiratest.Field{ID: "customfield_10200", Name: "Root cause", Type: jiratest.TextField, Required: true})}, nil, nil, "the field Root cause of Task", "tracker.defaults"},
		{"a field is not there", nil, nil, func(o *Options) { o.Fields = map[string]string{"host": "Server"} }, "the field Server", "tracker.fields"},
		{"labels are off the screen", []jiratest.Option{jiratest.WithFields(jiratest.Field{ID: "labels", OffScreen: true})}, nil, nil, "the field Labels of Task", "screen"},
		{"a status is not there", nil, nil, func(o *Options) { o.Statuses = map[tracker.Status][]string{tracker.Fixed: {"Solved"}} }, "the status Solved", "it has Open, In Progress"},
		{"a priority is not there", nil, nil, func(o *Options) { o.Priorities = map[tracker.Priority]string{tracker.Urgent: "Now"} }, "the priority Now", "it has Highest"},
		{"no such link type", []jiratest.Option{withProject(jiratest.Classic(), false)}, nil, func(o *Options) { o.LinkType = "Contains" }, "the link type Contains", "tracker.link"},
		{"somebody is not there", nil, func(j *jiratest.Jira) { j.Deactivate("sato") }, nil, "sato", "in the roster"},
		{"the clock", []jiratest.Option{jiratest.WithNow(func() time.Time { return time.Now().Add(time.Hour) })}, nil, nil, "the clocks", "time server"},
		{"an old version", []jiratest.Option{jiratest.WithVersion("8.5.1")}, nil, nil, "the version", "8.14"},
	} {
		t.Run(test.name, func(t *testing.T) {
			kinds(t, func(t *testing.T, kind jiratest.Kind) {
				if test.name == "an old version" && kind == jiratest.Cloud {
					return // it has no old versions
				}
				options := append([]jiratest.Option{jiratest.WithoutNetwork(), people3()}, test.with...)
				if test.name != "no such link type" {
					options = append(options, ops)
				}
				fake := jiratest.New(t, kind, options...)
				if test.before != nil {
					test.before(fake)
				}
				got := open(t, fake, test.change).Doctor(t.Context(), expected)
				for _, f := range got.Found {
					if f.About == test.about && f.Do != "" && strings.Contains(f.Fault+f.Do, test.says) {
						return
					}
				}
				t.Errorf("%q (%q) is not among what was found: %+v", test.about, test.says, got.Found)
			})
		})
	}
}

// TestDoctorListsAccountIDs: on Cloud a mail address works only as long as the
// profile shows it, and the doctor gives what to write instead.
func TestDoctorListsAccountIDs(t *testing.T) {
	kinds(t, func(t *testing.T, kind jiratest.Kind) {
		fake := jiratest.New(t, kind, jiratest.WithoutNetwork(), withProject(jiratest.Classic(), true), mailUsers(jiratest.User{Name: "hidden", Email: "suzuki@example.jp", HideEmail: true}))
		got := open(t, fake, byMail).Doctor(t.Context(), tracker.Expect{People: []string{"tanaka@example.jp", "sato@example.jp", "suzuki@example.jp"}})
		facts := strings.Join(got.Facts, "\n")
		if cloud := kind == jiratest.Cloud; strings.Contains(facts, "tanaka@example.jp -> 5b:tanaka") != cloud || strings.Contains(facts, "sato@example.jp -> 5b:sato") != cloud {
			t.Errorf("it says\n%s", facts)
		}
		if hidden := len(got.Found) == 1 && strings.Contains(got.Found[0].Fault, "suzuki@example.jp"); hidden != (kind == jiratest.Cloud) {
			t.Errorf("found: %+v", got.Found)
		}
	})
}
