package jiratest

import (
	"maps"
	"slices"
	"time"
)

// An Issue is what a person sees of one. People are named as requests name
// them: by name on Data Center, by account id on Cloud.
type Issue struct {
	ID          int
	Key         string
	Project     string
	Type        string
	Parent      string // key
	Subtasks    []string
	Summary     string
	Description string
	Status      string
	Resolution  string
	Priority    string
	Labels      []string
	Components  []string
	Assignee    string
	Reporter    string
	Creator     string
	Custom      map[string]any // by field: text, float64, []string
	Created     time.Time
	Updated     time.Time
	Comments    []Comment
	Links       []Link
	Remote      []RemoteLink
	Properties  map[string]any
	History     []Change
}

// A Comment on an issue.
type Comment struct {
	ID         int
	By         string
	Body       string
	At         time.Time
	Properties map[string]any
}

// A Link to another issue, "blocks" OPS-2.
type Link struct {
	Type  string
	Words string
	Key   string
}

// A RemoteLink leads to a page.
type RemoteLink struct {
	ID           int
	GlobalID     string
	Relationship string
	Title        string
	URL          string
}

// A Change is a step of an issue's history.
type Change struct {
	By    string
	At    time.Time
	Items []Item
}

// Issue gives the issue with a key, an old key too; nil when there is none.
func (j *Jira) Issue(key string) *Issue {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.stored(key)
	if i == nil {
		return nil
	}
	return j.see(i)
}

// Issues are all issues, oldest first.
func (j *Jira) Issues() (all []*Issue) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, i := range j.order {
		if !i.deleted {
			all = append(all, j.see(i))
		}
	}
	return all
}

func (j *Jira) see(i *issue) *Issue {
	called := func(id string) string { return j.called(j.user(id)) }
	s := &Issue{
		ID: i.id, Key: i.key, Project: i.project.Key, Type: i.kind.Name, Summary: i.summary, Description: i.description,
		Status: i.status, Resolution: i.resolution, Priority: i.priority, Labels: slices.Clone(i.labels),
		Assignee: called(i.assignee), Reporter: called(i.reporter), Creator: called(i.creator), Custom: maps.Clone(i.custom),
		Created: i.created, Updated: i.updated, Properties: maps.Clone(i.properties),
	}
	if parent := j.issues[i.parent]; parent != nil {
		s.Parent = parent.key
	}
	for _, child := range j.subtasks(i.id) {
		s.Subtasks = append(s.Subtasks, child.key)
	}
	for _, k := range i.components {
		s.Components = append(s.Components, k.name)
	}
	j.seeMore(s, i)
	return s
}

func (j *Jira) seeMore(s *Issue, i *issue) {
	for _, k := range i.comments {
		seen := Comment{ID: k.id, By: j.called(k.by), Body: k.body, At: k.at}
		for _, p := range k.properties {
			if seen.Properties == nil {
				seen.Properties = map[string]any{}
			}
			seen.Properties[p.Key] = p.Value
		}
		s.Comments = append(s.Comments, seen)
	}
	for _, l := range i.links {
		if other := j.issues[l.other]; other != nil {
			s.Links = append(s.Links, Link{l.kind.Name, l.words(), other.key})
		}
	}
	for _, l := range i.remote {
		s.Remote = append(s.Remote, RemoteLink{l.id, l.body.GlobalID, l.body.Relationship, l.body.text("title"), l.body.text("url")})
	}
	for _, h := range i.history {
		s.History = append(s.History, Change{j.called(h.by), h.at, slices.Clone(h.items)})
	}
}

// AccountID gives what this kind of Jira knows a person by, whom the test
// names in any way: the name on Data Center, the account id on Cloud.
func (j *Jira) AccountID(who string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	u, err := j.person(who)
	if err != nil {
		j.tb.Errorf("jiratest: %v", err)
		return ""
	}
	return j.called(u)
}
