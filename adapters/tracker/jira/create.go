package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/once"
	"tebiki/adapters/tracker/remote"
)

// maxTries is how often a draft is sent with something more left out.
const maxTries = 8

// Create implements tracker.Tracker.
func (j *Jira) Create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	t, err := j.create(ctx, d)
	return t, j.told(ctx, fmt.Sprintf("create a ticket in %s for label %q", j.opt.Project, d.Label), err)
}

func (j *Jira) create(ctx context.Context, d tracker.Draft) (tracker.Ticket, error) {
	var none tracker.Ticket
	if d.Label == "" {
		return none, remote.Refused("the draft has no label: name its cause, so that making it again makes nothing")
	}
	if d.Parent != "" && !keyed.MatchString(d.Parent) {
		return none, remote.Missing("the parent: %.80q is no key of a ticket in Jira", d.Parent)
	}
	mark, err := j.instance(ctx)
	if err != nil {
		return none, err
	}
	label, err := jiraLabel(d.Label, mark)
	if err != nil {
		return none, err
	}
	f, err := j.know(ctx)
	if err != nil {
		return none, err
	}
	if d.Parent != "" && f.sub.ID == "" { // nothing else would find that it is not there
		if _, err := j.read(ctx, f, d.Parent); err != nil {
			return none, err
		}
	}
	fm, err := j.newForm(ctx, f, d, label)
	if err != nil {
		return none, err
	}
	for {
		id, made, err := j.made.Make(ctx, j.scoped(d.Label), once.Thing{
			Make:   fm.post,
			Undone: remote.Undone,
			Find:   func(ctx context.Context, _ time.Time) (string, error) { return j.labelled(ctx, label) },
			Lag:    j.opt.Lag + j.opt.Timeout,
		})
		if err != nil {
			return none, err
		}
		t, err := j.finish(ctx, f, fm, id, made)
		if f := remote.Of(err); made || f == nil || f.Code != adapters.NotFound || f.Status == 0 { // 0: it was moved
			return t, err
		}
		if err := j.hidden(ctx); err != nil { // then it would be made again and again
			return none, err
		}
		// Somebody has deleted it: the label has no ticket any more.
		if err := j.made.Forget(ctx, j.scoped(d.Label)); err != nil {
			return none, err
		}
	}
}

// finish links what was made, which does no harm twice, and reads it.
func (j *Jira) finish(ctx context.Context, f *facts, fm *form, id string, made bool) (tracker.Ticket, error) {
	if !made { // what was left out was so when it was made
		if err := fm.recall(ctx); err != nil {
			return tracker.Ticket{}, err
		}
	}
	if err := j.link(ctx, f, fm, id); err != nil {
		return tracker.Ticket{}, err
	}
	i, err := j.readID(ctx, f, id)
	if err != nil {
		return tracker.Ticket{}, err
	}
	t, err := j.ticket(ctx, f, i)
	t.Omitted = fm.omitted
	return t, err
}

// keep notes what is left out before the issue is made without it: the answer
// may be lost, and who asks again must hear of it.
func (fm *form) keep(ctx context.Context) error {
	if len(fm.omitted) == 0 {
		return nil
	}
	note, err := json.Marshal(fm.omitted)
	if err != nil {
		return err
	}
	return fm.j.made.Note(ctx, fm.j.scoped(fm.d.Label), note)
}

// recall takes what was left out from the note.
func (fm *form) recall(ctx context.Context) error {
	fm.omitted = nil
	note, err := fm.j.made.Noted(ctx, fm.j.scoped(fm.d.Label))
	if err != nil || note == nil {
		return err
	}
	return json.Unmarshal(note, &fm.omitted)
}

// post makes the issue and gives its id, which stays when it is moved.
func (fm *form) post(ctx context.Context) (string, error) {
	for try := 1; ; try++ {
		var made struct {
			ID string `json:"id"`
		}
		if err := fm.keep(ctx); err != nil {
			return "", err
		}
		err := fm.j.call(ctx, http.MethodPost, "issue", map[string]any{"fields": fm.send}, &made)
		if err == nil && made.ID == "" {
			return "", &remote.Fault{Sent: true, What: "Jira does not say which issue it has made"}
		}
		complaints := map[string]string{}
		if f := remote.Of(err); f != nil && f.Status == http.StatusBadRequest {
			complaints = f.Fields
		}
		if complaints["parent"] != "" {
			return "", remote.Missing("the parent %s: %s", fm.d.Parent, complaints["parent"])
		}
		if err == nil || try == maxTries || !fm.leaveOut(ctx, complaints) {
			return made.ID, fm.readable(err)
		}
	}
}

// readable names the fields of a refusal as Jira's users know them.
func (fm *form) readable(err error) error {
	f := remote.Of(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	named := *f
	named.Fields = map[string]string{}
	for id, why := range f.Fields {
		name := id
		for _, d := range fm.f.fields {
			if d.ID == id {
				name = d.Name
			}
		}
		named.Fields[name] = why
	}
	switch {
	case f.Fields["project"] != "":
		named.Code, named.What = adapters.Denied, "Jira takes no ticket in the project "+fm.j.opt.Project+": it is archived or not visible to the bot's user, or the user may not create issues there: "+
			"restore it, give the permission Create Issues, or correct tracker.project"
	case f.Fields["labels"] != "":
		named.What = "Jira refuses the label by which a ticket is found again: put the field Labels on the project's screen for creation"
	case named.Code == adapters.Refused:
		named.What = "Jira refuses it (a field that it demands can be given under tracker.defaults in the configuration)"
	}
	return &named
}

// labelled finds the issue that has a label, "" when the index shows none. One
// that was moved to another project is found too.
func (j *Jira) labelled(ctx context.Context, label string) (string, error) {
	f, err := j.know(ctx)
	if err != nil {
		return "", err
	}
	found, err := j.search(ctx, f, query{jql: "labels = " + quote(label) + " ORDER BY key ASC", fields: []string{"labels"}, most: 2})
	if err != nil {
		return "", err
	}
	for _, i := range found.issues {
		for _, l := range i.Fields.Labels {
			if l == label { // JQL ignores upper and lower case
				return i.ID, nil
			}
		}
	}
	return "", nil
}

// link puts in the links of the draft, and the one to the parent where there
// are no sub-tasks. What Jira has already it takes without another.
func (j *Jira) link(ctx context.Context, f *facts, fm *form, id string) error {
	if fm.d.Parent != "" && f.sub.ID == "" {
		err := j.call(ctx, http.MethodPost, "issueLink", map[string]any{
			"type":        map[string]any{"name": j.opt.LinkType},
			"inwardIssue": map[string]any{"id": id}, "outwardIssue": map[string]any{"key": fm.d.Parent},
		}, nil)
		if err != nil && !lasting(err) {
			return err
		}
		if err != nil {
			fm.omit("Link", fm.d.Parent, remote.Of(err).Error())
		}
	}
	for _, l := range fm.d.Links {
		err := j.call(ctx, http.MethodPost, "issue/"+url.PathEscape(id)+"/remotelink", map[string]any{
			"globalId": cutText("tebiki:"+l.URL, 255), "object": map[string]any{"url": l.URL, "title": cutText(l.Title, 255)},
		}, nil)
		if err != nil && !lasting(err) {
			return err
		}
		if err != nil {
			fm.omit("Link", l.URL, remote.Of(err).Error())
		}
	}
	return nil
}

// lasting tells that asking again is of no use, or needs an administrator: a
// link is no reason to hold a ticket back.
func lasting(err error) bool {
	f := remote.Of(err)
	return f != nil && !f.Login() && !f.Page && (f.Code == adapters.Refused || f.Code == adapters.NotFound || f.Code == adapters.Denied)
}

func cutText(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	for len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
