package jira

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	sdk "github.com/andygrunwald/go-jira"
)

// stamp is how Jira writes a moment, in the zone of our user.
const stamp = "2006-01-02T15:04:05.999-0700"

// A stampTime is a moment of Jira's. It keeps the zone it came in.
type stampTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *stampTime) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "null" || s == "" {
		return nil
	}
	at, err := time.Parse(stamp, s)
	if err != nil {
		at, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		return fmt.Errorf("%.40q is no moment as Jira writes them", s)
	}
	t.Time = at
	return nil
}

// issue is what is read of one. go-jira's own type drops how many comments
// there are, and refuses an issue for a date in any of its fields.
type issue struct {
	ID        string         `json:"id"`
	Key       string         `json:"key"`
	Fields    issueFields    `json:"fields"`
	Changelog *sdk.Changelog `json:"changelog"`
}

type issueFields struct {
	Project     sdk.Project      `json:"project"`
	Type        sdk.IssueType    `json:"issuetype"`
	Parent      *sdk.Parent      `json:"parent"`
	Summary     string           `json:"summary"`
	Description string           `json:"description"`
	Status      *sdk.Status      `json:"status"`
	Priority    *sdk.Priority    `json:"priority"`
	Labels      []string         `json:"labels"`
	Components  []*sdk.Component `json:"components"`
	Assignee    *sdk.User        `json:"assignee"`
	Reporter    *sdk.User        `json:"reporter"`
	Created     stampTime        `json:"created"`
	Updated     stampTime        `json:"updated"`
	Subtasks    []brief          `json:"subtasks"`
	Links       []issueLink      `json:"issuelinks"`
	Comment     *comments        `json:"comment"`

	custom map[string]json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler: custom fields are kept as they
// are.
func (f *issueFields) UnmarshalJSON(b []byte) error {
	type plain issueFields
	if err := json.Unmarshal(b, (*plain)(f)); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	for id, value := range all {
		if !strings.HasPrefix(id, "customfield_") {
			delete(all, id)
		} else if string(value) == "null" {
			delete(all, id)
		}
	}
	f.custom = all
	return nil
}

// brief is an issue as another one shows it.
type brief struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Fields struct {
		Summary string      `json:"summary"`
		Status  *sdk.Status `json:"status"`
	} `json:"fields"`
}

type issueLink struct {
	Type struct {
		Name string `json:"name"`
	} `json:"type"`
	Inward  *brief `json:"inwardIssue"`
	Outward *brief `json:"outwardIssue"`
}

type comments struct {
	Comments []comment `json:"comments"`
	Total    int       `json:"total"`
}

type comment struct {
	ID         string     `json:"id"`
	Author     sdk.User   `json:"author"`
	Body       string     `json:"body"`
	Created    stampTime  `json:"created"`
	Properties []property `json:"properties"`
}

// property is what an application keeps with a comment.
type property struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}
