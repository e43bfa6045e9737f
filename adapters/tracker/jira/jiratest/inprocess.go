package jiratest

import (
	"net/http"

	"tebiki/adapters/inprocess"
)

// inProcessURL is the instance's address where nothing listens.
const inProcessURL = "http://jira.test"

// HTTPClient calls the instance without a connection in between.
func (j *Jira) HTTPClient() *http.Client { return &http.Client{Transport: j.Transport()} }

// Transport serves each request in the goroutine of who makes it.
func (j *Jira) Transport() http.RoundTripper { return inprocess.Transport{Handler: j} }

// Authorize gives a request Me's credentials: a bearer token on Data Center,
// mail address and token on Cloud.
func (j *Jira) Authorize(r *http.Request) {
	if j.cloud() {
		j.mu.Lock()
		defer j.mu.Unlock()
		r.SetBasicAuth(j.me.Email, Token)
		return
	}
	r.Header.Set("Authorization", "Bearer "+Token)
}
