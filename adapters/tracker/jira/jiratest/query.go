package jiratest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// text gives a query parameter.
func (c *call) text(name string) string {
	if v := c.query[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (c *call) flag(name string) bool { return c.text(name) == "true" }

// list gives a query parameter that may be there repeatedly and holds names
// between commas.
func (c *call) list(name string) (found []string) {
	for _, v := range c.query[name] {
		found = append(found, names(v)...)
	}
	return found
}

func names(list string) (found []string) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			found = append(found, name)
		}
	}
	return found
}

// page gives startAt and maxResults.
func (c *call) page(usual, most int) (start, limit int, err error) {
	if start, err = c.number("startAt", 0); err != nil {
		return 0, 0, err
	}
	if limit, err = c.number("maxResults", usual); err != nil {
		return 0, 0, err
	}
	if limit < 0 {
		limit = most
	}
	return max(start, 0), min(limit, most), nil
}

func (c *call) number(name string, usual int) (int, error) {
	text := c.text(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, refuse(404, "The value '%s' of %s is no number.", text, name)
	}
	return int(n), nil
}

// window is a page of all.
func window[T any](all []T, start, limit int) []T {
	start = min(start, len(all))
	return all[start:min(start+limit, len(all))]
}

// text is a value as JSON.
func text(v any) string {
	out, _ := json.Marshal(v) // only what came from JSON, or is made here
	return string(out)
}

func (j *Jira) self(path string) string { return j.base + prefix + "/" + path }
