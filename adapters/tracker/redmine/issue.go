package redmine

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/tracker"
)

// A ref names something by id.
type ref struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// An issue as the API shows it; lists have no journals and no allowed
// statuses.
type issue struct {
	ID           int       `json:"id"`
	Project      ref       `json:"project"`
	Parent       ref       `json:"parent"`
	Tracker      ref       `json:"tracker"`
	Status       ref       `json:"status"`
	Priority     ref       `json:"priority"`
	Author       ref       `json:"author"`
	Assignee     ref       `json:"assigned_to"`
	Category     ref       `json:"category"`
	Subject      string    `json:"subject"`
	Description  string    `json:"description"`
	Created      time.Time `json:"created_on"`
	Updated      time.Time `json:"updated_on"`
	CustomFields []custom  `json:"custom_fields"`
	Journals     []journal `json:"journals"`
	Allowed      []ref     `json:"allowed_statuses"`
}

// custom is a custom field of an issue.
type custom struct {
	ID    int             `json:"id"`
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"` // a string, a list of them, or null
}

func (c custom) text() string {
	var one string
	var many []string
	if json.Unmarshal(c.Value, &many) == nil {
		return strings.Join(many, ", ")
	}
	_ = json.Unmarshal(c.Value, &one) // what is no text has none
	return one
}

// A journal is one entry of an issue's history.
type journal struct {
	ID      int       `json:"id"`
	User    ref       `json:"user"`
	Notes   string    `json:"notes"`
	Private bool      `json:"private_notes"`
	Created time.Time `json:"created_on"`
	Details []detail  `json:"details"`
}

type detail struct {
	Property string `json:"property"`
	Name     string `json:"name"`
	Old      string `json:"old_value"`
	New      string `json:"new_value"`
}

func (i *issue) custom(name string) (custom, bool) {
	for _, c := range i.CustomFields {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return custom{}, false
}

// id writes an id as the port has it, "" for none.
func (r ref) id() string {
	if r.ID == 0 {
		return ""
	}
	return strconv.Itoa(r.ID)
}

// ticket reads an issue.
func (r *Redmine) ticket(p *place, i *issue) tracker.Ticket {
	t := r.text(p, i)
	out := tracker.Ticket{
		Key: formatKey(i.ID), Parent: i.Parent.id(), Component: i.Category.Name, Title: i.Subject,
		Body: t.plainBody(), Status: p.status(i.Status), Assignee: i.Assignee.id(), Reporter: i.Author.id(),
		Priority: p.priorityOf(i.Priority), Fields: t.fields(), Label: t.label,
		Created: i.Created, Updated: i.Updated, URL: r.URL(formatKey(i.ID)),
	}
	for name, field := range r.opt.Fields {
		if c, ok := i.custom(field); ok && c.text() != "" {
			if out.Fields == nil {
				out.Fields = map[string]string{}
			}
			out.Fields[name] = c.text()
		}
	}
	return out
}
