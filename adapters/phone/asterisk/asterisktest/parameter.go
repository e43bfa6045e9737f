package asterisktest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// read takes the parameters of a request: its query, and a form or JSON in
// its body.
func (c *call) read(r *http.Request, body []byte) error {
	c.query = r.URL.Query()
	if len(body) == 0 {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		if json.Unmarshal(body, &c.body) != nil {
			return refuse(http.StatusBadRequest, "Error parsing request body")
		}
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return refuse(http.StatusBadRequest, "Error parsing request body")
		}
		for name, values := range form {
			c.query[name] = append(c.query[name], values...)
		}
	}
	// Anything else is left unread, as Asterisk leaves it.
	return nil
}

// text is a parameter; what the body says counts more.
func (c *call) text(name string) string {
	raw, given := c.body[name]
	var s string
	switch {
	case !given:
		return c.query.Get(name)
	case json.Unmarshal(raw, &s) == nil:
		return s
	}
	return string(raw) // a number or a boolean
}

func (c *call) number(name string, missing int) int {
	n, err := strconv.Atoi(c.text(name))
	if err != nil {
		return missing
	}
	return n
}

func (c *call) yes(name string) bool {
	switch strings.ToLower(c.text(name)) {
	case "true", "yes", "1", "on":
		return true
	}
	return false
}

// list is a parameter that may have several values: in the query they stand
// between commas, in the body they are an array. A comma in the body's string
// separates nothing.
func (c *call) list(name string) []string {
	if raw, given := c.body[name]; given {
		var many []string
		if json.Unmarshal(raw, &many) == nil {
			return many
		}
		return []string{c.text(name)}
	}
	var values []string
	for _, v := range c.query[name] {
		values = append(values, strings.Split(v, ",")...)
	}
	return values
}

func unmarshal(raw json.RawMessage, v any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
}

func (c *call) variables() map[string]string {
	var vars map[string]string
	if unmarshal(c.body["variables"], &vars) != nil {
		return nil
	}
	return vars
}

// split is a list between commas; nothing is no list.
func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
