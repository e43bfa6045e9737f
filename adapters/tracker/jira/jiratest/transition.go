package jiratest

import (
	"fmt"
	"slices"
)

func (j *Jira) getTransitions(c *call) (int, any, error) {
	i, err := j.wanted(c)
	if err != nil {
		return 0, nil, err
	}
	all := []any{}
	for _, t := range j.ways(i) {
		if only := c.text("transitionId"); only == "" || only == t.ID {
			all = append(all, j.transitionJSON(i, t, slices.Contains(c.list("expand"), "transitions.fields")))
		}
	}
	return 200, obj{"expand": "transitions", "transitions": all}, nil
}

// ways are the transitions that Me may take an issue by.
func (j *Jira) ways(i *issue) []Transition {
	if !j.may("TRANSITION_ISSUES") || i.project.Archived {
		return nil
	}
	return i.project.workflow(i.kind).from(i.status)
}

func (j *Jira) transitionJSON(i *issue, t Transition, withFields bool) obj {
	to, _ := i.project.workflow(i.kind).status(t.To) // a workflow leads to its own statuses
	o := obj{"id": t.ID, "name": t.Name, "to": j.statusJSON(to)}
	if j.cloud() {
		o["hasScreen"], o["isGlobal"], o["isInitial"], o["isAvailable"], o["isConditional"] = len(t.Fields) > 0, t.From == nil, false, true, false
	}
	if withFields {
		fields := obj{}
		for _, id := range t.screen() {
			f, known := j.field(id)
			if !known {
				f = Field{ID: id, Name: "Resolution"}
			}
			fields[id] = j.fieldMeta(i.project, f, slices.Contains(t.Required, id), false)
		}
		o["fields"] = fields
	}
	return o
}

// screen is what can be set on the way, once each.
func (t Transition) screen() []string {
	all := slices.Concat(t.Fields, t.Required)
	slices.Sort(all)
	return slices.Compact(all)
}

func (j *Jira) postTransition(c *call) (int, any, error) {
	var e edit
	i, err := j.changing(c, &e)
	if err != nil {
		return 0, nil, err
	}
	if e.Transition.ID == nil {
		return 0, nil, refuse(400, "%s", j.words("Missing 'transition' identifier", "transition identifier required."))
	}
	id := fmt.Sprint(e.Transition.ID)
	ways := j.ways(i)
	n := slices.IndexFunc(ways, func(t Transition) bool { return t.ID == id })
	if n < 0 {
		return 0, nil, refuse(400, "It seems that you have tried to perform a workflow operation (%s) that is not valid for the current state of this issue (%s).", id, i.key)
	}
	return 204, nil, j.take(i, j.me, ways[n], e)
}

// take leads an issue through a transition.
func (j *Jira) take(i *issue, by *User, t Transition, e edit) error {
	after := i.document
	complaints := j.apply(&after, e, func(f Field) bool { return slices.Contains(t.screen(), f.ID) })
	for _, id := range t.Required {
		f, known := j.field(id)
		if id == "resolution" {
			f, known = Field{ID: id, Name: "Resolution"}, true
		}
		given := e.Fields[id] != nil || e.Update[id] != nil
		if known && !given && complaints[id] == "" && (id == "resolution" || j.empty(&after, f)) {
			complaints[id] = f.Name + " is required."
		}
	}
	if len(complaints) > 0 {
		return refuseFields(complaints)
	}
	remarks, err := j.remarks(i, e)
	if err != nil {
		return err
	}
	after.status = t.To
	after.resolve(t)
	j.commit(i, by, after)
	for _, r := range remarks {
		j.comment(i, by, r)
	}
	return nil
}

// resolve keeps the resolution in step with the status.
func (d *document) resolve(t Transition) {
	done := d.statusOf().Category == "done"
	if !done {
		d.resolution = ""
	} else if d.resolution == "" {
		d.resolution = t.Resolution
	}
}
