// Package contract holds requests and answers against Atlassian's OpenAPI
// documents, which lie beside the project and are no part of it.
//
// A Transport stands between a client and any Jira, real or not: what passes
// is read, sent on, and reported to the test where the document of that kind
// does not foresee it. What the documents lack, or have wrong, is listed in
// amend.go.
package contract

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"tebiki/adapters/tracker/jira/jiratest"
)

// Transport checks what passes on its way to next. Without the documents the
// test is skipped, in CI it fails.
func Transport(tb testing.TB, kind jiratest.Kind, next http.RoundTripper) http.RoundTripper {
	tb.Helper()
	doc, err := documents[kind]()
	if errors.Is(err, os.ErrNotExist) {
		missing(tb, "Jira's OpenAPI document is not here: "+err.Error())
	}
	if err != nil {
		tb.Fatalf("reading Jira's OpenAPI document: %v", err)
	}
	return &checked{tb, kind, doc, next}
}

// Known tells whether the documents are here.
func Known(kind jiratest.Kind) bool {
	_, err := documents[kind]()
	return !errors.Is(err, os.ErrNotExist)
}

// missing skips a test for the want of something, which CI must have.
func missing(tb testing.TB, reason string) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatal(reason)
	}
	tb.Skip(reason)
}

type checked struct {
	tb     testing.TB
	kind   jiratest.Kind
	router routers.Router
	next   http.RoundTripper
}

// RoundTrip sends the request on and checks both ways.
func (c *checked) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := drain(&r.Body)
	if err != nil {
		return nil, err
	}
	answer, err := c.next.RoundTrip(r)
	in := c.checkRequest(r, sent)
	if err != nil || in == nil || answer.Header.Get(jiratest.InjectedHeader) != "" {
		return answer, err
	}
	got, err := drain(&answer.Body)
	if err != nil {
		return nil, err
	}
	c.checkAnswer(in, answer, got)
	return answer, nil
}

// drain reads a body and puts it back.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	raw, err := io.ReadAll(*body)
	_ = (*body).Close() // it has been read
	*body = io.NopCloser(bytes.NewReader(raw))
	return raw, err
}

func (c *checked) checkRequest(r *http.Request, body []byte) *openapi3filter.RequestValidationInput {
	c.tb.Helper()
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.router.FindRoute(copied)
	if err != nil {
		c.tb.Errorf("%s does not know %s %s: %v", c.kind, r.Method, r.URL.Path, err)
		return nil
	}
	in := &openapi3filter.RequestValidationInput{Request: copied, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil && r.Context().Err() == nil {
		c.tb.Errorf("%s does not take %s %s %s: %s", c.kind, r.Method, r.URL, body, brief(err))
	}
	c.checkQuery(r, in)
	return in
}

// checkQuery looks for parameters that the document does not have: a Jira
// ignores those, so that a typing error would show nowhere.
func (c *checked) checkQuery(r *http.Request, in *openapi3filter.RequestValidationInput) {
	c.tb.Helper()
	for name := range r.URL.Query() {
		known := in.Route.Operation.Parameters.GetByInAndName("query", name) != nil ||
			in.Route.PathItem.Parameters.GetByInAndName("query", name) != nil
		if !known && !undocumented[c.kind][r.Method+" "+in.Route.Path+"?"+name] {
			c.tb.Errorf("%s does not know the parameter %s of %s %s", c.kind, name, r.Method, in.Route.Path)
		}
	}
}

func (c *checked) checkAnswer(in *openapi3filter.RequestValidationInput, answer *http.Response, body []byte) {
	c.tb.Helper()
	isJSON := strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json")
	if answer.StatusCode >= http.StatusBadRequest && !isJSON || answer.StatusCode == http.StatusUnauthorized {
		return // a proxy's, or the login's, which stands before all operations and has words of its own
	}
	operation := in.Request.Method + " " + in.Route.Path
	response := in.Route.Operation.Responses.Status(answer.StatusCode)
	if response == nil && answer.StatusCode < http.StatusBadRequest && !alsoAnswers(operation, answer.StatusCode) {
		c.tb.Errorf("%s does not answer %s with %d", c.kind, operation, answer.StatusCode)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: answer.StatusCode, Header: answer.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: false}}
	out.SetBodyBytes(body)
	if response != nil && len(body) == 0 {
		return // the documents have bodies where a Jira sends none
	}
	if err := openapi3filter.ValidateResponse(in.Request.Context(), out); err != nil && in.Request.Context().Err() == nil {
		c.tb.Errorf("%s does not answer %s with %d %s: %s", c.kind, operation, answer.StatusCode, body, brief(err))
	}
}

// brief leaves out the schema that an error ends with.
func brief(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\nSchema:")
	return text
}

// find gives the folder with the documents, beside the module.
func find() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(dir), "shared", "jira"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", os.ErrNotExist
		}
		dir = parent
	}
}
