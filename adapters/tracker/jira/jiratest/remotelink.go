package jiratest

import (
	"net/url"
	"slices"
	"strconv"
)

// remoteLink leads from an issue to a page.
type remoteLink struct {
	id   int
	body remoteBody
}

type remoteBody struct {
	GlobalID     string `json:"globalId,omitempty"`
	Application  obj    `json:"application,omitempty"`
	Relationship string `json:"relationship,omitempty"`
	Object       obj    `json:"object,omitempty"`
}

func (b remoteBody) text(name string) string {
	s, _ := b.Object[name].(string)
	return s
}

// complaint says what is wrong with a link.
func (b remoteBody) complaint() map[string]string {
	wrong := map[string]string{}
	if b.text("title") == "" {
		wrong["title"] = "'title' is required."
	}
	u, err := url.Parse(b.text("url"))
	switch {
	case b.text("url") == "":
		wrong["url"] = "'url' is required."
	case err != nil || u.Scheme == "" || u.Host == "":
		wrong["url"] = "'url' is not a valid URL."
	}
	if len(b.GlobalID) > 255 {
		wrong["globalId"] = "'globalId' must be at most 255 characters."
	}
	if len(b.text("title")) > 255 {
		wrong["title"] = "'title' must be at most 255 characters."
	}
	return wrong
}

func (j *Jira) postRemoteLink(c *call) (int, any, error) {
	var b remoteBody
	i, err := j.changing(c, &b)
	if err != nil {
		return 0, nil, err
	}
	if !j.may("LINK_ISSUES") {
		return 0, nil, refuse(403, "You do not have permission to link issues in this project.")
	}
	if wrong := b.complaint(); len(wrong) > 0 {
		return 0, nil, refuseFields(wrong)
	}
	id, fresh := j.point(i, j.me, b)
	answer := obj{"id": id, "self": j.self("issue/" + i.key + "/remotelink/" + strconv.Itoa(id))}
	if fresh {
		return 201, answer, nil
	}
	return 200, answer, nil
}

// point sets a link, or changes the one with its global id.
func (j *Jira) point(i *issue, by *User, b remoteBody) (id int, fresh bool) {
	after := i.document
	after.remote = slices.Clone(after.remote)
	n := slices.IndexFunc(after.remote, func(l remoteLink) bool { return b.GlobalID != "" && l.body.GlobalID == b.GlobalID })
	if n >= 0 {
		after.remote[n].body = b
		i.document = after
		return after.remote[n].id, false
	}
	id = j.next("remote")
	after.remote = append(after.remote, remoteLink{id, b})
	j.keep(i, by, after, []Item{{Field: "RemoteIssueLink", To: strconv.Itoa(id), ToString: `This issue links to "` + b.text("title") + `"`}})
	return id, true
}

func (j *Jira) getRemoteLinks(c *call) (int, any, error) {
	i, err := j.wanted(c)
	if err != nil {
		return 0, nil, err
	}
	all := []any{}
	wanted := c.text("globalId")
	for _, l := range i.remote {
		o := obj{"id": l.id, "self": j.self("issue/" + i.key + "/remotelink/" + strconv.Itoa(l.id)), "object": l.body.Object}
		if l.body.GlobalID != "" {
			o["globalId"] = l.body.GlobalID
		}
		if l.body.Relationship != "" {
			o["relationship"] = l.body.Relationship
		}
		if l.body.Application != nil {
			o["application"] = l.body.Application
		}
		if wanted != "" && wanted == l.body.GlobalID {
			return 200, o, nil
		}
		all = append(all, o)
	}
	if wanted != "" {
		return 0, nil, refuse(404, "No remote issue link with globalId '%s' was found.", wanted)
	}
	return 200, all, nil
}
