package slacktest

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
)

// newer are parameters that came after Slack's own description of its API.
var newer = map[string][]string{
	"chat.postMessage":      {"metadata", "markdown_text"},
	"chat.update":           {"metadata", "markdown_text", "reply_broadcast"},
	"chat.postEphemeral":    {"markdown_text"},
	"conversations.history": {"include_all_metadata"},
	"conversations.replies": {"include_all_metadata"},
	"conversations.open":    {"prevent_creation"},
	"users.list":            {"team_id"},
	"bots.info":             {"team_id"},
	"views.publish":         {"interactivity_pointer"},
}

type parameter struct {
	Name     string
	In       string
	Type     string
	Required bool
}

// CheckOpenAPI holds all requests so far against Slack's description of its
// Web API at path: the names of the parameters, those that are required, and
// how they are written. Without the file the test is skipped, in CI it fails.
func (ws *Workspace) CheckOpenAPI(t *testing.T, path string) {
	t.Helper()
	known := readOpenAPI(t, path)
	for _, r := range ws.Requests() {
		parameters, ok := known[r.Method]
		if !ok {
			continue
		}
		for _, fault := range r.against(parameters) {
			t.Errorf("%s: %s", r.Method, fault)
		}
	}
}

func readOpenAPI(t *testing.T, path string) map[string][]parameter {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		missing(t, "Slack's description of its API is not here: "+err.Error())
	}
	var doc struct {
		Paths map[string]map[string]struct{ Parameters []parameter }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("reading %s: %v", path, err)
	}
	known := map[string][]parameter{}
	for path, verbs := range doc.Paths {
		for _, v := range verbs {
			known[path[1:]] = v.Parameters
		}
	}
	return known
}

// missing skips a test for the want of something, which CI must have.
func missing(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

func (r Request) against(parameters []parameter) (faults []string) {
	names := append([]string{"token"}, newer[r.Method]...)
	for _, p := range parameters {
		names = append(names, p.Name)
		value, given := r.Params[p.Name]
		switch {
		case p.Name == "token" && p.Required && r.Token == "none":
			faults = append(faults, "has no token")
		case p.Name != "token" && p.Required && !given:
			faults = append(faults, "lacks the parameter "+p.Name)
		case given && !p.takes(value):
			faults = append(faults, p.Name+" is "+strconv.Quote(value)+", which is no "+p.Type)
		}
	}
	for name := range r.Params {
		if !slices.Contains(names, name) {
			faults = append(faults, "has the parameter "+name+", which Slack does not know")
		}
	}
	return faults
}

func (p parameter) takes(value string) bool {
	var err error
	switch p.Type {
	case "boolean":
		_, err = strconv.ParseBool(value)
	case "integer":
		_, err = strconv.Atoi(value)
	case "number":
		_, err = strconv.ParseFloat(value, 64)
	}
	return err == nil
}
