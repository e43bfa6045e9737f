package jiratest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// A query is a request to search, of either endpoint and either method.
type query struct {
	JQL        string   `json:"jql"`
	Start      int      `json:"startAt"`
	Max        *int     `json:"maxResults"`
	Fields     []string `json:"fields"`
	Expand     any      `json:"expand"` // a list on Data Center, text on Cloud
	Validate   any      `json:"validateQuery"`
	Token      string   `json:"nextPageToken"`
	Reconcile  []int    `json:"reconcileIssues"`
	ByKeys     *bool    `json:"fieldsByKeys,omitempty"`
	FailFast   *bool    `json:"failFast,omitempty"`
	Properties []string `json:"properties"`
}

// query reads it from the body, or from the URL.
func (j *Jira) query(c *call) (q query, err error) {
	if len(c.body) > 0 {
		err = j.decodeQuery(c.body, &q)
		return q, err
	}
	start, limit, err := c.page(50, 1<<20)
	if err != nil {
		return q, err
	}
	q.JQL, q.Token, q.Fields, q.Start, q.Max = c.text("jql"), c.text("nextPageToken"), c.list("fields"), start, &limit
	q.Expand, q.Validate = c.text("expand"), c.text("validateQuery")
	for _, text := range c.list("reconcileIssues") {
		var id int
		if _, err := fmt.Sscan(text, &id); err != nil {
			return q, refuse(400, "The value '%s' of reconcileIssues is no number.", text)
		}
		q.Reconcile = append(q.Reconcile, id)
	}
	return q, nil
}

// decodeQuery is strict, as Jira is here. Data Center does not know Cloud's
// names.
func (j *Jira) decodeQuery(body []byte, q *query) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(q); err != nil {
		return j.badPayload("Unrecognized field or value in the search request: " + err.Error())
	}
	if !j.cloud() && (q.ByKeys != nil || q.Token != "" || q.Reconcile != nil || q.FailFast != nil) {
		return j.badPayload("Unrecognized field in the search request (Class com.atlassian.jira.rest.v2.search.SearchRequestBean), not marked as ignorable")
	}
	return nil
}

// changelog tells whether histories are asked for.
func (q query) changelog() bool {
	switch e := q.Expand.(type) {
	case string:
		return slices.Contains(names(e), "changelog")
	case []any:
		return slices.Contains(e, any("changelog"))
	}
	return false
}
