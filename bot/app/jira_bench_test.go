package app

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/adapters/tracker/jira/jiratest"
)

var benchTickets = flag.Int("bench-tickets", 10_000, "requests that appear in Jira in an hour's polls")

// hourPolls is how often Jira is asked in an hour.
const hourPolls = 120

// A reader follows the messages of everybody in the roster.
type reader struct {
	a    *App
	last map[string]string    // a person's newest message
	when map[string]time.Time // of the first message about a ticket, by its key
}

func newReader(a *App) *reader {
	return &reader{a: a, last: map[string]string{}, when: map[string]time.Time{}}
}

// readAtOnce is how many messages a reader takes in at once: few, since it
// looks often.
const readAtOnce = 4

// read takes in what has come.
func (r *reader) read(tb testing.TB) {
	tb.Helper()
	now := time.Now()
	for _, p := range r.a.cfg.Roster.People() {
		newest, before := "", ""
		for more := true; more; {
			page, err := r.a.messages.Messages(context.Background(), p.Chat, readAtOnce, before)
			if err != nil {
				tb.Fatal(err)
			}
			more = len(page) == readAtOnce
			for _, m := range page {
				if newest == "" {
					newest = m.ID
				}
				if m.ID == r.last[p.Chat] {
					more = false
					break
				}
				before = m.ID
				if key, ok := strings.CutPrefix(m.Key, "request/"); ok {
					ticket, _, _ := strings.Cut(key, "/")
					r.when[ticket] = now
				}
			}
		}
		if newest != "" {
			r.last[p.Chat] = newest
		}
	}
}

// appear makes n requests by hand, each somebody's.
func appear(j *jiratest.Jira, people []string, n int) map[string]time.Time {
	made := map[string]time.Time{}
	for i := range n {
		who := people[i%len(people)]
		made[j.Create("stranger", jiratest.Values{
			"summary": fmt.Sprintf("/var of web%d is full", i), "description": "host: web1.example.jp\npath: /var",
			"components": []any{map[string]any{"name": "disk-full"}}, "assignee": assigneeOf(j, who),
		})] = time.Now()
	}
	return made
}

func assigneeOf(j *jiratest.Jira, who string) map[string]any {
	key := map[jiratest.Kind]string{jiratest.DataCenter: "name", jiratest.Cloud: "accountId"}[j.Kind()]
	return map[string]any{key: j.AccountID(who)}
}

// A leaping clock is ahead of ours by as much as it has leapt.
type leaping struct{ ahead atomic.Int64 }

func (c *leaping) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *leaping) leap(d time.Duration) { c.ahead.Add(int64(d)) }

// dated has answers say what a clock shows, as servers do.
type dated struct {
	http.RoundTripper
	clock *leaping
}

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Header.Set("Date", d.clock.now().UTC().Format(http.TimeFormat))
	}
	return resp, err
}

// BenchmarkTicketsOfAnHour lets 10,000 requests appear in Jira before 120
// polls, which follow one another without the half minute in between: how many
// requests of the API each ticket and each poll takes, and the time from its
// appearance until the sub-tickets are there and its person has the message.
func BenchmarkTicketsOfAnHour(b *testing.B) {
	for _, kind := range []jiratest.Kind{jiratest.DataCenter, jiratest.Cloud} {
		b.Run(string(kind), func(b *testing.B) {
			for b.Loop() {
				ticketsOfAnHour(b, kind)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func ticketsOfAnHour(b *testing.B, kind jiratest.Kind) {
	clock := &leaping{}
	j := jiratest.New(b, kind, jiratest.WithoutNetwork(), jiratest.WithoutRecord(), jiratest.WithNow(clock.now), jiraPeople(), jiraProject())
	opt := jiraOptionsOf(b, j, jiraSetting{config: `, every: 1h, webhook_secret: {env: JIRA_HOOK}, listen: "127.0.0.1:0"`})
	l := &line{to: dated{j.Transport(), clock}}
	opt.Transport, opt.Config.Tracker.Every = l, time.Second // one that shows not all is followed soon
	opt.Files = filesWith(b, withoutChecks)
	a, err := New(b.Context(), opt)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = a.Run(ctx) }) // what it ends with does not count here
	defer running.Wait()
	defer stop()
	idle(b, a, l) // facts are asked for
	r, people := newReader(a), []string{"tanaka", "sato", "suzuki", "smith", "garcia", "lee"}
	var times []time.Duration
	polls := l.polls()
	before, _ := l.counted()
	began := time.Now()
	for p := range hourPolls {
		clock.leap(30 * time.Second)
		made := appear(j, people, (*benchTickets*(p+1))/hourPolls-(*benchTickets*p)/hourPolls)
		poll(b, a)
		until(b, a.messages.Watch, began, func() bool { r.read(b); return len(r.when) >= (*benchTickets*(p+1))/hourPolls })
		for key, at := range made {
			times = append(times, r.when[key].Sub(at))
		}
	}
	took := time.Since(began)
	all, _ := l.counted()
	polls = l.polls() - polls
	if subs := len(j.Issues()) - *benchTickets; subs != 3**benchTickets {
		b.Errorf("%d sub-tickets were made", subs)
	}
	report(b, "message", times)
	b.ReportMetric(float64(all-before-polls)/float64(*benchTickets), "requests/ticket")
	b.ReportMetric(float64(polls)/hourPolls, "searches/poll")
	b.ReportMetric(float64(all-before)/hourPolls, "requests/poll")
	b.ReportMetric(float64(*benchTickets)/took.Seconds(), "tickets/s")
}

// withoutChecks are checks that cost nothing: they are not what is measured.
var withoutChecks = strings.NewReplacer("        checks: [disk-space, inodes, big-logs]\n", "", "        checks: [disk-space]\n", "")

// poll has Jira asked for changes, as half a minute does: an event without an
// issue tells of nothing else.
func poll(tb testing.TB, a *App) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "/?secret="+url.QueryEscape(jiraHook), strings.NewReader("{}"))
	if err != nil {
		tb.Fatal(err)
	}
	w := httptest.NewRecorder()
	if a.trackerEvents.ServeHTTP(w, r); w.Code != http.StatusNoContent {
		tb.Fatalf("the event is answered %d", w.Code)
	}
}

// idle waits until Tebiki has begun to poll.
func idle(tb testing.TB, a *App, l *line) {
	tb.Helper()
	late := time.After(patienceOfTests)
	for l.polls() < 2 {
		select {
		case <-late:
			tb.Fatal("Tebiki does not begin to poll")
		case <-time.After(100 * time.Millisecond):
			poll(tb, a)
		}
	}
}
