package jiratest

import (
	"fmt"
	"slices"
	"strconv"
)

// link is one end of a relation of two issues.
type link struct {
	id      int
	kind    LinkType
	outward bool // the other issue is the outward one
	other   int
}

func (l link) words() string {
	if l.outward {
		return l.kind.Outward
	}
	return l.kind.Inward
}

// linkBody is a request to relate two issues: the inward one does to the
// outward one what the type's outward words say.
type linkBody struct {
	Type         obj          `json:"type"`
	InwardIssue  obj          `json:"inwardIssue"`
	OutwardIssue obj          `json:"outwardIssue"`
	Comment      *commentBody `json:"comment"`
}

func (j *Jira) postLink(c *call) (int, any, error) {
	var b linkBody
	if err := j.decode(c, &b); err != nil {
		return 0, nil, err
	}
	name, id, _ := reference(b.Type, "name", "id")
	n := slices.IndexFunc(j.linkTypes, func(t LinkType) bool { return t.ID == id || id == "" && t.Name == name })
	if n < 0 {
		return 0, nil, refuse(404, "No issue link type with name '%s' found.", name)
	}
	in, out := j.end(b.InwardIssue), j.end(b.OutwardIssue)
	if in == nil || out == nil {
		return 0, nil, j.notFound()
	}
	if !j.may("LINK_ISSUES") {
		return 0, nil, refuse(j.status(404, 401), "No Link Issue Permission for issue '%s'", in.key)
	}
	if in == out {
		return 0, nil, refuse(400, "You cannot link an issue to itself.")
	}
	j.relate(j.me, j.linkTypes[n], in, out)
	if b.Comment != nil {
		j.comment(in, j.me, *b.Comment)
	}
	return 201, nil, nil
}

func (j *Jira) end(value obj) *issue {
	key, id, _ := reference(value, "key", "id")
	if i := j.issue(key); i != nil {
		return i
	}
	return j.issue(id)
}

// relate links two issues; what is linked already stays so.
func (j *Jira) relate(by *User, kind LinkType, in, out *issue) {
	if slices.ContainsFunc(in.links, func(l link) bool { return l.kind == kind && l.outward && l.other == out.id }) {
		return
	}
	id := j.next("link")
	for _, end := range []struct {
		here *issue
		link link
	}{{in, link{id, kind, true, out.id}}, {out, link{id, kind, false, in.id}}} {
		after := end.here.document
		after.links = append(after.links, end.link)
		other := j.issues[end.link.other].key
		j.keep(end.here, by, after, []Item{{Field: "Link", FieldID: "issuelinks", To: other, ToString: fmt.Sprintf("This issue %s %s", end.link.words(), other)}})
	}
}

func (j *Jira) linksJSON(d *document) []any {
	all := []any{}
	for _, l := range d.links {
		other := j.issues[l.other]
		if other == nil {
			continue
		}
		id := strconv.Itoa(l.id)
		o := obj{"id": id, "self": j.self("issueLink/" + id), "type": j.linkTypeJSON(l.kind)}
		o[map[bool]string{true: "outwardIssue", false: "inwardIssue"}[l.outward]] = j.briefJSON(&other.document)
		all = append(all, o)
	}
	return all
}
