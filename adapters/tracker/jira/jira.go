// Package jira is the tracker in Jira, Data Center (8.14 or newer, where
// personal access tokens begin) and Cloud, by version 2 of its REST API.
//
// Every call goes through remote.Client, and so do those of go-jira, whose
// client builds the requests and whose types read what they fit. What Jira
// says of itself (which kind it is, the zone of our user, types, statuses,
// components) is asked once an hour and kept as facts.
//
// # Writing
//
// A ticket is made through package once: the label of its cause, with the mark
// of this data folder behind it, is a label of the issue, by which it is found
// after an answer was lost. What Jira refuses of a draft and what is optional
// is left out, and the ticket says so in Omitted. Fields go into the custom
// fields that the configuration names, the others into lines at the beginning
// of the description. Where the project has no sub-task type a sub-ticket is
// an issue of the ticket's type, linked, and labelled with its parent's key.
//
// A change of status asks for the transitions there are now, takes the one
// that leads to where the configuration maps the status, and fills what the
// transition demands. Where a workflow has one closed status only, "Done", a
// label tells what was reviewed from what was not.
//
// # Reading
//
// The truth is a search for what changed, in order of the change, from a
// window's beginning on; see since.go. Webhooks only hasten it: an issue that
// one names is fetched at once, and a lost webhook loses nothing.
//
// # Requests
//
//	ticket             2, and 1 for each link; 1 more for each refusal that is answered by leaving something out
//	ticket there is    1, when its label made it before; and 1 for each link
//	linked sub-ticket  4
//	comment            1
//	change             2, and 1 for each of: text, assignee, label; 2 for a move
//	no change          1
//	ticket read        1
//	sub-tickets        1 for none, else 2, and 1 for each that the index shows as it was before
//	history            1
//	list               1
//	poll               1, whether 0 or 100 issues changed, and 1 more for each further 100;
//	                   1 more for each issue that a webhook names and the index does not show yet, 50 at most
//	bulk change        1 for each 100, read twice when a minute has more
//	comments           0 on Data Center; on Cloud 1 for each changed issue with more than 20
//	every 10 minutes   3: whether the project is in sight, our user's zone, and what came late;
//	                   1 more for each 200 tickets (Cloud: 100) that are not closed, to find what
//	                   was deleted, and for each such a few to be sure
//	a refusal          1 more, when it may mean that the project is out of sight; see hidden.go
//	facts              6 an hour, and 1 a day for each mail address of the roster
//
// No request is conditional: Jira gives searches no ETag, and a poll's answer
// where nothing has changed is short.
//
// Stored, besides what package once stores in "jira.made" and "jira.said", each
// key behind address and project, because another Jira has other ids:
//
//	jira.person  person as the roster names them -> who that is in Jira
//	jira.open    id of an issue -> its key and change: what must be somewhere until it is closed
package jira

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters/lanes"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/once"
	"tebiki/adapters/tracker/remote"
	"tebiki/store"
)

// Options say which Jira and how it is used.
type Options struct {
	URL     string // of Jira: "https://jira.example.jp/jira", "https://example.atlassian.net"
	Project string // key: "OPS"
	Mail    string // of the user on Cloud; "" on Data Center
	Token   string // API token on Cloud, personal access token on Data Center

	Store     store.Store
	Transport http.RoundTripper // see remote.Transport
	Log       *slog.Logger

	People []string // the roster's addresses in the tracker: names or account ids, or mail addresses

	Type, SubType string // names of issue types; "" takes the first of the project, and the first sub-task type
	LinkType      string // of sub-tickets that are linked issues; "Relates" unless it is set
	Component     string // for tickets of a component that Jira does not have; "" leaves them without
	// Statuses are Jira's statuses for each of ours, the one that is moved to
	// first. What is not given is guessed.
	Statuses   map[tracker.Status][]string
	Priorities map[tracker.Priority]string // guessed by the order of Jira's own
	Fields     map[string]string           // a ticket's field -> name of a custom field
	Defaults   map[string]string           // name of a field -> value, at creation
	OnMove     map[string]string           // name of a field -> value, where a transition demands it

	Since   time.Time     // what changed from then on is read at the first start; now when it is zero
	Lag     time.Duration // how long the search index may lag; 20 s unless it is set
	Sweep   time.Duration // how often deleted tickets are searched for; 10 min unless it is set
	Pace    time.Duration // between two searches for changes; 1 s unless it is set
	Timeout time.Duration // of one request; 20 s unless it is set
	Page    int           // issues in an answer; 100 unless it is set
	Secret  string        // of the webhook; "" takes none
}

// A Jira is the tracker in one project. It is safe for concurrent use.
type Jira struct {
	opt    Options
	log    *slog.Logger
	web    *remote.Client
	api    *sdk.Client
	base   string
	made   *once.Maker
	said   *once.Maker
	mark   mark
	facts  keeper
	people people
	hints  hints
	reads  reads

	turns  lanes.Lanes // of Since, which alone uses what follows
	swept  time.Time
	polled time.Time
}

var (
	_ tracker.Tracker = (*Jira)(nil)
	_ tracker.Waker   = (*Jira)(nil)
	_ tracker.Doctor  = (*Jira)(nil)
)

// project is what a project's key looks like.
var project = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)

// New checks the options and gives the tracker. It calls nothing yet.
func New(o Options) (*Jira, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("jira: %q is no address; want one such as https://jira.example.jp", o.URL)
	case !project.MatchString(o.Project):
		return nil, fmt.Errorf("jira: %q is no key of a project; want one such as OPS", o.Project)
	case o.Token == "":
		return nil, errors.New("jira: there is no token; make one in Jira, under the profile of the bot's user")
	}
	o.fill()
	j := &Jira{opt: o, log: o.Log, base: strings.TrimRight(o.URL, "/"), made: once.New(o.Store, "jira.made"), said: once.New(o.Store, "jira.said")}
	j.web = remote.New(remote.Options{Name: "Jira", Transport: o.Transport, Authorize: j.authorize, Secret: o.Token, Explain: explain, Login: login, Timeout: o.Timeout})
	j.people.init(o.People)
	if j.api, err = sdk.NewClient(j.web, j.base+"/"); err != nil {
		return nil, fmt.Errorf("jira: %w", err)
	}
	return j, nil
}

func (o *Options) fill() {
	o.LinkType = cmp.Or(o.LinkType, "Relates")
	o.Lag = cmp.Or(o.Lag, 20*time.Second)
	o.Sweep = cmp.Or(o.Sweep, 10*time.Minute)
	o.Pace = cmp.Or(o.Pace, time.Second)
	o.Timeout = cmp.Or(o.Timeout, 20*time.Second)
	o.Page = cmp.Or(o.Page, 100)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
}

func (j *Jira) authorize(r *http.Request) {
	r.Header.Set("Accept", "application/json")
	if j.opt.Mail == "" {
		r.Header.Set("Authorization", "Bearer "+j.opt.Token)
		return
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(j.opt.Mail+":"+j.opt.Token)))
}

// call makes one request and reads its answer into out, unless that is nil.
func (j *Jira) call(ctx context.Context, method, path string, in, out any) error {
	_, err := j.exchange(ctx, method, path, in, out)
	return err
}

// exchange is call for who wants to see the answer's header.
func (j *Jira) exchange(ctx context.Context, method, path string, in, out any) (http.Header, error) {
	r, err := j.api.NewRequestWithContext(ctx, method, "rest/api/2/"+path, in)
	if err != nil {
		return nil, remote.Refused("%s %s: %v", method, path, err)
	}
	resp, err := j.web.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if out == nil {
		return resp.Header, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return resp.Header, &remote.Fault{Status: resp.StatusCode, Sent: true, What: "Jira's answer cannot be read", Err: err}
	}
	return resp.Header, nil
}

// get reads one thing.
func get[T any](ctx context.Context, j *Jira, path string) (v T, err error) {
	err = j.call(ctx, http.MethodGet, path, nil, &v)
	return v, err
}

// complaint is how Jira says no.
type complaint struct {
	Messages []string          `json:"errorMessages"`
	Errors   map[string]string `json:"errors"`
	Message  string            `json:"message"`
}

func explain(body []byte) ([]string, map[string]string) {
	var c complaint
	if json.Unmarshal(body, &c) != nil {
		return nil, nil
	}
	if c.Message != "" {
		c.Messages = append(c.Messages, c.Message)
	}
	return c.Messages, c.Errors
}

// login reads the headers by which Jira tells a refused login from something
// that the user may not do: a status does not tell.
func login(r *http.Response) string {
	switch reason := r.Header.Get("X-Seraph-LoginReason"); {
	case strings.HasPrefix(r.Header.Get("X-Authentication-Denied-Reason"), "CAPTCHA"), reason == "AUTHENTICATION_DENIED":
		return "Jira wants a CAPTCHA after too many failed logins: log in as the bot's user in a browser once, and correct the token"
	case reason == "AUTHENTICATED_FAILED", reason == "AUTHORISATION_FAILED":
		return "Jira does not take the token: it has expired or was revoked, or belongs to another Jira or mail address; make a new one"
	}
	return ""
}

// A mark is this data folder's own, asked for once.
type mark struct {
	mu   sync.Mutex
	text string
}

func (j *Jira) instance(ctx context.Context) (string, error) {
	j.mark.mu.Lock()
	defer j.mark.mu.Unlock()
	if j.mark.text != "" {
		return j.mark.text, nil
	}
	text, err := j.made.Instance(ctx)
	j.mark.text = text
	return text, err
}

// of names this project of this Jira.
func (j *Jira) of() string { return j.base + " " + j.opt.Project }

// scoped is a key of the store that is this project's.
func (j *Jira) scoped(key string) string { return j.of() + " " + key }

// URL implements tracker.Tracker.
func (j *Jira) URL(key string) string {
	if !keyed.MatchString(key) {
		return ""
	}
	return j.base + "/browse/" + key
}

// keyed is what an issue's key looks like.
var keyed = regexp.MustCompile(`^[A-Z][A-Z0-9_]+-[1-9][0-9]{0,17}$`)
