package contract

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"tebiki/adapters/tracker/jira/jiratest"
)

// documents are read once in a process: they are large.
var documents = map[jiratest.Kind]func() (routers.Router, error){
	jiratest.DataCenter: sync.OnceValues(func() (routers.Router, error) { return load("datacenter-10.3.openapi.json") }),
	jiratest.Cloud:      sync.OnceValues(func() (routers.Router, error) { return load("cloud-v2.openapi.json") }),
}

func load(name string) (routers.Router, error) {
	dir, err := find()
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, err
	}
	amend(doc)
	return legacy.NewRouter(doc, openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation())
}

// amend leaves of a document what an adapter uses, since elsewhere it is no
// valid one, and repairs what it has wrong about that.
func amend(doc *openapi3.T) {
	doc.Servers = nil // at any address
	for path := range doc.Paths.Map() {
		if !used(path) {
			doc.Paths.Delete(path)
		}
	}
	amendTimes(doc)
	if _, cloud := doc.Components.Schemas["ChangeDetails"]; cloud {
		amendNulls(doc, "ChangeDetails")
		amendList(doc, "/rest/api/2/issue/{issueIdOrKey}/remotelink")
		addSearchJQL(doc)
		return
	}
	amendNulls(doc, "ChangeItemBean")
	amendList(doc, "/rest/api/2/project/{projectIdOrKey}/statuses")
	amendList(doc, "/rest/api/2/project/{projectIdOrKey}/components")
	amendPage(doc, "/rest/api/2/issue/createmeta/{projectIdOrKey}/issuetypes")
	amendPage(doc, "/rest/api/2/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}")
}

// amendTimes gives times the form in which every Jira writes them, which is
// not RFC 3339.
func amendTimes(doc *openapi3.T) {
	for _, schema := range doc.Components.Schemas {
		for _, p := range schema.Value.Properties {
			if p.Value.Format == "date-time" {
				p.Value.Format = ""
				p.Value.Pattern = `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$`
			}
		}
	}
}

// amendNulls lets fields and a history's values be null where there is
// nothing.
func amendNulls(doc *openapi3.T, item string) {
	for _, name := range []string{"from", "fromString", "to", "toString"} {
		doc.Components.Schemas[item].Value.Properties[name].Value.Nullable = true
	}
	if fields := doc.Components.Schemas["IssueBean"].Value.Properties["fields"].Value.AdditionalProperties.Schema; fields != nil {
		fields.Value.Nullable = true
	}
}

// amendList makes a list of what a document gives as its one element.
func amendList(doc *openapi3.T, path string) {
	content := answerOf(doc, path)
	list := openapi3.NewArraySchema()
	list.Items = content.Schema
	content.Schema = list.NewRef()
}

// amendPage makes a page of it.
func amendPage(doc *openapi3.T, path string) {
	amendList(doc, path)
	content := answerOf(doc, path)
	page := openapi3.NewObjectSchema().WithPropertyRef("values", content.Schema).WithRequired([]string{"values"})
	content.Schema = page.NewRef()
}

func answerOf(doc *openapi3.T, path string) *openapi3.MediaType {
	return doc.Paths.Value(path).Get.Responses.Status(http.StatusOK).Value.Content.Get("application/json")
}

func used(path string) bool {
	rest, ok := strings.CutPrefix(path, "/rest/api/2/")
	first, _, deeper := strings.Cut(rest, "/")
	switch first {
	case "issue", "issueLink", "issueLinkType", "project", "user", "priority", "resolution", "search":
		return ok
	case "serverInfo", "myself", "mypermissions", "field", "status":
		return ok && !deeper
	}
	return false
}

// undocumented parameters that a Jira does take.
var undocumented = map[jiratest.Kind]map[string]bool{
	jiratest.DataCenter: {
		"GET /rest/api/2/issue/{issueIdOrKey}/transitions?expand": true,
	},
	jiratest.Cloud: {},
}

// alsoAnswers tells whether Data Center's document forgets a status: a new
// remote link is 201.
func alsoAnswers(operation string, status int) bool {
	return operation == "POST /rest/api/2/issue/{issueIdOrKey}/remotelink" && status == http.StatusCreated
}
