package jiratest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxSummary = 255
	maxText    = 32767
	maxLabel   = 255
)

// set puts a value from a request into a field of a document and gives Jira's
// complaint, or "".
func (j *Jira) set(d *document, f Field, value any) (complaint string) {
	switch f.ID {
	case "summary":
		return setSummary(d, value)
	case "description":
		d.description, complaint = area(value)
	case "priority":
		return j.setPriority(d, value)
	case "labels":
		d.labels, complaint = labels(value)
	case "components":
		d.components, complaint = d.project.pick(value)
	case "assignee":
		return j.setAssignee(d, value)
	case "reporter":
		return j.setReporter(d, value)
	case "resolution":
		return setResolution(d, value)
	default:
		return j.setOther(d, f, value)
	}
	return complaint
}

func setSummary(d *document, value any) string {
	s, ok := value.(string)
	switch {
	case !ok && value != nil:
		return "Operation value must be a string"
	case strings.TrimSpace(s) == "":
		return "You must specify a summary of the issue."
	case strings.ContainsAny(s, "\r\n"):
		return "The summary is invalid because it contains newline characters."
	case utf16Len(s) > maxSummary:
		return "Summary can't exceed 255 characters."
	}
	d.summary = strings.TrimSpace(s)
	return ""
}

// utf16Len is a length as Java counts it.
func utf16Len(s string) (n int) {
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

func area(value any) (string, string) {
	s, ok := value.(string)
	if !ok && value != nil {
		return "", "Operation value must be a string"
	}
	if utf16Len(s) > maxText {
		return "", "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
	}
	return s, ""
}

func (j *Jira) setPriority(d *document, value any) string {
	if value == nil {
		d.priority = ""
		return ""
	}
	name, id, ok := reference(value, "name", "id")
	if !ok {
		return "Could not find valid 'id' or 'name' in priority object."
	}
	i := slices.IndexFunc(j.priorities, func(p Priority) bool { return p.ID == id || name != "" && p.Name == name })
	if i < 0 && id != "" {
		return "The priority selected is invalid."
	}
	if i < 0 {
		return fmt.Sprintf("Priority name '%s' is not valid", name)
	}
	d.priority = j.priorities[i].Name
	return ""
}

func labels(value any) ([]string, string) {
	all, complaint := texts(value)
	for _, l := range all {
		switch {
		case l == "" || strings.ContainsAny(l, " \t\r\n"):
			return nil, fmt.Sprintf("The label '%s' contains spaces which is invalid.", l)
		case utf8.RuneCountInString(l) > maxLabel:
			return nil, fmt.Sprintf("The label '%s' exceeds the maximum length of %d characters.", l, maxLabel)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), complaint
}

// texts gives the strings of a list.
func texts(value any) ([]string, string) {
	list, ok := value.([]any)
	if !ok && value != nil {
		return nil, "data was not an array"
	}
	var all []string
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, "string expected at index " + strconv.Itoa(len(all))
		}
		all = append(all, s)
	}
	return all, ""
}

// pick gives the components that a list names.
func (p *project) pick(value any) ([]component, string) {
	list, ok := value.([]any)
	if !ok && value != nil {
		return nil, "data was not an array"
	}
	var all []component
	for _, v := range list {
		name, id, ok := reference(v, "name", "id")
		if !ok {
			return nil, "expected 'id' or 'name' property"
		}
		k, ok := p.component(func(k component) bool { return id != "" && k.id == id || id == "" && k.name == name })
		switch {
		case !ok && id != "":
			return nil, fmt.Sprintf("Component id '%s' is not valid", id)
		case !ok:
			return nil, fmt.Sprintf("Component name '%s' is not valid", name)
		}
		if !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all, ""
}

func setResolution(d *document, value any) string {
	name, id, ok := reference(value, "name", "id")
	if n, err := strconv.Atoi(id); err == nil && n > 0 && n <= len(resolutions) {
		name = resolutions[n-1]
	}
	if !ok || !slices.Contains(resolutions, name) {
		return fmt.Sprintf("Resolution name '%s' is not valid", name)
	}
	d.resolution = name
	return ""
}

// reference gives the two ways in which an object names something.
func reference(value any, name, id string) (byName, byID string, ok bool) {
	o, isObject := value.(obj)
	if !isObject {
		return "", "", false
	}
	byName, _ = o[name].(string)
	switch v := o[id].(type) {
	case string:
		byID = v
	case float64:
		byID = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return byName, byID, byName != "" || byID != ""
}
