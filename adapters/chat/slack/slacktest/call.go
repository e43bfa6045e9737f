package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody is how much of a request is read.
const maxBody = 4 << 20

// A call is one request to a method, its parameters as they came: text from a
// form, any JSON from a JSON body.
type call struct {
	params    map[string]any
	json      bool
	noCharset bool
	token     string
	inHeader  bool
	host      string   // that the caller knows the workspace by
	after     []func() // what happens once the answer is decided
}

// parseCall reads the parameters from query, form and JSON body. The call is
// never nil, so that it can be recorded.
func parseCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	c := &call{params: map[string]any{}, host: r.Host}
	c.addForm(r.URL.Query())
	err := c.parseBody(w, r)
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token, c.inHeader = strings.TrimSpace(token), true
	} else if token, ok := c.params["token"].(string); ok && !c.json {
		c.token = token
	}
	delete(c.params, "token")
	return c, err
}

func (c *call) parseBody(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return refuse("request_too_large")
	}
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(body) == 0:
	case kind == "application/json":
		c.json, c.noCharset = true, options["charset"] == ""
		return c.parseJSON(body)
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return refuse("invalid_form_data")
		}
		c.addForm(values)
	case kind == "multipart/form-data":
		return c.parseMultipart(r, body)
	default:
		return refuse("invalid_post_type")
	}
	return nil
}

// parseMultipart is there because Slack's own clients send a form so when a
// value is binary.
func (c *call) parseMultipart(r *http.Request, body []byte) error {
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if err := r.ParseMultipartForm(maxBody); err != nil {
		return refuse("invalid_form_data")
	}
	c.addForm(r.MultipartForm.Value)
	return nil
}

func (c *call) addForm(values url.Values) {
	for name, v := range values {
		c.params[name] = v[len(v)-1]
	}
}

func (c *call) parseJSON(body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return refuse("invalid_json")
	}
	switch v := v.(type) {
	case nil: // slack-go sends "null" for no parameters
	case obj:
		for name, value := range v {
			c.params[name] = value
		}
	default:
		return refuse("json_not_object")
	}
	return nil
}

// text gives a parameter as text: numbers and booleans of a JSON body too.
func (c *call) text(name string) string {
	switch v := c.params[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	default:
		return fmt.Sprint(v)
	}
}

func (c *call) flag(name string) bool {
	v := c.text(name)
	return v == "1" || v == "true"
}

// structure gives a parameter that is JSON in a form and plain in a JSON body.
func (c *call) structure(name string) (any, bool) {
	text, isText := c.params[name].(string)
	if !isText {
		v := c.params[name]
		return v, v != nil
	}
	if text == "" {
		return nil, false
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return text, true // a string where a structure belongs, for the method to refuse
	}
	return v, v != nil
}

// limit gives how many items a page holds.
func (c *call) limit(usual, most int) (int, error) {
	if c.text("limit") == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(c.text("limit"))
	if err != nil || n < 0 {
		return 0, refuse("invalid_limit")
	}
	if n == 0 {
		return usual, nil
	}
	return min(n, most), nil
}
