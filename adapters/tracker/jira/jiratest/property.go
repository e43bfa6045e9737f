package jiratest

import (
	"encoding/json"
	"maps"
	"slices"
)

// maxProperty is how many bytes a property may have.
const maxProperty = 32768

// A property is a value that an application keeps with an issue or a comment.
type property struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

func (j *Jira) setProperties(i *issue, all []property) {
	for _, p := range all {
		i.setProperty(p)
	}
}

// setProperty changes neither history nor the time of the last change.
func (i *issue) setProperty(p property) (fresh bool) {
	_, known := i.properties[p.Key]
	i.properties = maps.Clone(i.properties)
	if i.properties == nil {
		i.properties = map[string]any{}
	}
	i.properties[p.Key] = p.Value
	return !known
}

func (d *document) propertiesJSON(wanted []string) obj {
	found := obj{}
	for key, value := range d.properties {
		if slices.Contains(wanted, key) || slices.Contains(wanted, "*all") {
			found[key] = value
		}
	}
	return found
}

func (j *Jira) getProperty(c *call) (int, any, error) {
	i, err := j.wanted(c)
	if err != nil {
		return 0, nil, err
	}
	value, known := i.properties[c.path[1]]
	if !known {
		return 0, nil, refuse(404, "The property %s does not exist.", c.path[1])
	}
	return 200, property{c.path[1], value}, nil
}

func (j *Jira) putProperty(c *call) (int, any, error) {
	i, err := j.changeable(c)
	if err != nil {
		return 0, nil, err
	}
	var value any
	switch {
	case !j.may("EDIT_ISSUES"):
		return 0, nil, refuse(403, "You do not have permission to edit issues in this project.")
	case len(c.body) == 0 || json.Unmarshal(c.body, &value) != nil:
		return 0, nil, refuse(400, "The property value must be a valid JSON.")
	case len(c.body) > maxProperty:
		return 0, nil, refuse(400, "The property value is too long. It exceeds the limit of %d characters.", maxProperty)
	case len(c.path[1]) > 255:
		return 0, nil, refuse(400, "The property key is too long. It exceeds the limit of 255 characters.")
	}
	if i.setProperty(property{c.path[1], value}) {
		return 201, nil, nil
	}
	return 200, nil, nil
}
