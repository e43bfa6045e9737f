package escalation

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/escalation/schedule"
)

var update = flag.Bool("update", false, "rewrite what the scenarios expect")

// TestScenarios plays the files in testdata/scenarios. A line at the margin
// is something that happens; the indented lines under it are what comes of
// it. A line with # is a comment. Time begins at 09:00 on a Monday.
//
//	alert host=web1 check=disk severity=critical key=…
//	recover host=web1 check=disk
//	recover host=web1 ago=10m    what the source saw 10 minutes ago
//	ack I-1 tanaka · pass I-1 tanaka · fix I-1 tanaka
//	result I-1 2 failed          what became of page 2
//	ticket I-1 T-7
//	wait 10m                     what becomes due on the way is shown with its time
//	reload                       the state is stored and loaded
//	clock -10h                   the clock is put
//	show I-1
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { playFile(t, f) })
	}
}

func playFile(t *testing.T, file string) {
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(testRules())
	var got strings.Builder
	lines := bufio.NewScanner(strings.NewReader(string(want)))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "\t") {
			continue
		}
		fmt.Fprintln(&got, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		out, err := w.play(line)
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", file, n, line, err)
		}
		for _, o := range out {
			fmt.Fprintf(&got, "\t%s\n", o)
		}
		w.check(t)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-expected +happened):\n%s", file, diff)
	}
}

// testRules are small enough to follow by hand: chat at once, the phone after
// 2 minutes, the second line after 5, twice; then the leader.
func testRules() *Rules {
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	week := func(name string, people ...string) schedule.Layer {
		return schedule.Layer{Name: name, People: people, Start: monday, Days: 7, At: 9 * time.Hour}
	}
	step := func(layer string) PolicyStep {
		return PolicyStep{Who: Target{Schedule: "infra", Layer: layer}, Next: 5 * time.Minute,
			Via: []Delayed{{Chat, 0}, {Phone, 2 * time.Minute}}}
	}
	return &Rules{
		Low: []string{"warning", "info"},
		Routes: []Route{
			{Match: map[string]Pattern{"check": "ping*"}, Policy: "infra", Hold: Hold{Rate: Rate{3, 5 * time.Minute}}},
			{Match: map[string]Pattern{"check": "load"}, Policy: "infra", Hold: Hold{For: 10 * time.Minute}},
			{Policy: "infra"},
		},
		Policies: map[string]*Policy{"infra": {Name: "infra", Team: "infra", Leader: "sato", Repeat: 1,
			Steps: []PolicyStep{step("primary"), step("secondary")}, LeaderPhone: 2 * time.Minute, LeaderEvery: 10 * time.Minute}},
		Schedules: map[string]*schedule.Schedule{"infra": {Name: "infra", Zone: time.UTC,
			Layers: []schedule.Layer{week("primary", "tanaka", "suzuki"), week("secondary", "suzuki", "tanaka")}}},
		Match: []string{"host", "service"}, MatchWithin: time.Hour, Subtickets: 3,
		Storm: Rate{3, time.Minute}, ListEvery: time.Minute, Reopen: 2 * time.Hour, Grace: 5 * time.Minute,
		Flap: Rate{2, time.Hour}, FlapQuiet: 10 * time.Minute, AckTimeout: time.Hour, ConfirmLimit: 10 * time.Minute,
	}
}

// A world is a state with what has been stored of it, as the runner does it.
type world struct {
	rules   *Rules
	state   *State
	now     time.Time
	stored  map[ID]Incident
	alerts  map[string]Member
	traces  []Trace // as they came
	effects []Effect
}

func newWorld(r *Rules) *world {
	if err := r.Check(); err != nil {
		panic(err)
	}
	return &world{rules: r, state: NewState(r), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		stored: map[ID]Incident{}, alerts: map[string]Member{}}
}

// step lets an event happen and stores what it changed.
func (w *world) step(ev Event) (Receipt, *Changes) {
	c := &Changes{}
	r := Step(w.state, c, ev, w.now)
	w.commit(c)
	return r, c
}

func (w *world) commit(c *Changes) {
	for _, inc := range c.Incidents {
		kept := *inc
		kept.Pages, kept.Paged = slices.Clone(inc.Pages), slices.Clone(inc.Paged)
		kept.Times, kept.Again = slices.Clone(inc.Times), slices.Clone(inc.Again)
		w.stored[inc.ID] = kept
	}
	for _, m := range c.Members {
		w.alerts[fmt.Sprintf("%08d/%08d", m.Incident, m.Seq)] = m
	}
	for _, t := range c.Traces {
		w.traces = slices.DeleteFunc(w.traces, func(old Trace) bool { return old.Fingerprint == t.Fingerprint && old.Came.Equal(t.Came) })
		if !t.Gone {
			w.traces = append(w.traces, t)
		}
	}
	w.effects = append(w.effects, c.Effects...)
}

// reload makes the state anew from what is stored.
func (w *world) reload() {
	w.state = NewState(w.rules)
	ids := make([]ID, 0, len(w.stored))
	for id := range w.stored {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if inc := w.stored[id]; inc.Status != Closed {
			w.state.LoadIncident(&inc)
		}
	}
	keys := make([]string, 0, len(w.alerts))
	for k := range w.alerts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		w.state.LoadMember(w.alerts[k])
	}
	slices.SortStableFunc(w.traces, func(a, b Trace) int { return a.Came.Compare(b.Came) })
	for _, t := range w.traces {
		w.state.LoadTrace(t)
	}
	w.state.LoadDone()
}

func (w *world) play(line string) ([]string, error) {
	f := strings.Fields(line)
	switch f[0] {
	case "wait":
		d, err := time.ParseDuration(f[1])
		return w.wait(d), err
	case "reload":
		w.reload()
		return nil, nil
	case "clock":
		d, err := time.ParseDuration(f[1])
		w.now = w.now.Add(d)
		return nil, err
	case "show":
		id, err := ParseID(f[1])
		return []string{w.show(id)}, err
	}
	ev, err := parseEvent(f, w.now)
	if err != nil {
		return nil, err
	}
	r, c := w.step(ev)
	return append(tell(c), fmt.Sprintf("= %s", r)), nil
}

func (r Receipt) String() string {
	s := "nothing open"
	switch {
	case r.Low:
		s = "waits for the morning"
	case r.Incident != 0:
		s = fmt.Sprintf("%s is %s", r.Incident, r.Status)
	}
	if r.By != "" {
		s += " by " + r.By
	}
	if !r.Changed {
		s += ", nothing changed"
	}
	return s
}

func (w *world) wait(d time.Duration) []string {
	var out []string
	until := w.now.Add(d)
	for {
		at, ok := w.state.Due()
		if !ok || at.After(until) {
			break
		}
		if at.After(w.now) { // what is overdue comes now
			w.now = at
		}
		_, c := w.step(Timer{})
		for _, l := range tell(c) {
			out = append(out, w.now.Format("15:04:05 ")+l)
		}
	}
	if until.After(w.now) {
		w.now = until
	}
	return out
}

func (w *world) show(id ID) string {
	inc := w.state.Incident(id)
	if inc == nil {
		return fmt.Sprintf("%s is %s", id, w.stored[id].Status)
	}
	return fmt.Sprintf("%s is %s: %d of %d alerts bad, %d signals, reopened %d times, next page %s, ticket %q",
		id, inc.Status, inc.Firing, inc.Members, inc.Signals, inc.Reopened, inc.NextPage.Format("15:04:05"), inc.Ticket)
}

// tell says what Step decided, a line each.
func tell(c *Changes) []string {
	var out []string
	for _, l := range c.History {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s: %s %s %s %s %s", l.Incident, l.News, l.Person, l.Channel, l.Outcome, l.Detail)), " "))
	}
	for _, e := range c.Effects {
		if e.Kind != Reach { // the history says it already
			out = append(out, strings.Join(strings.Fields(fmt.Sprintf("-> %s %s %s %s", e.Kind, e.Key, e.News, e.Person)), " "))
		}
	}
	for _, a := range c.Low {
		state := "bad"
		if a.Resolved {
			state = "good"
		}
		out = append(out, fmt.Sprintf("morning: %s %s is %s at %s", a.Host, a.Check, state, a.At.Format("15:04:05")))
	}
	return out
}

func parseEvent(f []string, now time.Time) (Event, error) {
	if f[0] == "alert" || f[0] == "recover" {
		return parseAlert(f, now)
	}
	id, err := ParseID(f[1])
	if err != nil {
		return nil, err
	}
	switch f[0] {
	case "ack":
		return Ack{Incident: id, Person: f[2], Via: Chat}, nil
	case "pass":
		return PassOn{Incident: id, Person: f[2], Via: Phone}, nil
	case "call":
		return CallNow{Incident: id, Person: f[2]}, nil
	case "fix":
		return Fix{Incident: id, Person: f[2]}, nil
	case "ticket":
		return TicketMade{Incident: id, Ticket: f[2]}, nil
	case "result":
		var page uint32
		_, err := fmt.Sscan(f[2], &page)
		return PageResult{Incident: id, Page: page, Outcome: Outcome(strings.Join(f[3:], " "))}, err
	}
	return nil, fmt.Errorf("no event is called %q", f[0])
}

func parseAlert(f []string, now time.Time) (Event, error) {
	a := Alert{Source: "test", Severity: "critical", Resolved: f[0] == "recover", At: now}
	for _, kv := range f[1:] {
		k, v, _ := strings.Cut(kv, "=")
		if k == "ago" {
			ago, err := time.ParseDuration(v)
			if err != nil {
				return nil, err
			}
			a.At = now.Add(-ago)
			continue
		}
		p := map[string]*string{"key": &a.Key, "host": &a.Host, "service": &a.Service, "check": &a.Check,
			"severity": &a.Severity, "summary": &a.Summary}[k]
		if p == nil {
			return nil, fmt.Errorf("no field is called %q", k)
		}
		*p = v
	}
	return Signal{Alert: a}, nil
}
