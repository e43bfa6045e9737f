package hotline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"tebiki/bot/config"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/bot/roster/pin"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/escalation/schedule"
	"tebiki/knowhow"
	"tebiki/store"
)

// A world is Tebiki with its loop, its store and a hotline, all of which can
// be broken.
type world struct {
	t      *testing.T
	store  store.Store
	rules  *escalation.Rules
	runner *runner.Runner
	flow   *Flow
	core   *brokenCore
	tapes  *tapes
	log    bytes.Buffer
	stop   func()
}

// in runs a test in a bubble with a world in it.
func in(t *testing.T, test func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, store: store.NewMemory(), rules: rules(), tapes: &tapes{kept: map[string]string{}}}
		w.start()
		defer func() { w.stop() }()
		test(t, w)
		w.nobodyLeft()
	})
}

func (w *world) start() {
	r := runner.New(w.store, w.rules, runner.Options{Wake: func() {}})
	w.core = &brokenCore{Runner: r}
	kb := base(w.t)
	w.flow = &Flow{Core: w.core, Store: w.store, Recordings: w.tapes, Roster: people(w.t), Rules: w.rules, Guide: &guide.Guide{KnowHow: func() *knowhow.Base { return kb }},
		Team: "infra", Country: "81", URL: "https://tebiki.example.org", Lines: 2, Ring: 30 * time.Second, Repeat: 2,
		Log: slog.New(slog.NewTextHandler(&w.log, nil))}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) }) // its end is asked for
	w.runner = r
	w.stop = func() { cancel(); running.Wait() }
	synctest.Wait()
}

func (w *world) restart() { w.stop(); w.start() }

// nobodyLeft wants every call to have left its place.
func (w *world) nobodyLeft() {
	w.t.Helper()
	if n := w.flow.Figures().Talking; n != 0 {
		w.t.Errorf("%d callers are still counted", n)
	}
}

// calls lets somebody call, until the call has ended.
func (w *world) calls(c *caller) *caller {
	w.t.Helper()
	if c.id == "" {
		c.id = "call-1"
	}
	w.flow.Answer(w.t.Context(), c)
	synctest.Wait()
	if c.open != 0 {
		w.t.Errorf("%d recordings were not closed", c.open)
	}
	return c
}

// press is a call of somebody who presses these keys and hangs up.
func (w *world) press(number string, keys ...string) *caller {
	w.t.Helper()
	return w.calls(&caller{number: number, keys: keys})
}

func rules() *escalation.Rules {
	step := func(who escalation.Target) escalation.PolicyStep {
		return escalation.PolicyStep{Who: who, Next: 5 * time.Minute,
			Via: []escalation.Delayed{{Channel: escalation.Chat}, {Channel: escalation.Phone, After: 2 * time.Minute}}}
	}
	policy := func(name, leader string, steps ...escalation.PolicyStep) *escalation.Policy {
		return &escalation.Policy{Name: name, Team: name, Leader: leader, Steps: steps, Repeat: 1, LeaderPhone: time.Minute, LeaderEvery: 10 * time.Minute}
	}
	return &escalation.Rules{
		Low: []string{"info"},
		Routes: []escalation.Route{
			{Match: map[string]escalation.Pattern{"service": "api"}, Policy: "platform"},
			{Match: map[string]escalation.Pattern{"labels.team": "platform"}, Policy: "platform"}, {Policy: "infra"}},
		Policies: map[string]*escalation.Policy{
			"infra":    policy("infra", "lee", step(escalation.Target{Schedule: "infra", Layer: "primary"}), step(escalation.Target{Person: "suzuki"})),
			"platform": policy("platform", "lee", step(escalation.Target{Person: "smith"})),
		},
		Schedules: map[string]*schedule.Schedule{"infra": {Name: "infra", Zone: time.UTC, Layers: []schedule.Layer{
			{Name: "primary", People: []string{"sato"}, Days: 7, Start: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}}}},
		Match: []string{"host", "labels." + config.ReportLabel}, MatchWithin: time.Hour, Subtickets: 3,
		Storm: escalation.Rate{Count: 50, Within: time.Minute}, ListEvery: 30 * time.Second, Reopen: 2 * time.Hour, Grace: 5 * time.Minute,
		Flap: escalation.Rate{Count: 3, Within: time.Hour}, FlapQuiet: 10 * time.Minute, AckTimeout: time.Hour, ConfirmLimit: 10 * time.Minute,
	}
}

// The numbers of people, as the network gives them.
const (
	sato     = "+819011111111"
	suzuki   = "09022222222"
	smith    = "+442079460018"
	lee      = "1001"
	stranger = "0312345678"
)

// The PINs of people.
const (
	satoPIN  = "591738"
	smithPIN = "4827"
)

func people(t testing.TB) *roster.Roster {
	t.Helper()
	salt, err := pin.NewSalt(10)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pin.NewSalt(10)
	if err != nil {
		t.Fatal(err)
	}
	hash := func(digits string, s pin.Salt) pin.Hash {
		h, err := pin.New(digits, s)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	tokyo := time.FixedZone("JST", 9*3600)
	r, err := roster.New([]roster.Person{
		{ID: "sato", Name: "佐藤", Team: "infra", Phone: "PJSIP/090-1111-1111@trunk", PIN: hash(satoPIN, salt)},
		{ID: "suzuki", Name: "鈴木", Team: "infra", Phone: "090-2222-2222", PIN: hash("73926", salt)},
		{ID: "smith", Name: "Smith", Team: "platform", Phone: "+44 20 7946 0018", PIN: hash(smithPIN, salt)},
		{ID: "lee", Name: "Lee", Team: "platform", Phone: "1001", PIN: hash("73926", other)},
	}, []roster.Team{{ID: "infra", Name: "インフラ", Leader: "lee", Lang: roster.Japanese, Zone: tokyo}, {ID: "platform", Name: "Platform", Leader: "lee", Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func base(t testing.TB) *knowhow.Base {
	t.Helper()
	doc := func(procedure string, heads ...string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: Disk\nowner: sato\nreviewed: 2026-11-02\n---\n\n## " + heads[0] + "\n\n- [ ] x\n\n## " + heads[1] + "\n\n" + procedure +
			"\n\n## " + heads[2] + "\n\n- x\n\n## " + heads[3] + "\n\n- x\n")}
	}
	var files fs.FS = fstest.MapFS{
		"knowhow.yaml": {Data: []byte("components:\n  - name: disk-full\n    title: {ja: ディスク逼迫, en: Disk full}\n    request_type: incident\n    alerts:\n      - check: 'disk*'\n" +
			"    subtickets:\n      - title: {ja: 空きを作る, en: Free some space}\n        document: disk-free\n")},
		"docs/disk-free.ja.md": doc("1. 古いログを消す。", "TODO", "手順", "確認", "特記事項"),
		"docs/disk-free.en.md": doc("1. Delete old logs.", "TODO", "Procedure", "Checks", "Special specifications"),
	}
	b, err := knowhow.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// brokenCore fails where a test wants it to.
type brokenCore struct {
	*runner.Runner
	submit, read, list error
	onSubmit           func()
}

func (c *brokenCore) SubmitWith(ctx context.Context, also func(store.Writer) error, ev ...escalation.Event) ([]escalation.Receipt, error) {
	if c.onSubmit != nil {
		c.onSubmit()
	}
	if c.submit != nil {
		return nil, c.submit
	}
	return c.Runner.SubmitWith(ctx, also, ev...)
}

func (c *brokenCore) Incident(ctx context.Context, id escalation.ID) (escalation.Incident, bool, error) {
	if c.read != nil {
		return escalation.Incident{}, false, c.read
	}
	return c.Runner.Incident(ctx, id)
}

func (c *brokenCore) Open(ctx context.Context, n int, keep func(*escalation.Incident) bool) ([]escalation.Incident, error) {
	if c.list != nil {
		return nil, c.list
	}
	return c.Runner.Open(ctx, n, keep)
}

// tapes keep recordings in memory.
type tapes struct {
	mu   sync.Mutex
	kept map[string]string
	fail error
}

func (s *tapes) Keep(_ context.Context, wav io.Reader, _ time.Time) (string, error) {
	data, err := io.ReadAll(wav)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err = errors.Join(err, s.fail); err != nil {
		return "", err
	}
	id := fmt.Sprintf("tape-%d", len(s.kept)+1)
	s.kept[id] = string(data)
	return id, nil
}

func alert(host, check string) escalation.Alert {
	return escalation.Alert{Source: "prometheus", Severity: "critical", Host: host, Check: check, Summary: check + " on " + host, At: time.Now()}
}

// raise lets an alert come in.
func (w *world) raise(a escalation.Alert) escalation.ID {
	w.t.Helper()
	return w.submit(escalation.Signal{Alert: a}).Incident
}

func (w *world) submit(ev escalation.Event) escalation.Receipt {
	w.t.Helper()
	rs, err := w.runner.Submit(w.t.Context(), ev)
	if err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	return rs[0]
}

func (w *world) incident(id escalation.ID) escalation.Incident {
	w.t.Helper()
	inc, ok, err := w.runner.Incident(w.t.Context(), id)
	if !ok || err != nil {
		w.t.Fatalf("%s: %v, %v", id, ok, err)
	}
	return inc
}

// all lists the incidents that are not closed, newest first.
func (w *world) all() []escalation.Incident {
	w.t.Helper()
	list, err := w.runner.Open(w.t.Context(), 1000, func(*escalation.Incident) bool { return true })
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) alerts(id escalation.ID) []escalation.Member {
	w.t.Helper()
	list, err := w.runner.Alerts(w.t.Context(), id, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// logged wants words in one line of the log.
func (w *world) logged(words ...string) {
	w.t.Helper()
	for line := range strings.Lines(w.log.String()) {
		found := true
		for _, word := range words {
			found = found && strings.Contains(line, word)
		}
		if found {
			return
		}
	}
	w.t.Errorf("no line of the log holds %q:\n%s", words, &w.log)
}

func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// small is a team whose people have no PINs.
func small(t *testing.T, leader string) *roster.Roster {
	t.Helper()
	r, err := roster.New([]roster.Person{{ID: "sato", Name: "佐藤", Team: "infra", Phone: "PJSIP/sato"}, {ID: "suzuki", Name: "鈴木", Team: "infra", Phone: suzuki}},
		[]roster.Team{{ID: "infra", Name: "インフラ", Leader: leader, Lang: roster.Japanese, Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// inEnglish are the same people, who speak English.
func inEnglish(t *testing.T, r *roster.Roster) *roster.Roster {
	t.Helper()
	people, teams := r.People(), r.Teams()
	names := map[string]string{"sato": "Sato", "suzuki": "Suzuki", "infra": "Infrastructure"}
	for i := range people {
		people[i].Lang, people[i].Name = roster.English, cmp.Or(names[people[i].ID], people[i].Name)
	}
	for i := range teams {
		teams[i].Lang, teams[i].Name = roster.English, cmp.Or(names[teams[i].ID], teams[i].Name)
	}
	r, err := roster.New(people, teams)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
