package jira

import (
	"encoding/json"
	"strconv"
	"strings"

	"tebiki/adapters/tracker/remote"
)

// write gives a text as a field of its type takes it.
func (d fieldDef) write(f *facts, text string) (any, error) {
	switch d.Schema.Type {
	case "number":
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return nil, remote.Refused("the field %s takes a number, not %.80q", d.Name, text)
		}
		return n, nil
	case "option":
		return map[string]any{"value": text}, nil
	case "user":
		return f.reference(text), nil
	case "array":
		return d.list(text), nil
	case "priority", "resolution", "component", "version", "issuetype":
		return map[string]any{"name": text}, nil
	}
	return text, nil
}

// list gives what stands between commas.
func (d fieldDef) list(text string) []any {
	all := []any{}
	for part := range strings.SplitSeq(text, ",") {
		switch part = strings.TrimSpace(part); {
		case part == "":
		case d.Schema.Items == "option":
			all = append(all, map[string]any{"value": part})
		case d.Schema.Items == "component" || d.Schema.Items == "version":
			all = append(all, map[string]any{"name": part})
		default:
			all = append(all, part)
		}
	}
	return all
}

// readValue gives the text of a field's value: what a person sees of it.
func readValue(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return valueText(v)
}

func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, valueText(one))
		}
		return strings.Join(all, ", ")
	case map[string]any:
		for _, name := range []string{"value", "name", "accountId", "key", "displayName"} {
			if s, ok := v[name].(string); ok && s != "" {
				return s
			}
		}
	}
	return ""
}
