package app

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/tracker/jira/jiratest"
	"tebiki/adapters/web"
)

// Each flow meets each fault at each of its requests, polls included. What
// is in Jira and in people's messages afterwards is what is there without a
// fault, each once.

// A mishap is what stands between Tebiki and Jira at one request. Without a
// fault it is the death of Tebiki, before the request or after it.
type mishap struct {
	name  string
	fault jiratest.Fault
	dies  bool
}

func mishaps() []mishap {
	busy := jiratest.Page(503)
	busy.Header = map[string]string{"Retry-After": "20"}
	return []mishap{
		{name: "cut", fault: jiratest.Fault{Cut: true}},
		{name: "the answer is lost", fault: jiratest.Fault{LoseAnswer: true}},
		{name: "503 by a proxy", fault: busy},
		{name: "429", fault: jiratest.RateLimited(30 * time.Second)},
		{name: "a page with 200", fault: jiratest.Page(200)},
		{name: "a page with 400", fault: jiratest.Page(400)},
		{name: "a page with 403", fault: jiratest.Page(403)},
		{name: "a page with 405", fault: jiratest.Page(405)},
		{name: "401", fault: refusal(401)},
		{name: "409", fault: refusal(409)},
		{name: "500", fault: refusal(500)},
		{name: "hangs", fault: jiratest.Fault{Hang: true}},
		{name: "death before it", fault: jiratest.Fault{Cut: true}, dies: true},
		{name: "death after it", fault: jiratest.Fault{LoseAnswer: true}, dies: true},
	}
}

// refusal is an answer in Jira's form that says no.
func refusal(status int) jiratest.Fault {
	return jiratest.Fault{Status: status, Body: `{"errorMessages":["no"],"errors":{}}`, Header: map[string]string{"Content-Type": "application/json"}}
}

// A flow is what people and monitoring do, step by step, with the n-th host.
// A step that comes to nothing is done again, as people do.
type flow struct {
	name   string
	eve    func(o *jiraOffice, host string) // what comes before any fault; nil for nothing
	steps  func(o *jiraOffice, host string) []func() error
	config string // of the tracker

	missing string // a component that Jira does not have, so that something is left out of the tickets
}

// How long after a step all is done: when nothing goes wrong, and whatever
// does.
const calm, recovery = 70 * time.Second, 4 * time.Minute

// run tells a story with a host that no other one has, and gives what there
// is afterwards.
func (f flow) run(o *jiraOffice, n int, meet func(int)) string {
	o.t.Helper()
	host := fmt.Sprintf("trial%d.example.jp", n)
	began, messages := len(o.jira.Issues()), o.allMessages()
	if f.eve != nil {
		f.eve(o, host)
	}
	o.line.watch(n == 0, meet)
	for _, step := range f.steps(o, host) {
		for try := 0; ; try++ {
			met := o.line.hasMet()
			err := step()
			o.pause(calm)
			if o.line.hasMet() != met {
				o.revive()
				o.pause(recovery)
			}
			if err == nil {
				break
			}
			if try == 5 {
				o.t.Fatalf("%s: a step does not succeed: %v", f.name, err)
			}
		}
	}
	return o.describe(host, began, messages)
}

// allMessages are the keys of everybody's messages.
func (o *jiraOffice) allMessages() map[string]bool {
	all := map[string]bool{}
	for _, p := range o.cfg.Roster.People() {
		for _, m := range o.messages(p.Chat) {
			all[p.Chat+" "+m.Key] = true
		}
	}
	return all
}

var (
	anyKey      = regexp.MustCompile(`OPS-\d+`)
	anyIncident = regexp.MustCompile(`I-\d+`)
	anyMoment   = regexp.MustCompile(`/\d{15,}|\d{4}-\d\d-\d\d|\d+月\d+日\(.\)( \d+:\d\d)?|\d\d:\d\d|/line/\d+|/[0-9a-f]{12}\b|\d+回`)
	anyMark     = regexp.MustCompile(`~[a-z0-9]{8}\b`)
)

// describe tells what a trial has left in Jira and in chat, in words that are
// the same in every trial.
func (o *jiraOffice) describe(host string, began int, before map[string]bool) string {
	var lines []string
	issues := o.jira.Issues()[began:]
	slices.SortStableFunc(issues, func(a, b *jiratest.Issue) int { return strings.Compare(a.Summary, b.Summary) })
	for _, i := range issues {
		lines = append(lines, describeIssue(i)...)
	}
	var said []string
	for _, p := range o.cfg.Roster.People() {
		for _, m := range o.messages(p.Chat) {
			if !before[p.Chat+" "+m.Key] && !ofTheTrials(m.Key) {
				said = append(said, fmt.Sprintf("%s has %s: %s; %d sections, %d buttons", p.Chat, m.Key, m.Title, len(m.Sections), len(m.Buttons)))
			}
		}
	}
	text := strings.ReplaceAll(strings.Join(append(lines, said...), "\n"), host, "HOST")
	text = strings.ReplaceAll(text, strings.TrimSuffix(host, ".example.jp"), "HOST")
	text = anyMark.ReplaceAllString(anyMoment.ReplaceAllString(text, "WHEN"), "")
	text = numbered(numbered(text, anyKey, "T"), anyIncident, "I")
	all := strings.Split(text, "\n")
	slices.Sort(all[len(lines):])
	return strings.Join(all, "\n")
}

// ofTheTrials tells a message that comes with the days that trials take, or
// says what the mishap was.
func ofTheTrials(key string) bool {
	all := []string{"upkeep weekly/", "review remind/", "shortfall/login/", "shortfall/denied/", "shortfall/unread/", "shortfall/away/"}
	return slices.ContainsFunc(all, func(begin string) bool { return strings.HasPrefix(key, begin) })
}

func describeIssue(i *jiratest.Issue) []string {
	lines := []string{fmt.Sprintf("%s %s under %q: %q; %s, %s's, %s, %v %v, text: %v", i.Type, i.Key, i.Parent, i.Summary, i.Status, i.Assignee, i.Priority, i.Components, i.Labels, i.Description != "")}
	for _, c := range i.Comments {
		lines = append(lines, fmt.Sprintf("  comment by %s: %.60q", c.By, c.Body))
	}
	for _, r := range i.Remote {
		lines = append(lines, "  link "+r.URL)
	}
	for _, l := range i.Links {
		lines = append(lines, "  "+l.Words+" "+l.Key)
	}
	return lines
}

// numbered gives the names in a text in the order in which they come.
func numbered(text string, name *regexp.Regexp, letter string) string {
	known := map[string]string{}
	return name.ReplaceAllStringFunc(text, func(s string) string {
		if known[s] == "" {
			known[s] = fmt.Sprint(letter, len(known)+1)
		}
		return known[s]
	})
}

func flows() []flow {
	by := func(do func()) func() error { return func() error { do(); return nil } }
	told := func(o *jiraOffice, do func()) func() error {
		return func() error {
			if do(); o.line.isCut() {
				return errors.New("Tebiki has died, and whoever sends alerts has no answer")
			}
			return nil
		}
	}
	return []flow{
		{"request", nil, func(o *jiraOffice, host string) []func() error {
			var key string
			return []func() error{
				by(func() {
					key = o.request("disk-full", "/var is full", "host: "+host)
					o.jira.Assign("lee", key, "tanaka")
				}),
				by(func() { o.transitionByHand(o.jira.Issue(key).Subtasks[0]) }),
				by(func() { o.jira.Assign("sato", key, "suzuki") }),
			}
		}, "", ""},
		{"review", nil, func(o *jiraOffice, host string) []func() error {
			var key string
			press := func(button string) func() error {
				return func() error { return o.tryPress("sato", "review/"+key, button, key) }
			}
			return []func() error{
				by(func() { key = o.request("unknown", "look at "+host, ""); o.jira.Assign("lee", key, "tanaka") }),
				by(func() { o.transitionByHand(key) }), func() error { return o.sendBack(key) },
				by(func() { o.transitionByHand(key) }), press("close"),
			}
		}, "", ""},
		{"urgent", nil, func(o *jiraOffice, host string) []func() error {
			var id string
			disk := map[string]any{"source": "zabbix", "host": host, "check": "disk /", "severity": "critical"}
			return []func() error{
				told(o, func() { id, _ = o.alert(ping(host)) }),
				told(o, func() { o.alert(disk) }),
				by(func() { o.jira.Comment("suzuki", o.only("the incident's", ofIncident(id)).Key, "/ack") }),
				told(o, func() { o.alert(resolved(disk)); o.alert(resolved(ping(host))) }),
			}
		}, "", "host-down"},
		{"morning", func(o *jiraOffice, host string) {
			o.untilMorning()
			o.low(host, "disk /")
			o.low(host, "load")
		}, func(o *jiraOffice, host string) []func() error {
			return []func() error{
				by(func() {}), // it is nine o'clock
				told(o, func() { o.low(host, "disk /") }),
				told(o, func() { o.ask("POST", "/v1/digest", nil, &struct{}{}) }),
			}
		}, ", every: 30m", "capacity"},
	}
}

// low is an alert of the evening before, which waits for the morning.
func (o *jiraOffice) low(host, check string) {
	o.t.Helper()
	at := time.Now().Add(-12 * time.Hour)
	o.alert(map[string]any{"source": "munin", "host": host, "check": check, "severity": "warning", "at": at.Format(time.RFC3339)})
}

// untilMorning waits until it is nearly nine in Tokyo, on the next business day.
func (o *jiraOffice) untilMorning() {
	tokyo := time.FixedZone("JST", 9*60*60)
	now := time.Now().In(tokyo)
	nine := time.Date(now.Year(), now.Month(), now.Day()+1, 8, 59, 50, 0, tokyo)
	for nine.Weekday() == time.Saturday || nine.Weekday() == time.Sunday {
		nine = nine.AddDate(0, 0, 1)
	}
	o.pause(time.Until(nine))
}

// tryPress presses a button; a person whose press fails reads why.
func (o *jiraOffice) tryPress(person, key, button, value string) error {
	o.t.Helper()
	m := o.has(person, key)
	if !hasButton(m, button) {
		return nil // it was done after all
	}
	_, err := o.App.messages.Press(o.t.Context(), m.To, m.Key, button, value)
	return err
}

// sendBack is the leader on the ticket's page, who looks first whether it is
// done.
func (o *jiraOffice) sendBack(key string) error {
	o.t.Helper()
	if !hasButton(o.has("sato", "review/"+key), "back") {
		return nil
	}
	return o.App.tickets.Do(o.t.Context(), web.Person{ID: "sato", Lang: "ja", Leader: true}, key, web.TicketAction{Kind: web.Reopen, Text: "まだ満杯です"})
}

var everyFault = flag.Bool("every-fault", false, "let every request of every flow meet every fault; it takes minutes")

func TestFaultsAtEveryStep(t *testing.T) {
	for _, f := range flows() {
		for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
			t.Run(f.name+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				known := slices.DeleteFunc(append(jiraComponents(), "unknown"), func(c string) bool { return c == f.missing })
				components := jiratest.WithProjects(jiratest.Project{Key: "OPS", Components: known})
				inJira(t, kind, jiraSetting{jira: []jiratest.Option{components, jiratest.WithoutRecord()}, replace: patient, config: f.config}, f.meetAll)
			})
		}
	}
}

// meetAll runs the flow once without a fault, to count, and then once for each
// request and mishap.
func (f flow) meetAll(o *jiraOffice) {
	want := f.run(o, 0, nil)
	steps := lastAct(o.line)
	trials, n := 0, 1
	for i := range steps {
		for _, m := range chosen(i, o.jira.Kind()) {
			got := f.run(o, n, f.meet(o, m, i))
			n++
			if diff := cmp.Diff(want, got); diff != "" {
				o.t.Errorf("%s at request %d (-without +with):\n%s", m.name, i, diff)
			}
			o.line.watch(false, nil) // it may have been fewer requests
			o.jira.Mend()
			trials++
		}
	}
	o.t.Logf("%d requests, %d trials; without a fault:\n%s", steps, trials, want)
}

// chosen are the mishaps of the i-th request: all of them or, to be quick, two
// in turn, one on each kind.
func chosen(i int, kind jiratest.Kind) []mishap {
	all := mishaps()
	switch {
	case *everyFault:
		return all
	case kind == jiratest.Cloud:
		i += len(all) / 2
	}
	return all[i%len(all):][:1]
}

// meet lets the i-th request meet a mishap.
func (f flow) meet(o *jiraOffice, m mishap, i int) func(int) {
	line := o.line
	return func(n int) {
		if n != i {
			return
		}
		line.met.Store(true)
		o.jira.Fail("*", 1, m.fault)
		if m.dies {
			o.kill()
		}
	}
}

// patient are policies that wait longer than any fault takes.
var patient = []string{"phone: 2m, next: 5m", "phone: 50m, next: 55m",
	"holidays: [2026-12-29, 2026-12-30, 2026-12-31, 2027-01-01, 2027-01-11, 2027-02-11, 2027-02-23, 2027-03-22]", "holidays: []"}

// lastAct is how many requests a flow took, without the polls behind it.
func lastAct(l *line) int {
	n, sent := l.counted()
	for n > 0 && strings.Contains(sent[n-1], " search") {
		n--
	}
	return n
}
