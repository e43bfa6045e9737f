package jiratest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

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
