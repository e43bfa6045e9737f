package jiratest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A document is an issue at one moment. Its slices and maps are never changed
// in place, so that a copy stays as it was.
type document struct {
	id          int
	key         string
	project     *project
	kind        IssueType
	parent      int
	summary     string
	description string
	status      string
	resolution  string
	priority    string
	labels      []string
	components  []component
	assignee    string // ids of users
	reporter    string
	creator     string
	custom      map[string]any // by field; what is empty is not there
	created     time.Time
	updated     time.Time
	deleted     bool
	comments    []comment
	links       []link
	remote      []remoteLink
	properties  map[string]any
	history     []history
}

// An issue is a document and what the search index knows of it.
type issue struct {
	document
	versions []version     // oldest first
	lag      time.Duration // of its own
}

// A version is a document as the index has it from a time on.
type version struct {
	from time.Time
	document
}

// issue gives the one with an id or key, an old key too; nil when Me cannot
// see it.
func (j *Jira) issue(idOrKey string) *issue {
	i := j.stored(idOrKey)
	if i == nil || !j.may("BROWSE_PROJECTS") || j.cloud() && i.project.Archived {
		return nil
	}
	return i
}

func (j *Jira) stored(idOrKey string) *issue {
	id, err := strconv.Atoi(idOrKey)
	if err != nil {
		id = j.byKey[strings.ToUpper(idOrKey)]
	}
	return j.issues[id]
}

// wanted gives the issue of a request.
func (j *Jira) wanted(c *call) (*issue, error) {
	if i := j.issue(c.path[0]); i != nil {
		return i, nil
	}
	if !j.cloud() && j.stored(c.path[0]) != nil {
		return nil, refuse(403, "You do not have the permission to see the specified issue.")
	}
	return nil, j.notFound()
}

// changeable gives the issue of a request that changes it.
func (j *Jira) changeable(c *call) (*issue, error) {
	i, err := j.wanted(c)
	if err == nil && i.project.Archived {
		return nil, refuse(400, "The issue %s is archived and cannot be changed.", i.key)
	}
	return i, err
}

// changing gives the issue that a request changes, and reads its body.
func (j *Jira) changing(c *call, body any) (*issue, error) {
	i, err := j.changeable(c)
	if err != nil {
		return nil, err
	}
	return i, j.decode(c, body)
}

// add makes an issue of a document.
func (j *Jira) add(d document) *issue {
	d.id = j.next("issue")
	d.project.last++
	d.key = fmt.Sprintf("%s-%d", d.project.Key, d.project.last)
	d.created = j.time()
	d.updated = d.created
	i := &issue{document: d}
	j.issues[d.id], j.byKey[d.key] = i, d.id
	j.order = append(j.order, i)
	if d.parent != 0 {
		j.children[d.parent] = append(j.children[d.parent], d.id)
	}
	j.index(i)
	return i
}

// index lets the search know an issue as it is, after the lag.
func (j *Jira) index(i *issue) {
	now := j.indexNow()
	old := i.versions
	for len(old) > 1 && !old[1].from.After(now) {
		old = old[1:]
	}
	if j.lag == 0 && i.lag == 0 {
		old = nil
	}
	i.versions = append(slices.Clone(old), version{now.Add(max(j.lag, i.lag)), i.document})
	for _, label := range i.labels {
		if !slices.Contains(j.byLabel[label], i) {
			j.byLabel[label] = append(j.byLabel[label], i)
		}
	}
}

// indexed gives what a search sees of an issue; nil when it knows of none.
func (i *issue) indexed(now time.Time) *document {
	for n := len(i.versions) - 1; n >= 0; n-- {
		if v := &i.versions[n]; !v.from.After(now) {
			return v.document.alive()
		}
	}
	return nil
}

func (d *document) alive() *document {
	if d.deleted {
		return nil
	}
	return d
}

// subtasks of an issue, oldest first.
func (j *Jira) subtasks(id int) (found []*issue) {
	for _, child := range j.children[id] {
		if i := j.issues[child]; i != nil {
			found = append(found, i)
		}
	}
	return found
}

func (d *document) setCustom(id string, value any) {
	d.custom = maps.Clone(d.custom)
	if d.custom == nil {
		d.custom = map[string]any{}
	}
	d.custom[id] = value
	if value == nil {
		delete(d.custom, id)
	}
}

func (d *document) statusOf() Status {
	s, _ := d.project.workflow(d.kind).status(d.status) // a status is only ever set from there
	return s
}
