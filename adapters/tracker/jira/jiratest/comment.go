package jiratest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// comment is a note on an issue.
type comment struct {
	id         int
	by         *User
	body       string
	at         time.Time
	properties []property
}

// commentBody is a comment as a request has it.
type commentBody struct {
	Body       string     `json:"body"`
	Properties []property `json:"properties"`
}

func (j *Jira) checkComment(b commentBody) error {
	switch {
	case !j.may("ADD_COMMENTS"):
		return refuse(j.status(403, 400), "%s, you do not have the permission to comment on this issue.", j.me.DisplayName)
	case strings.TrimSpace(b.Body) == "":
		return refuseFields(map[string]string{"comment": "Comment body can not be empty!"})
	case utf16Len(b.Body) > maxText:
		return refuseFields(map[string]string{"comment": "The entered text is too long. It exceeds the allowed limit of 32,767 characters."})
	}
	return nil
}

// comment adds a note to an issue; it is no part of the history.
func (j *Jira) comment(i *issue, by *User, b commentBody) comment {
	made := comment{j.next("comment"), by, b.Body, j.time(), b.Properties}
	i.comments = append(i.comments, made)
	i.updated = made.at
	j.index(i)
	if !j.cloud() {
		j.tell(i, by, "jira:issue_updated", "issue_commented", nil)
	}
	j.tellComment(i, made)
	return made
}

func (j *Jira) postComment(c *call) (int, any, error) {
	var b commentBody
	i, err := j.changing(c, &b)
	if err != nil {
		return 0, nil, err
	}
	if err := j.checkComment(b); err != nil {
		return 0, nil, err
	}
	return 201, j.commentJSON(i.id, j.comment(i, j.me, b), true), nil
}

func (j *Jira) getComments(c *call) (int, any, error) {
	i, err := j.wanted(c)
	if err != nil {
		return 0, nil, err
	}
	start, limit, err := c.page(5000, 5000)
	if err != nil {
		return 0, nil, err
	}
	all := slices.Clone(i.comments)
	switch c.text("orderBy") {
	case "", "created", "+created", " created": // "+" unescaped is a space
	case "-created":
		slices.Reverse(all)
	default:
		return 0, nil, refuse(400, "Cannot order by '%s'; only by 'created'.", c.text("orderBy"))
	}
	withProperties := slices.Contains(c.list("expand"), "properties")
	return 200, j.commentPage(i.id, all, start, limit, withProperties), nil
}

func (j *Jira) commentPage(issue int, all []comment, start, limit int, withProperties bool) obj {
	shown := []any{}
	for _, k := range window(all, start, limit) {
		shown = append(shown, j.commentJSON(issue, k, withProperties))
	}
	return obj{"startAt": start, "maxResults": limit, "total": len(all), "comments": shown}
}

// commentsField is what an issue shows of its comments: the newest, on Cloud
// only so many.
func (j *Jira) commentsField(d *document, most int) obj {
	start := 0
	if j.cloud() {
		start = max(0, len(d.comments)-most)
	}
	o := j.commentPage(d.id, d.comments[start:], 0, len(d.comments), false)
	o["total"] = len(d.comments)
	return o
}

func (j *Jira) commentJSON(issue int, k comment, withProperties bool) obj {
	o := obj{
		"self": j.self("issue/" + strconv.Itoa(issue) + "/comment/" + strconv.Itoa(k.id)), "id": strconv.Itoa(k.id),
		"author": j.userJSON(k.by), "updateAuthor": j.userJSON(k.by), "body": k.body, "created": j.stamp(k.at), "updated": j.stamp(k.at),
	}
	if withProperties {
		o["properties"] = append([]property{}, k.properties...)
	}
	return o
}

// status gives Cloud's status, or Data Center's.
func (j *Jira) status(cloud, dataCenter int) int {
	if j.cloud() {
		return cloud
	}
	return dataCenter
}
