package jiratest

import "slices"

// creatable gives the project of a createmeta request. Both kinds hide it as
// a bad request.
func (j *Jira) creatable(c *call) (*project, error) {
	p := j.project(c.path[0])
	if p == nil || !j.may("CREATE_ISSUES") || p.Archived {
		return nil, refuse(400, "No project could be found with key '%s'.", c.path[0])
	}
	return p, nil
}

func (j *Jira) getCreateTypes(c *call) (int, any, error) {
	p, err := j.creatable(c)
	if err != nil {
		return 0, nil, err
	}
	all := []any{}
	for _, t := range p.Types {
		all = append(all, j.typeJSON(t))
	}
	return j.metaPage(c, "issueTypes", all)
}

func (j *Jira) getCreateFields(c *call) (int, any, error) {
	p, err := j.creatable(c)
	if err != nil {
		return 0, nil, err
	}
	t, ok := p.issueType(func(t IssueType) bool { return t.ID == c.path[1] })
	if !ok {
		return 0, nil, refuse(400, "Issue type with id '%s' could not be found.", c.path[1])
	}
	all := []any{}
	for _, f := range j.fields {
		if j.onScreen(f, t) {
			all = append(all, j.fieldMeta(p, f, j.required(f, t), true))
		}
	}
	return j.metaPage(c, "fields", all)
}

// metaPage is a page of createmeta; Data Center calls what it holds values.
func (j *Jira) metaPage(c *call, cloudName string, all []any) (int, any, error) {
	start, limit, err := c.page(50, 200)
	if err != nil {
		return 0, nil, err
	}
	values := window(all, start, limit)
	o := obj{"startAt": start, "maxResults": limit, "total": len(all)}
	if j.cloud() {
		o[cloudName] = values
		return 200, o, nil
	}
	o["values"], o["isLast"] = values, start+len(values) >= len(all)
	return 200, o, nil
}

// fieldMeta describes a field on a screen: in a list its id stands in it.
func (j *Jira) fieldMeta(p *project, f Field, required, listed bool) obj {
	o := obj{"required": required, "name": f.Name, "schema": f.schema(), "operations": operations(f), "hasDefaultValue": f.ID == "priority"}
	if j.cloud() {
		o["key"] = f.ID
	}
	if listed || !j.cloud() {
		o["fieldId"] = f.ID
	}
	if allowed := j.allowed(p, f); allowed != nil {
		o["allowedValues"] = allowed
	}
	return o
}

func operations(f Field) []string {
	if slices.Contains([]string{"labels", "components"}, f.ID) || f.Type == MultiSelect || f.Type == LabelsField {
		return []string{"add", "set", "remove"}
	}
	return []string{"set"}
}

// allowed are the values of a field that has only some.
func (j *Jira) allowed(p *project, f Field) []any {
	all := []any{}
	switch {
	case f.ID == "priority":
		for _, v := range j.priorities {
			all = append(all, j.priorityJSON(v))
		}
	case f.ID == "components":
		for _, k := range p.components {
			all = append(all, obj{"self": j.self("component/" + k.id), "id": k.id, "name": k.name})
		}
	case f.ID == "issuetype":
		for _, t := range p.Types {
			all = append(all, j.typeJSON(t))
		}
	case f.ID == "project":
		all = append(all, j.projectJSON(p))
	case f.ID == "resolution":
		for _, r := range resolutions {
			all = append(all, j.resolutionJSON(r))
		}
	case f.Type == SelectField || f.Type == MultiSelect:
		for _, v := range f.Options {
			all = append(all, f.optionJSON(v))
		}
	default:
		return nil
	}
	return all
}
