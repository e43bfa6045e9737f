package redminetest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// These tests hold the facts that an adapter builds on; see the doc comment.

func TestRefusals(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t)
	bot := s.As(t, s.Bot)
	issue := issuePath(bot.Create(p, "one", nil).ID)
	stranger := s.As(t, Person{Key: "wrong"})
	for name, c := range map[string]struct {
		who          *Client
		method, path string
		issue        Fields
		status       int
		body         string
	}{
		"no subject":             {bot, "POST", "/issues.json", Fields{"project_id": p.ID, "subject": " "}, 422, `{"errors":["Subject cannot be blank"]}`},
		"a long subject":         {bot, "POST", "/issues.json", Fields{"project_id": p.ID, "subject": strings.Repeat("x", 256)}, 422, `{"errors":["Subject is too long (maximum is 255 characters)"]}`},
		"255 wide characters":    {bot, "PUT", issue, Fields{"subject": strings.Repeat("手", 255)}, 204, ""},
		"no such project":        {bot, "POST", "/issues.json", Fields{"project_id": "none", "subject": "x"}, 422, `{"errors":["Project cannot be blank","Tracker cannot be blank","Status cannot be blank"]}`},
		"not a member":           {bot, "PUT", issue, Fields{"assigned_to_id": p.Outsider(t).ID}, 422, `{"errors":["Assignee is invalid"]}`},
		"no such category":       {bot, "PUT", issue, Fields{"category_id": 9999}, 422, `{"errors":["Category is not included in the list"]}`},
		"no such priority":       {bot, "PUT", issue, Fields{"priority_id": 9999}, 422, `{"errors":["Priority cannot be blank"]}`},
		"no such parent":         {bot, "PUT", issue, Fields{"parent_issue_id": 99999}, 422, `{"errors":["Parent task is invalid"]}`},
		"a stale lock version":   {bot, "PUT", issue, Fields{"lock_version": -1, "subject": "y"}, 422, `{"errors":[]}`},
		"no such issue":          {bot, "PUT", "/issues/99999.json", Fields{"subject": "y"}, 404, ""},
		"no right to delete":     {bot, "DELETE", issue, nil, 403, ""},
		"wrong key, a write":     {stranger, "PUT", issue, Fields{"notes": "x"}, 401, ""},
		"wrong key, a read":      {stranger, "GET", "/users/current.json", nil, 401, ""},
		"users need an admin":    {bot, "GET", "/users.json", nil, 403, ""},
		"fields need an admin":   {bot, "GET", "/custom_fields.json", nil, 403, ""},
		"categories need rights": {bot, "GET", p.path("/issue_categories.json"), nil, 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.who.Call(c.method, c.path, Fields{"issue": c.issue})
			if got.Status != c.status || string(got.Body) != c.body {
				t.Errorf("%d %s, want %d %s", got.Status, got.Body, c.status, c.body)
			}
		})
	}
	if got := stranger.Call("GET", issue, nil); got.Status != 200 {
		t.Errorf("a wrong key reads a public project's issue with %d, want 200", got.Status)
	}
}

func TestIgnoredWithoutAWord(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t)
	bot := s.As(t, s.Bot)
	made := bot.Create(p, "one", Fields{"status_id": s.Statuses["Closed"], "tracker_id": 99, "author_id": s.People["sato"].ID})
	if made.Status.Name != "New" || made.Tracker.Name != "Bug" || made.Author.ID != s.Bot.ID {
		t.Errorf("created with %+v", made)
	}
	bot.Update(made.ID, Fields{"status_id": 99})
	child := bot.Create(p, "child", Fields{"parent_issue_id": made.ID})
	bot.SetStatus(made.ID, "Closed")
	if got := bot.Issue(made.ID).Status.Name; got != "New" {
		t.Errorf("a parent with an open child went to %s", got)
	}
	bot.SetStatus(child.ID, "Closed")
	bot.SetStatus(made.ID, "Closed")
	bot.SetStatus(child.ID, "In Progress")
	if got := bot.Issue(child.ID).Status.Name; got != "Closed" {
		t.Errorf("a closed parent's child went to %s", got)
	}
	if got := bot.Issue(made.ID).Status.Name; got != "Closed" {
		t.Errorf("a parent whose children are closed is %s", got)
	}
}

func TestFind(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t, "disk")
	bot := s.As(t, s.Bot)
	one := bot.Create(p, "One & [tebiki:abc-1] 50%", Fields{
		"description": "a\nb", "category_id": p.Categories["disk"],
		"custom_fields": []Fields{{"id": s.ServerField, "value": "web1"}},
	})
	bot.Create(p, "two", Fields{"parent_issue_id": one.ID})
	closed := bot.Create(p, "three", nil)
	bot.SetStatus(closed.ID, "Closed")
	at := one.Updated.UTC()
	for _, c := range []struct {
		query map[string]string
		want  int // -1: refused with 422
	}{
		{map[string]string{}, 2},
		{map[string]string{"status_id": "*"}, 3},
		{map[string]string{"status_id": "closed"}, 1},
		{map[string]string{"subject": "~tebiki:ABC-1"}, 1}, // part of it, in any case
		{map[string]string{"subject": "~abc one"}, 1},      // every word somewhere
		{map[string]string{"subject": "~50%"}, 1},
		{map[string]string{"subject": "~5_%"}, 0}, // no wildcards
		{map[string]string{"subject": "^One"}, 1},
		{map[string]string{"subject": "One & [tebiki:abc-1] 50%"}, 1},
		{map[string]string{"description": "~a"}, 1},
		{map[string]string{"cf_" + strconv.Itoa(s.ServerField): "web1"}, 1},
		{map[string]string{"cf_" + strconv.Itoa(s.ServerField): "WEB1"}, 0},
		{map[string]string{"category_id": strconv.Itoa(p.Categories["disk"])}, 1},
		{map[string]string{"parent_id": strconv.Itoa(one.ID)}, 1},
		{map[string]string{"issue_id": strconv.Itoa(one.ID) + "," + strconv.Itoa(closed.ID) + ",99999", "status_id": "*"}, 2},
		{map[string]string{"issue_id": "1,2x"}, -1},
		{map[string]string{"nonsense": "1", "sort": "nonsense"}, 2},
		{map[string]string{"updated_on": ">=" + at.Format(time.RFC3339)}, 2},
		{map[string]string{"updated_on": ">=" + at.Add(time.Hour).Format(time.RFC3339)}, 0},
		{map[string]string{"updated_on": "><" + at.Format(time.RFC3339) + "|" + at.Add(time.Hour).Format(time.RFC3339)}, 2},
		{map[string]string{"updated_on": ">=" + at.Format("2006-01-02T15:04:05.000Z")}, -1},
		{map[string]string{"updated_on": ">=" + at.Format("2006-01-02T15:04:05+00:00")}, -1},
	} {
		q := url.Values{"project_id": {p.Identifier}}
		for name, value := range c.query {
			q.Set(name, value)
		}
		answer := bot.Call(http.MethodGet, "/issues.json?"+q.Encode(), nil)
		if c.want < 0 && answer.Status == http.StatusUnprocessableEntity {
			continue
		}
		if answer.Status != http.StatusOK {
			t.Errorf("%v: %d %s", c.query, answer.Status, answer.Body)
			continue
		}
		if got := len(bot.Find(q.Encode())); got != c.want {
			t.Errorf("%v finds %d, want %d", c.query, got, c.want)
		}
	}
}

// Whatever is written, times are whole seconds in UTC, lines end in CR LF and
// a page has at most 100.
func TestForms(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t)
	bot := s.As(t, s.Bot)
	issue := bot.Create(p, "one", Fields{"description": "a\nb\r\nc"})
	if issue.Description != "a\r\nb\r\nc" {
		t.Errorf("description %q", issue.Description)
	}
	if issue.Updated.Nanosecond() != 0 || issue.Updated.Location() != time.UTC || time.Since(issue.Updated).Abs() > time.Minute {
		t.Errorf("updated at %v", issue.Updated)
	}
	if got := bot.Call("GET", "/issues.json?limit=1000&offset=0", nil); !strings.Contains(string(got.Body), `"limit":100}`) {
		t.Errorf("a page of 1000 is %s", got.Body)
	}
	first := bot.Call("GET", issuePath(issue.ID), nil)
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+issuePath(issue.ID), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Redmine-API-Key", s.Bot.Key)
	req.Header.Set("If-None-Match", first.Header.Get("ETag"))
	again, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Body.Close()
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("the same again is %d, want 304", again.StatusCode)
	}
}

func TestByItself(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t)
	p.Category(t, "dns", s.People["suzuki"])
	bot := s.As(t, s.Bot)
	parent := bot.Create(p, "parent", Fields{"category_id": p.Categories["dns"]})
	if parent.Assignee.ID != s.People["suzuki"].ID {
		t.Errorf("a category's assignee: %+v", parent.Assignee)
	}
	bot.Create(p, "child", Fields{"parent_issue_id": parent.ID, "priority_id": s.Priorities["Urgent"]})
	got := bot.Issue(parent.ID)
	if got.Priority.Name != "Urgent" || len(got.Journals) != 1 || got.Journals[0].Details[0].Name != "child_id" {
		t.Errorf("a parent of an urgent child: %+v", got)
	}
	bot.Update(parent.ID, Fields{"priority_id": s.Priorities["Low"]})
	if got := bot.Issue(parent.ID).Priority.Name; got != "Urgent" {
		t.Errorf("a parent's priority was set to %s", got)
	}
	bot.Update(parent.ID, Fields{"subject": "parent"})
	if got := len(bot.Issue(parent.ID).Journals); got != 1 {
		t.Errorf("%d entries after a change that is none", got)
	}
}

func TestPeopleGo(t *testing.T) {
	s := shared.Server(t)
	p := s.Project(t)
	bot, admin := s.As(t, s.Bot), s.Admin(t)
	who := p.Newcomer(t)
	issue := bot.Create(p, "one", Fields{"assigned_to_id": who.ID})
	admin.Rename(who, who.Login+"x")
	admin.Lock(who)
	if got := bot.Issue(issue.ID).Assignee.ID; got != who.ID {
		t.Errorf("a locked person's issue is %d's", got)
	}
	if got := bot.Call("GET", "/users/"+strconv.Itoa(who.ID)+".json", nil); got.Status != http.StatusNotFound {
		t.Errorf("a locked person is %d, want 404", got.Status)
	}
	change := Fields{"issue": Fields{"assigned_to_id": who.ID, "notes": "x"}}
	if got := bot.Call("PUT", issuePath(bot.Create(p, "two", nil).ID), change); got.Status != 422 {
		t.Errorf("assigning to a locked person: %d, want 422", got.Status)
	}
}

func TestProjectsGo(t *testing.T) {
	s := shared.Server(t)
	bot := s.As(t, s.Bot)
	for name, c := range map[string]struct {
		end         func(*Project, int)
		read, write int
	}{
		"closed":   {func(p *Project, _ int) { p.Close(t) }, 200, 403},
		"archived": {func(p *Project, _ int) { p.Archive(t) }, 403, 403},
		"removed":  {func(p *Project, _ int) { p.Remove(t) }, 404, 404},
		"moved to where the bot is not": {func(p *Project, issue int) {
			to := s.Project(t)
			to.Update(t, Fields{"is_public": false})
			s.As(t, s.People["sato"]).Move(issue, to)
			to.Leave(t, s.Bot)
		}, 403, 403},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.Project(t)
			issue := bot.Create(p, "one", nil).ID
			c.end(p, issue)
			if got := bot.Call("GET", issuePath(issue), nil); got.Status != c.read {
				t.Errorf("read: %d, want %d", got.Status, c.read)
			}
			if got := bot.Call("PUT", issuePath(issue), Fields{"issue": Fields{"notes": "x"}}); got.Status != c.write {
				t.Errorf("write: %d, want %d", got.Status, c.write)
			}
		})
	}
}
