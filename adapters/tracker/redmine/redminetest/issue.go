package redminetest

import (
	"fmt"
	"net/http"
	"time"
)

// A Ref names something by id.
type Ref struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// An Issue as the API shows it, with journals and children.
type Issue struct {
	ID           int       `json:"id"`
	Project      Ref       `json:"project"`
	Parent       Ref       `json:"parent"`
	Tracker      Ref       `json:"tracker"`
	Status       Ref       `json:"status"`
	Priority     Ref       `json:"priority"`
	Author       Ref       `json:"author"`
	Assignee     Ref       `json:"assigned_to"`
	Category     Ref       `json:"category"`
	Subject      string    `json:"subject"`
	Description  string    `json:"description"`
	DoneRatio    int       `json:"done_ratio"`
	Created      time.Time `json:"created_on"`
	Updated      time.Time `json:"updated_on"`
	Children     []Issue   `json:"children"`
	Journals     []Journal `json:"journals"`
	CustomFields []struct {
		ID    int    `json:"id"`
		Name  string `json:"name"`
		Value any    `json:"value"`
	} `json:"custom_fields"`
}

// A Journal is one entry of an issue's history.
type Journal struct {
	ID      int       `json:"id"`
	User    Ref       `json:"user"`
	Notes   string    `json:"notes"`
	Created time.Time `json:"created_on"`
	Details []struct {
		Property string `json:"property"`
		Name     string `json:"name"`
		Old      string `json:"old_value"`
		New      string `json:"new_value"`
	} `json:"details"`
}

// Create makes an issue in a project; the fields add to the subject.
func (c *Client) Create(p *Project, subject string, more Fields) Issue {
	c.t.Helper()
	issue := Fields{"project_id": p.ID, "subject": subject}
	for name, value := range more {
		issue[name] = value
	}
	var got struct{ Issue Issue }
	c.must(http.MethodPost, "/issues.json", Fields{"issue": issue}, &got)
	return got.Issue
}

// Issue reads an issue with its history.
func (c *Client) Issue(id int) Issue {
	c.t.Helper()
	var got struct{ Issue Issue }
	c.must(http.MethodGet, fmt.Sprintf("/issues/%d.json?include=journals,children", id), nil, &got)
	return got.Issue
}

// Find lists issues by a query, such as "status_id=*&sort=id".
func (c *Client) Find(query string) []Issue {
	c.t.Helper()
	var got struct{ Issues []Issue }
	c.must(http.MethodGet, "/issues.json?"+query, nil, &got)
	return got.Issues
}

// Update changes an issue's fields.
func (c *Client) Update(id int, f Fields) {
	c.t.Helper()
	c.must(http.MethodPut, fmt.Sprintf("/issues/%d.json", id), Fields{"issue": f}, nil)
}

// Assign gives the issue to a person.
func (c *Client) Assign(id int, p Person) {
	c.t.Helper()
	c.Update(id, Fields{"assigned_to_id": p.ID})
}

// SetStatus sets the status of this name.
func (c *Client) SetStatus(id int, name string) {
	c.t.Helper()
	status, ok := c.server.Statuses[name]
	if !ok {
		c.t.Fatalf("Redmine has no status %q", name)
	}
	c.Update(id, Fields{"status_id": status})
}

// Note writes a note.
func (c *Client) Note(id int, text string) {
	c.t.Helper()
	c.Update(id, Fields{"notes": text})
}

// Move puts the issue into another project.
func (c *Client) Move(id int, to *Project) {
	c.t.Helper()
	c.Update(id, Fields{"project_id": to.ID})
}

// Delete deletes the issue and its children.
func (c *Client) Delete(id int) {
	c.t.Helper()
	c.must(http.MethodDelete, fmt.Sprintf("/issues/%d.json", id), nil, nil)
}
