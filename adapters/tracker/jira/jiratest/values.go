package jiratest

// plain gives values as they come from JSON.
func plain(values Values) obj {
	fields := obj{}
	for id, v := range values {
		fields[id] = plainValue(v)
	}
	return fields
}

func plainValue(v any) any {
	switch v := v.(type) {
	case []string:
		all := []any{}
		for _, s := range v {
			all = append(all, s)
		}
		return all
	case int:
		return float64(v)
	}
	return v
}
