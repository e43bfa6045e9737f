package jira

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira/jiratest"
)

// byMail is a roster that names people by their mail addresses.
func byMail(o *Options) { o.People = []string{"tanaka@example.jp", "sato@example.jp"} }

func mailUsers(more ...jiratest.User) jiratest.Option {
	return jiratest.WithUsers(append([]jiratest.User{
		{Name: "h-tanaka", AccountID: "5b:tanaka", Email: "tanaka@example.jp", DisplayName: "Tanaka Hanako"},
		{Name: "k-sato", AccountID: "5b:sato", Email: "sato@example.jp", DisplayName: "Sato Ken"},
	}, more...)...)
}

// TestByMail finds people by mail, once, and knows them again in what Jira
// says.
func TestByMail(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, byMail, withProject(jiratest.Classic(), true), mailUsers())
		got := b.create(tracker.Draft{Label: "a", Title: "x", Assignee: "tanaka@example.jp", Reporter: "sato@example.jp"})
		if got.Assignee != "tanaka@example.jp" || got.Reporter != "sato@example.jp" || len(got.Omitted) != 0 {
			t.Errorf("the ticket is %+v", got)
		}
		if i := b.only(); i.Assignee != b.AccountID("h-tanaka") || i.Reporter != b.AccountID("k-sato") {
			t.Errorf("in Jira it is of %s, by %s", i.Assignee, i.Reporter)
		}
		b.reopen()
		b.Forget()
		b.change("OPS-1", tracker.Change{Assignee: ptr("sato@example.jp")})
		if b.Count("GET user/search") != 0 {
			t.Error("who was found before is searched for after a restart")
		}
		b.settle()
		if all, err := b.tr.List(t.Context(), tracker.Filter{Assignee: "sato@example.jp"}); err != nil || len(all) != 1 || all[0].Assignee != "sato@example.jp" {
			t.Errorf("the list is %+v, %v", all, err)
		}
		b.Assign("h-tanaka", "OPS-1", "h-tanaka")
		history, err := b.tr.History(t.Context(), "OPS-1")
		if last := history[len(history)-1]; err != nil || last.Kind != tracker.Assigned || last.Text != "tanaka@example.jp" || last.By != "tanaka@example.jp" {
			t.Errorf("the history ends with %+v, %v", last, err)
		}
	})
}

// TestNotFoundByMail makes the ticket without somebody, and says why.
func TestNotFoundByMail(t *testing.T) {
	twin := jiratest.User{Name: "tanaka2", AccountID: "5b:tanaka2", Email: "tanaka@example.jp", DisplayName: "Tanaka Ichiro"}
	former := twin
	former.Inactive = true
	hidden := func(j *bench) { j.HideEmail("h-tanaka") }
	for _, test := range []struct {
		name    string
		more    []jiratest.User
		do      func(*bench)
		dc, why string // "" when they are found
		cloud   string
	}{
		{name: "nobody", do: func(b *bench) { b.Deactivate("h-tanaka") }, dc: "no user with the mail address", cloud: "cannot be assigned"},
		{name: "two", more: []jiratest.User{twin}, dc: "2 users who may have", cloud: "2 users who may have"},
		{name: "one of two has left", more: []jiratest.User{former}},
		{name: "hidden", do: hidden, cloud: "no user with the mail address"},
		{name: "without permission", do: func(b *bench) { b.Forbid("USER_PICKER") }, dc: "Browse users and groups", cloud: "no user with the mail address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, byMail, withProject(jiratest.Classic(), true), mailUsers(test.more...))
				if test.do != nil {
					test.do(b)
				}
				got := b.create(tracker.Draft{Label: "a", Title: "x", Assignee: "tanaka@example.jp"})
				why := map[jiratest.Kind]string{jiratest.DataCenter: test.dc, jiratest.Cloud: test.cloud}[kind]
				if why == "" {
					if got.Assignee != "tanaka@example.jp" || len(got.Omitted) != 0 {
						t.Errorf("the ticket is %+v", got)
					}
					return
				}
				if len(got.Omitted) != 1 || got.Omitted[0].Field != "Assignee" || got.Omitted[0].Value != "tanaka@example.jp" || !strings.Contains(got.Omitted[0].Why, why) {
					t.Errorf("left out is %+v, want %q", got.Omitted, why)
				}
				b.Permit("USER_PICKER")
				if _, err := b.tr.Change(t.Context(), "OPS-1", tracker.Change{Assignee: ptr("gone@example.jp")}); adapters.CodeOf(err) != adapters.Refused || !strings.Contains(err.Error(), "gone@example.jp") {
					t.Errorf("a change to nobody: %v", err)
				}
			})
		})
	}
}

// TestRenamed gives people other names, as Data Center's administrators do.
func TestRenamed(t *testing.T) {
	for _, test := range []struct {
		name, address string
		set           func(*Options)
		users         jiratest.Option
	}{
		{"by name", "tanaka", nil, people3()},
		{"by mail", "tanaka@example.jp", byMail, mailUsers()},
	} {
		t.Run(test.name, func(t *testing.T) {
			bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
				b := newBench(t, kind, test.set, withProject(jiratest.Classic(), true), test.users)
				b.create(tracker.Draft{Label: "a", Title: "x", Assignee: test.address})
				who := "TANAKA"
				if test.set != nil {
					who = "Tanaka Hanako"
				}
				b.Rename(who, "h-yamada")
				b.reopen()
				if got := b.create(tracker.Draft{Label: "b", Title: "y", Assignee: test.address}); got.Assignee != test.address || len(got.Omitted) != 0 {
					t.Errorf("a new ticket is %+v", got)
				}
				b.Rename(who, "h-suzuki")
				b.change("OPS-1", tracker.Change{Assignee: ptr("")})
				if got := b.change("OPS-1", tracker.Change{Assignee: &test.address}); got.Assignee != test.address || b.Issue("OPS-1").Assignee != b.AccountID(who) {
					t.Errorf("the changed ticket is %+v", got)
				}
				if _, err := b.tr.List(t.Context(), tracker.Filter{Assignee: test.address}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestHiddenMail: whom the roster names by mail is known from the first on, so
// that it does no harm when their profiles hide it afterwards; after a restart
// nobody is searched for again, and after a day everybody is.
func TestHiddenMail(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, func(o *Options) { usual(o); byMail(o) }, withProject(jiratest.Classic(), true), mailUsers())
		cursor := b.since("").Cursor
		b.HideEmail("h-tanaka")
		b.HideEmail("k-sato")
		key := b.Create("k-sato", jiratest.Values{"summary": "x"})
		b.Assign("k-sato", key, "h-tanaka")
		b.Comment("h-tanaka", key, "/ack")
		b.settle()
		got := b.since(cursor)
		if len(got.Tickets) != 1 || got.Tickets[0].Assignee != "tanaka@example.jp" || got.Tickets[0].Reporter != "sato@example.jp" || len(got.Said) != 1 || got.Said[0].Author != "tanaka@example.jp" {
			t.Errorf("there is %+v", got)
		}
		b.Forget()
		b.reopen()
		b.since(got.Cursor)
		if n := b.Count("GET user/search"); n != 0 {
			t.Errorf("after a restart %d are searched for", n)
		}
		time.Sleep(25 * time.Hour) // in the bubble's time
		b.since(got.Cursor)
		if n := b.Count("GET user/search"); n != 2 {
			t.Errorf("after a day %d are searched for", n)
		}
	})
}

// TestLargeRoster: a roster of hundreds holds no poll up for long, and people
// whom Jira does not have are not searched for at each.
func TestLargeRoster(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind jiratest.Kind) {
		b := newBench(t, kind, func(o *Options) {
			usual(o)
			for n := range 100 {
				o.People = append(o.People, fmt.Sprintf("nobody%d@example.jp", n))
			}
		}, withProject(jiratest.Classic(), true))
		cursor := b.since("").Cursor
		for range 10 {
			b.Forget()
			cursor = b.since(cursor).Cursor
			if n := b.Count("GET user/search"); n > atATime {
				t.Errorf("%d searches in one poll", n)
			}
			time.Sleep(30 * time.Second) // in the bubble's time
		}
		b.Forget()
		b.since(cursor)
		if n := b.Count("GET user/search"); n != 0 {
			t.Errorf("%d are searched for again", n)
		}
	})
}
