package jiratest

import (
	"fmt"
	"net/http"
)

// obj is a JSON object.
type obj = map[string]any

// A refusal is an answer that is an error, in Jira's form.
type refusal struct {
	status   int
	messages []string
	errors   map[string]string // by field
}

func (r refusal) Error() string { return fmt.Sprintf("%d %v %v", r.status, r.messages, r.errors) }

func (r refusal) body() obj {
	if r.messages == nil {
		r.messages = []string{}
	}
	if r.errors == nil {
		r.errors = map[string]string{}
	}
	return obj{"errorMessages": r.messages, "errors": r.errors}
}

func refuse(status int, format string, args ...any) error {
	return refusal{status: status, messages: []string{fmt.Sprintf(format, args...)}}
}

// refuseFields is Jira's answer to values that it does not take.
func refuseFields(errors map[string]string) error {
	return refusal{status: http.StatusBadRequest, errors: errors}
}

// notFound is the answer about an issue that is not there, or that Me may not
// know of.
func (j *Jira) notFound() error {
	if j.cloud() {
		return refuse(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
	}
	return refuse(http.StatusNotFound, "Issue Does Not Exist")
}

func (j *Jira) badPayload(detail string) error {
	if j.cloud() {
		return refuse(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	return refuse(http.StatusBadRequest, "%s", detail)
}
