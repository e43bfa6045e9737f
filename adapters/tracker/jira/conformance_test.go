package jira

import (
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/tracker/jira/jiratest/contract"
	"tebiki/adapters/tracker/trackertest"
	"tebiki/store"
)

// people of the suite, by what either kind calls them.
func people3() jiratest.Option {
	var all []jiratest.User
	for _, name := range []string{"tanaka", "sato", "suzuki"} {
		all = append(all, jiratest.User{Name: name, AccountID: name, DisplayName: strings.ToUpper(name)})
	}
	return jiratest.WithUsers(all...)
}

// project is the suite's, in a workflow.
func withProject(w jiratest.Workflow, subtasks bool) jiratest.Option {
	types := []jiratest.IssueType{{ID: "10001", Name: "Task"}}
	if subtasks {
		types = append(types, jiratest.IssueType{ID: "10003", Name: "Sub-Task", Subtask: true})
	}
	return jiratest.WithProjects(jiratest.Project{Key: "OPS", Types: types, Workflow: w, Components: []string{"disk", "new-subdomain"}})
}

// open gives a tracker on an instance.
func open(t *testing.T, j *jiratest.Jira, change func(*Options)) *Jira {
	t.Helper()
	o := Options{
		URL: j.URL(), Project: "OPS", Token: jiratest.Token, Store: store.NewMemory(), Log: slog.New(slog.DiscardHandler),
		People: []string{"tanaka", "sato", "suzuki"}, Sweep: time.Nanosecond, Pace: time.Nanosecond, Lag: time.Nanosecond,
		Transport: j.Transport(),
	}
	if j.Kind() == jiratest.Cloud {
		o.Mail = mailOf(j)
	}
	if change != nil {
		change(&o)
	}
	made, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// mailOf is the mail address of the user whose token is used.
func mailOf(j *jiratest.Jira) string {
	r, _ := http.NewRequest(http.MethodGet, j.URL(), nil)
	j.Authorize(r)
	mail, _, _ := r.BasicAuth()
	return mail
}

func TestConformance(t *testing.T) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		for name, project := range map[string]jiratest.Option{
			"classic": withProject(jiratest.Classic(), true), "simplified": withProject(jiratest.Simplified(), true), "without sub-tasks": withProject(jiratest.Classic(), false),
		} {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				t.Parallel()
				trackertest.Run(t, func(t *testing.T) trackertest.Subject {
					var ahead atomic.Int64 // of Jira's clock, which Settle turns on in place of waiting
					now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
					fake := jiratest.New(t, kind, jiratest.WithoutNetwork(), jiratest.WithoutRecord(), project, people3(), jiratest.WithLag(lag), jiratest.WithNow(now))
					tr := open(t, fake, func(o *Options) {
						o.Transport = contract.Transport(t, kind, fake.Transport())
						o.Secret = "hook"
					})
					fake.Deliver(jiratest.Webhook{URL: "/?secret=hook", Handler: tr, Secret: "hook"})
					return trackertest.Subject{
						Tracker: tr, Markup: true, Many: 130, Coarse: true,
						Say:      func(key, author, text string) { fake.Comment(author, key, text) },
						Delete:   func(key string) { fake.Delete("sato", key) },
						Classify: func(key, component string) { fake.SetComponents("sato", key, component) },
						Settle:   func() { ahead.Add(int64(lag)) },
						Answered: func(a trackertest.Answer) tracker.Tracker {
							way := &wire{to: fake.Transport(), fault: -1}
							tr := open(t, fake, func(o *Options) { o.Transport = way })
							if _, err := tr.know(t.Context()); err != nil {
								t.Fatal(err)
							}
							way.to = a
							return tr
						},
					}
				})
			})
		}
	}
}

// lag of the search index in the suite.
const lag = 50 * time.Millisecond
