package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/inprocess"
	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/tracker/jira/jiratest/contract"
	"tebiki/store"
)

// An office whose tickets are in Jira runs in a bubble of time: the whole app,
// its store on disk, with polls every half minute and a lagging search index
// as they are in earnest. Nothing in it may have a socket, so the console is
// asked, and Jira called, without one.

// saturday is when a bubble's story begins: the morning is two days away.
var saturday = time.Date(2026, 12, 5, 1, 0, 0, 0, time.UTC)

// A deaf listener has an address, and nobody ever comes.
type deaf struct{ closed chan struct{} }

func newDeaf() *deaf { return &deaf{make(chan struct{})} }

func (l *deaf) Accept() (net.Conn, error) {
	<-l.closed
	return nil, net.ErrClosed
}

func (l *deaf) Close() error {
	select {
	case <-l.closed:
		return net.ErrClosed
	default:
		close(l.closed)
		return nil
	}
}

func (l *deaf) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8420} }

// A line to Jira counts what goes over it and can be cut: then the process at
// its end may do what it likes.
type line struct {
	to http.RoundTripper

	mu     sync.Mutex
	n      int
	meet   func(n int) // called before the n-th request, from 0 on; nil for none
	cut    bool
	sent   []string
	record bool

	met   atomic.Bool  // a mishap, since it is watched
	asked atomic.Int64 // searches for changes
}

func (l *line) hasMet() bool { return l.met.Load() }

func (l *line) polls() int { return int(l.asked.Load()) }

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.isCut() {
		return nil, inprocess.ErrCut
	}
	l.mu.Lock()
	n, meet := l.n, l.meet
	l.n++
	if l.record {
		l.sent = append(l.sent, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/rest/api/2/"))
	}
	l.mu.Unlock()
	if isPoll(r) {
		l.asked.Add(1)
	}
	if meet != nil {
		meet(n)
	}
	resp, err := l.to.RoundTrip(r)
	if l.isCut() { // meanwhile
		return nil, inprocess.ErrCut
	}
	return resp, err
}

// isPoll tells a search for what changed from others.
func isPoll(r *http.Request) bool {
	if r.GetBody == nil || !strings.Contains(r.URL.Path, "/rest/api/2/search") {
		return false
	}
	body, err := r.GetBody()
	if err != nil {
		return false
	}
	text, err := io.ReadAll(body)
	return err == nil && strings.Contains(string(text), "ORDER BY updated")
}

func (l *line) isCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
}

// watch counts from now on, and lets meet happen before the requests.
func (l *line) watch(record bool, meet func(n int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n, l.sent, l.record, l.meet = 0, nil, record, meet
	l.met.Store(false)
}

func (l *line) counted() (int, []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n, slices.Clone(l.sent)
}

// A jiraOffice is an office with its tickets in Jira.
type jiraOffice struct {
	*office
	jira *jiratest.Jira
	line *line
	opt  Options
	stop func() // ends the app and waits for it
}

// jiraLag is how late the fake's search index knows a change.
const jiraLag = 3 * time.Second

// inJira runs a test in a bubble, with an office on a Jira of a kind.
func inJira(t *testing.T, kind jiratest.Kind, set jiraSetting, test func(o *jiraOffice)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(saturday)) // in the bubble's time
		test(openJiraOffice(t, kind, set))
	})
}

// bothJiras is inJira on either kind, at once.
func bothJiras(t *testing.T, set jiraSetting, test func(o *jiraOffice)) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			inJira(t, kind, set, test)
		})
	}
}

// A jiraSetting is what a test's Jira and configuration have besides.
type jiraSetting struct {
	jira    []jiratest.Option
	config  string // keys of the tracker, as YAML: ", component: other"
	replace []string
}

func openJiraOffice(t *testing.T, kind jiratest.Kind, set jiraSetting) *jiraOffice {
	t.Helper()
	options := append([]jiratest.Option{jiratest.WithoutNetwork(), jiratest.WithLag(jiraLag), jiraPeople()}, set.jira...)
	o := &jiraOffice{jira: jiratest.New(t, kind, append(options, jiraProject())...)}
	o.opt = jiraOptionsOf(t, o.jira, set)
	t.Cleanup(func() { o.stop() })
	o.start(t)
	o.settle()
	return o
}

// jiraOptionsOf are those of an office with its tickets in a Jira.
func jiraOptionsOf(t testing.TB, j *jiratest.Jira, set jiraSetting) Options {
	t.Helper()
	mail := ""
	if j.Kind() == jiratest.Cloud {
		mail = ", mail: tebiki@example.com"
	}
	section := fmt.Sprintf("\ntracker: {kind: jira, url: %q, project: OPS, token: {env: JIRA_TOKEN}%s%s}\nteams:\n", j.URL(), mail, set.config)
	opt := officeOptions(t, append(set.replace, "\nteams:\n", section)...)
	opt.Files = filesWith(t, quickChecks)
	return opt
}

// quickChecks are checks that print the same everywhere, and ask no network.
var quickChecks = strings.NewReplacer(
	"[getent, hosts, '{name}.{zone}']", "[test, '{name}.{zone}', '=', taken]",
	"[getent, ahosts, '{target}']", "[echo, '192.0.2.33 {target}']",
	"[cat, /etc/resolv.conf]", "[echo, 'nameserver 192.0.2.53']",
	"[getent, ahosts, '{host}']", "[echo, '192.0.2.33 {host}']",
)

// jiraPeople are the sample's, by the mail addresses of its roster, and a
// stranger.
func jiraPeople() jiratest.Option {
	users := []jiratest.User{{Name: "stranger", DisplayName: "Stranger", Email: "stranger@example.net"}}
	for name, domain := range map[string]string{"tanaka": "jp", "sato": "jp", "suzuki": "jp", "smith": "com", "garcia": "com", "lee": "com"} {
		users = append(users, jiratest.User{Name: name, DisplayName: name, Email: name + "@example." + domain})
	}
	slices.SortFunc(users, func(a, b jiratest.User) int { return strings.Compare(a.Name, b.Name) })
	return jiratest.WithUsers(users...)
}

// jiraComponents are those of the sample's know-how that OPS has.
func jiraComponents() []string {
	return []string{"subdomain", "certificate", "disk-full", "host-down", "capacity", "other"}
}

// jiraProject is the project OPS; a test's own comes first and is OPS then.
func jiraProject() jiratest.Option {
	return jiratest.WithProjects(jiratest.Project{Key: "OPS", Components: jiraComponents()})
}

// start runs the app on the store as it is.
func (o *jiraOffice) start(t *testing.T) {
	t.Helper()
	o.line = &line{to: held(t, o.jira)}
	o.opt.Listener, o.opt.Transport = newDeaf(), o.line
	a, err := New(t.Context(), o.opt)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	o.stop = func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		o.stop = func() {}
	}
	o.office = &office{a, t, &http.Client{Transport: inprocess.Transport{Handler: a.web}}}
}

// held is the way to a Jira, with what passes held against the vendor's
// documents, where they are.
func held(t *testing.T, j *jiratest.Jira) http.RoundTripper {
	t.Helper()
	if !contract.Known(j.Kind()) && os.Getenv("CI") == "" {
		return j.Transport()
	}
	return contract.Transport(t, j.Kind(), j.Transport())
}

// kill is a death without warning: what is on the disk at this moment is all
// that is left, and nothing more goes to Jira. It may be called where a
// request is under way.
func (o *jiraOffice) kill() {
	o.line.hangUp() // whoever has an answer by now has it from what is on the disk
	o.leave(o.opt.Data)
}

// leave keeps what is on the disk at this moment, for resume.
func (o *office) leave(data string) {
	left := filepath.Join(data, "left")
	err := o.store.View(context.Background(), func(store.Reader) error { // so that no page of it is written anew
		all, err := os.ReadFile(filepath.Join(data, File))
		if err != nil {
			return err
		}
		return os.WriteFile(left, all, 0o600)
	})
	if err != nil {
		o.t.Error(err)
	}
}

// revive starts the next process after a death.
func (o *jiraOffice) revive() {
	if !o.line.isCut() {
		return
	}
	o.stop()
	o.resume(o.opt.Data)
	o.start(o.t)
}

// resume makes what was left the disk that the next process finds.
func (o *office) resume(data string) {
	o.t.Helper()
	if err := os.Rename(filepath.Join(data, "left"), filepath.Join(data, File)); err != nil {
		o.t.Fatal(err)
	}
}

// settle waits until polls and what follows from them are done.
func (o *jiraOffice) settle() { o.pause(75 * time.Second) }

func (o *jiraOffice) pause(d time.Duration) {
	time.Sleep(d) // in the bubble's time
	synctest.Wait()
}
