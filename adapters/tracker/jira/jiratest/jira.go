package jiratest

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/fake"
)

// A Kind is one of the two products that are called Jira.
type Kind string

// The kinds, as serverInfo names them.
const (
	DataCenter Kind = "Server"
	Cloud      Kind = "Cloud"
)

// Token is the personal access token (Data Center) or API token (Cloud).
const Token = "NjEwMjI0-jiratest"

// me is the user whose token it is, called Me everywhere else; WithMe changes
// it.
var me = User{
	Name: "tebiki", Key: "JIRAUSER10000", AccountID: "557058:0000-tebiki",
	Email: "tebiki@example.com", DisplayName: "Tebiki", Zone: "Asia/Tokyo",
}

// A Jira is one instance.
type Jira struct {
	tb       testing.TB
	kind     Kind
	base     string           // its address
	server   *httptest.Server // nil without a network
	now      func() time.Time
	indexNow func() time.Time // by which the index lags; now unless it is set
	lag      time.Duration
	maxPage  int // 0: the kind's own
	version  string
	record   bool
	life     chan struct{} // closed with the test
	views    map[string]func(*Jira, *document) any

	mu         sync.Mutex
	me         *User
	users      []*User
	projects   []*project
	fields     []Field
	priorities []Priority
	linkTypes  []LinkType
	denied     map[string]bool // permissions that the asking user lacks
	revoked    bool
	issues     map[int]*issue
	order      []*issue       // as they were made, deleted ones too: the index may still know them
	byKey      map[string]int // old keys too
	byLabel    map[string][]*issue
	children   map[int][]int // by the id of the parent
	serials    map[string]int
	requests   []*Request
	faults     fake.Queue[Fault]
	hook       *hook
	events     []obj // of the change that is being made
}

// New gives an instance of a kind that ends with the test. Without options it
// has the project OPS with one component, and two people besides Me.
func New(tb testing.TB, kind Kind, options ...Option) *Jira {
	tb.Helper()
	j := &Jira{
		tb: tb, kind: kind, base: inProcessURL, now: time.Now, record: true, life: make(chan struct{}), views: fieldViews(),
		priorities: defaultPriorities(), linkTypes: defaultLinkTypes(), denied: map[string]bool{},
		issues: map[int]*issue{}, byKey: map[string]int{}, byLabel: map[string][]*issue{}, children: map[int][]int{}, serials: map[string]int{},
	}
	set := &settings{me: me, network: true}
	for _, o := range options {
		o(j, set)
	}
	if j.indexNow == nil {
		j.indexNow = j.now
	}
	j.settle(set)
	if set.network {
		j.server = httptest.NewServer(j)
		j.base = j.server.URL
	}
	tb.Cleanup(j.close)
	return j
}

// settle makes what the options name, or the defaults.
func (j *Jira) settle(set *settings) {
	if j.version == "" {
		j.version = map[Kind]string{DataCenter: "10.3.2", Cloud: "1001.0.0-SNAPSHOT"}[j.kind]
	}
	j.me = j.addUser(set.me)
	if set.users == nil {
		set.users = []User{{Name: "tanaka", DisplayName: "Tanaka Hanako"}, {Name: "sato", DisplayName: "Sato Ken"}}
	}
	for _, u := range set.users {
		j.addUser(u)
	}
	j.fields = systemFields()
	for _, f := range set.fields {
		j.setField(f)
	}
	if set.projects == nil {
		set.projects = []Project{{Key: "OPS", Name: "Operations", Components: []string{"dns"}}}
	}
	for _, p := range set.projects {
		j.addProject(p)
	}
}

func (j *Jira) close() {
	close(j.life)
	if j.server != nil {
		j.server.CloseClientConnections()
		j.server.Close()
	}
}

// URL is the instance's address, without the path of the API.
func (j *Jira) URL() string { return j.base }

// Kind tells which product it is.
func (j *Jira) Kind() Kind { return j.kind }

func (j *Jira) cloud() bool { return j.kind == Cloud }

// time is now as Jira keeps it, in milliseconds.
func (j *Jira) time() time.Time { return j.now().Truncate(time.Millisecond) }

// next gives the next number of a series that begins at 10000.
func (j *Jira) next(series string) int {
	n := j.serials[series]
	j.serials[series] = n + 1
	return 10000 + n
}
