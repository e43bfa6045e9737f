package jiratest

import (
	"fmt"
	"slices"
)

// setOther sets a custom field.
func (j *Jira) setOther(d *document, f Field, value any) string {
	if !f.custom() {
		return fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", f.ID)
	}
	kept, complaint := j.custom(f, value)
	if complaint == "" {
		d.setCustom(f.ID, kept)
	}
	return complaint
}

// custom gives a custom field's value as it is kept.
func (j *Jira) custom(f Field, value any) (any, string) {
	if value == nil {
		return nil, ""
	}
	switch f.Type {
	case NumberField:
		return number(value)
	case SelectField:
		return f.option(value)
	case MultiSelect:
		return f.choices(value)
	case LabelsField:
		return labels(value)
	case UserField:
		u, complaint := j.userOf(value)
		if u == nil || complaint != "" {
			return nil, complaint
		}
		return j.id(u), ""
	case TextArea:
		return area(value)
	}
	return line(value)
}

func number(value any) (any, string) {
	n, ok := value.(float64)
	if !ok {
		return nil, "Operation value must be a number"
	}
	return n, ""
}

func line(value any) (any, string) {
	s, ok := value.(string)
	switch {
	case !ok:
		return nil, "Operation value must be a string"
	case utf16Len(s) > maxSummary:
		return nil, "The entered text is too long. It exceeds the allowed limit of 255 characters."
	case s == "":
		return nil, ""
	}
	return s, ""
}

func (f Field) option(value any) (any, string) {
	name, id, ok := reference(value, "value", "id")
	if !ok {
		return nil, "Could not find valid 'id' or 'value' in the Parent Option object."
	}
	i := slices.IndexFunc(f.Options, func(o string) bool { return o == name || f.optionJSON(o)["id"] == id })
	if i < 0 {
		return nil, fmt.Sprintf("Option value '%s' is not valid", name)
	}
	return f.Options[i], ""
}

func (f Field) choices(value any) (any, string) {
	list, ok := value.([]any)
	if !ok {
		return nil, "data was not an array"
	}
	var all []string
	for _, v := range list {
		o, complaint := f.option(v)
		if complaint != "" {
			return nil, complaint
		}
		all = append(all, o.(string))
	}
	if all == nil {
		return nil, ""
	}
	return all, ""
}

// customJSON shows what custom has kept.
func (j *Jira) customJSON(f Field, kept any) any {
	switch {
	case kept == nil:
		return nil
	case f.Type == SelectField:
		return f.optionJSON(kept.(string))
	case f.Type == UserField:
		return j.userJSON(j.user(kept.(string)))
	case f.Type == MultiSelect:
		all := []any{}
		for _, v := range kept.([]string) {
			all = append(all, f.optionJSON(v))
		}
		return all
	}
	return kept
}
