package jiratest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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
		return q, j.decodeQuery(c.body, &q)
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

// search is Data Center's; Cloud has taken it away.
func (j *Jira) search(c *call) (int, any, error) {
	if j.cloud() {
		return 0, nil, refuse(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")
	}
	q, err := j.query(c)
	if err != nil {
		return 0, nil, err
	}
	found, warnings, err := j.find(q)
	if err != nil {
		return 0, nil, err
	}
	limit := q.limit(50, j.most(1000))
	fields := q.Fields
	if len(fields) == 0 {
		fields = []string{"*navigable"}
	}
	issues := []any{}
	for _, d := range window(found, max(q.Start, 0), limit) {
		issues = append(issues, j.issueJSON(d, view{fields: fields, changelog: q.changelog()}))
	}
	o := obj{"expand": "names,schema", "startAt": q.Start, "maxResults": limit, "total": len(found), "issues": issues}
	if len(warnings) > 0 {
		o["warningMessages"] = warnings
	}
	return 200, o, nil
}

func (q query) limit(usual, most int) int {
	switch {
	case q.Max == nil:
		return min(usual, most)
	case *q.Max < 0:
		return most
	}
	return min(*q.Max, most)
}

func (j *Jira) most(usual int) int {
	if j.maxPage > 0 {
		return j.maxPage
	}
	return usual
}

// searchJQL is Cloud's search. Data Center has none.
func (j *Jira) searchJQL(c *call) (int, any, error) {
	if !j.cloud() {
		return 404, obj{"message": "null for uri: " + prefix + "/search/jql", "status-code": 404}, nil
	}
	q, err := j.query(c)
	if err != nil {
		return 0, nil, err
	}
	q.Validate = nil
	if q.Start, err = q.offset(); err != nil {
		return 0, nil, err
	}
	found, _, err := j.find(q)
	if err != nil {
		return 0, nil, err
	}
	limit := max(1, q.limit(50, j.most(q.usualMost())))
	issues := []any{}
	for _, d := range window(found, q.Start, limit) {
		issues = append(issues, j.foundJSON(d, q))
	}
	end := q.Start + len(issues)
	o := obj{"issues": issues, "isLast": end >= len(found)}
	if end < len(found) {
		o["nextPageToken"] = q.token(end)
	}
	return 200, o, nil
}

// usualMost is small where fields are asked for.
func (q query) usualMost() int {
	if slices.ContainsFunc(q.Fields, func(f string) bool { return f != "id" && f != "key" }) {
		return 100
	}
	return 5000
}

// foundJSON is an issue as Cloud's search shows it: only the id unless more
// is named.
func (j *Jira) foundJSON(d *document, q query) obj {
	o := j.issueJSON(d, view{fields: q.Fields, changelog: q.changelog(), histories: 40, comments: 20})
	if q.usualMost() == 100 {
		return o
	}
	brief := obj{"id": o["id"]}
	if slices.Contains(q.Fields, "key") {
		brief["key"], brief["self"] = o["key"], o["self"]
	}
	if q.changelog() {
		brief["changelog"] = o["changelog"]
	}
	return brief
}

// token holds where the next page begins and what it is a page of.
func (q query) token(next int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", next, q.JQL))
}

func (q query) offset() (int, error) {
	if q.Token == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.Token)
	at, jql, _ := strings.Cut(string(raw), " ")
	var n int
	if _, scanErr := fmt.Sscan(at, &n); err != nil || scanErr != nil || jql != q.JQL || n < 0 {
		return 0, refuse(400, "The next page token is invalid or has expired.")
	}
	return n, nil
}
