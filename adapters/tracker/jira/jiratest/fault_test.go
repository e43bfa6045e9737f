package jiratest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"tebiki/adapters/fake"
)

const oneIssue = `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"summary":"x"}}`

func TestFaultsAreAnswers(t *testing.T) {
	tests := map[string]struct {
		fault  Fault
		status int
		header [2]string
	}{
		"rate":    {RateLimited(7 * time.Second), 429, [2]string{"Retry-After", "7"}},
		"captcha": {Captcha(), 403, [2]string{"X-Seraph-LoginReason", "AUTHENTICATION_DENIED"}},
		"proxy":   {Page(502), 502, [2]string{"Content-Type", "text/html; charset=utf-8"}},
		"fields":  {Refuse(400, map[string]string{"summary": "no"}), 400, [2]string{"Content-Type", "application/json"}},
	}
	for name, tt := range tests {
		c := newCaller(t, DataCenter)
		c.jira.Fail("POST issue", 1, tt.fault)
		c.want(200, "GET", "myself", "")
		answer, err := c.http.Do(c.request("POST", "issue", oneIssue))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close() // it is in memory
		if answer.StatusCode != tt.status || answer.Header.Get(tt.header[0]) != tt.header[1] {
			t.Errorf("%s: the answer is %d with %v", name, answer.StatusCode, answer.Header)
		}
		if n := len(c.jira.Issues()); n != 0 {
			t.Errorf("%s: %d issues were made", name, n)
		}
		c.want(201, "POST", "issue", oneIssue)
		if got := c.jira.Requests("POST issue"); len(got) != 2 || got[0].Status != tt.status || got[1].Status != 201 {
			t.Errorf("%s: the record is %+v", name, got)
		}
	}
}

// A connection can end before a request is handled, or after.
func TestCutConnections(t *testing.T) {
	for _, network := range []bool{false, true} {
		options := []Option{}
		if !network {
			options = append(options, WithoutNetwork())
		}
		j := New(t, Cloud, options...)
		c := caller{t, j, j.HTTPClient()}
		if network {
			c.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		}
		for n, f := range []Fault{{Cut: true}, {LoseAnswer: true}} {
			j.Fail("issue", 1, f)
			if _, err := c.http.Do(c.request("POST", "issue", oneIssue)); err == nil {
				t.Error("there was an answer")
			}
			if got := len(j.Issues()); got != n {
				t.Errorf("%+v: there are %d issues, want %d", f, got, n)
			}
		}
		c.want(201, "POST", "issue", oneIssue)
	}
}

// Time that a fault takes is the bubble's, and ends with the caller's patience.
func TestFaultsTakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCaller(t, DataCenter)
		c.jira.Fail("*", 1, Fault{Delay: time.Hour})
		begun := time.Now()
		c.want(200, "GET", "myself", "")
		if took := time.Since(begun); took != time.Hour {
			t.Errorf("it took %v", took)
		}
		for _, f := range []Fault{{Hang: true}, {Delay: time.Hour}} {
			c.jira.Fail("GET *", -1, f)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			begun = time.Now()
			_, err := c.http.Do(c.request("GET", "myself", "").WithContext(ctx))
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Minute {
				t.Errorf("%+v: %v after %v", f, err, time.Since(begun))
			}
			cancel()
			c.jira.Mend()
		}
		c.want(200, "GET", "myself", "")
	})
}

func TestPatternsOfFaults(t *testing.T) {
	for pattern, want := range map[string]bool{
		"*": true, "GET *": true, "POST *": false, "GET issue/*/comment": true, "issue/*/comment": true,
		"issue/*": false, "GET issue": false, "GET /issue/*/comment": true, "[": false, "": false,
	} {
		if got := fake.Matches(pattern, "GET", "issue/OPS-1/comment"); got != want {
			t.Errorf("%q matches: %v", pattern, got)
		}
	}
}

func TestHostileRequests(t *testing.T) {
	bothKinds(t, func(t *testing.T, kind Kind) {
		c := filled(t, kind, 1)
		for _, body := range []string{`null`, `[]`, `7`, `"x"`, `{"fields":null}`, `{"fields":{"project":7}}`, `{"fields":{"project":{"key":{}}}}`,
			`{"update":{"labels":[null]}}`, `{"fields":{"project":{"key":"OPS"},"issuetype":[],"summary":"x"}}`, `{"fields":[]}`} {
			if status, _ := c.call("POST", "issue", body); status != 400 {
				t.Errorf("%s is answered %d", body, status)
			}
		}
		for _, body := range []string{`null`, `[]`, `{"transition":7}`, `{"transition":{"id":{}}}`, `{"type":{},"inwardIssue":null}`} {
			for _, path := range []string{"issue/OPS-1/transitions", "issueLink", "issue/OPS-1/comment", "issue/OPS-1/remotelink", "search", "search/jql"} {
				if status, _ := c.call("POST", path, body); status < 200 || status >= 500 {
					t.Errorf("%s with %s is answered %d", path, body, status)
				}
			}
		}
		for _, path := range []string{"issue/%00", "issue/..%2f..", "issue/OPS-1/", "project/%E3%81%82", "search?startAt=-5&maxResults=99999999999&jql=x", "issue/OPS-1/comment?startAt=-1"} {
			if status, _ := c.call("GET", path, ""); status >= 500 {
				t.Errorf("%s is answered %d", path, status)
			}
		}
		if got := len(c.jira.Issues()); got != 1 {
			t.Errorf("there are %d issues", got)
		}
	})
}

// An instance leaves nothing running.
func TestNothingIsLeft(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("used", func(t *testing.T) {
		j := New(t, Cloud)
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		caller{t, j, client}.want(200, "GET", "myself", "")
	})
	goleak.VerifyNone(t, before)
}
