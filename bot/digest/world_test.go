package digest_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/bot/config"
	"tebiki/bot/daily"
	"tebiki/bot/digest"
	"tebiki/bot/flowtest"
	"tebiki/bot/guide"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"

	chatconsole "tebiki/adapters/chat/console"
	invfile "tebiki/adapters/inventory/file"
)

var files = fstest.MapFS{
	"tebiki.yaml": {Data: []byte(`
people:
  sato: {name: 佐藤, team: jp}
  tanaka: {name: 田中, team: jp, tracker: tr-tanaka}
  smith: {name: Emma, team: uk}
  lee: {name: Hannah, team: uk}
teams:
  jp: {name: インフラ, leader: sato, channel: "#infra", lang: ja, zone: Asia/Tokyo, holidays: [2000-01-11]}
  uk: {name: Platform, leader: smith, zone: Europe/London}
schedules:
  jp: {zone: Asia/Tokyo, layers: {primary: {people: [sato], start: 2000-01-01}}}
policies:
  jp: {team: jp, steps: [{who: jp/primary, chat: 0s}]}
  uk: {team: uk, steps: [{who: jp/primary, chat: 0s}]}
alerts:
  routes: [{match: {labels.team: uk}, policy: uk}, {policy: jp}]
`)},
	"inventory.yaml": {Data: []byte(`
servers:
  - {host: web1.example.jp, aliases: [www], owners: [tanaka], team: jp}
  - {host: db1, group: dba, team: jp}
  - {host: pair1, owners: [sato, tanaka], team: jp}
  - {host: pair2, owners: [lee, tanaka], team: jp}
  - {host: nobodys, team: jp}
  - {host: left, owners: [retired], team: jp}
  - {host: lon1, owners: [lee], team: uk}
`)},
}

var cfg = sync.OnceValue(func() *config.Config {
	c, err := config.Load(files, "tebiki.yaml", func(string) (string, bool) { return "", false })
	if err != nil {
		panic(err)
	}
	return c
})

// world is the morning flow at work in a synctest bubble, whose clock begins
// on Saturday 2000-01-01 at midnight, UTC: nine o'clock in Tokyo.
type world struct {
	t     *testing.T
	st    store.Store
	human *local.Tracker
	tools *flowtest.Deleter // what people do to the tracker besides
	inbox *chatconsole.Console
	gate  *flowtest.Gate
	flow  *digest.Flow
	log   strings.Builder
	loop  bool // whether mornings run by themselves
	goOn  bool // whether kinds go on in open tickets
	down  context.Context
	stop  func()
}

func newWorld(t *testing.T) *world {
	st := store.NewMemory()
	tr := local.New(st, "")
	w := &world{t: t, st: st, human: tr, tools: &flowtest.Deleter{Tracker: tr}, inbox: chatconsole.New(st), gate: &flowtest.Gate{}}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func in(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t)) })
}

func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.down = ctx
	w.gate.Start(cancel)
	inv, err := invfile.Load(files, "inventory.yaml")
	if err != nil {
		w.t.Fatal(err)
	}
	st, tr := w.gate.Store(w.st), w.gate.Tracker(w.tools)
	w.flow = &digest.Flow{Store: st, Tracker: tr, Chat: w.gate.Chat(w.inbox), Inventory: inv, Roster: cfg().Roster, Rules: cfg().Rules,
		Guide: &guide.Guide{KnowHow: func() *knowhow.Base { return &knowhow.Base{} }}, URL: "http://tebiki", Log: slog.New(slog.NewTextHandler(&w.log, nil)), GoOn: w.goOn}
	dest := func(name string) outbox.Destination {
		return outbox.Destination{Name: name, Workers: 4, Handle: outbox.Handle(name, w.flow.Routes())}
	}
	w.flow.Outbox = outbox.New(st, slog.New(slog.DiscardHandler), dest("tracker"), dest("chat"))
	if err := watch.New(w.st, w.tools, time.Second, func() {}, slog.New(slog.DiscardHandler)).Begin(ctx); err != nil {
		w.t.Fatal(err)
	}
	watcher := watch.New(st, tr, 6*time.Hour, w.flow.Outbox.Wake, slog.New(slog.DiscardHandler), w.flow)
	var running sync.WaitGroup
	running.Go(func() { _ = w.flow.Outbox.Run(ctx) })
	running.Go(func() { _ = watcher.Run(ctx) })
	if w.loop {
		clock := &daily.Clock{Store: st, Roster: cfg().Roster, Log: w.flow.Log}
		running.Go(func() { _ = clock.Run(ctx, w.flow.Work()) })
	}
	w.stop = func() { cancel(); running.Wait() }
}

// restart ends the process and starts it with its own mornings or without.
func (w *world) restart(loop bool) {
	w.stop()
	w.loop = loop
	w.start()
}

// rest lets happen what is going to, restarting a dead process.
func (w *world) rest(d time.Duration) {
	for range 20 {
		time.Sleep(d) // of the bubble
		synctest.Wait()
		if w.down.Err() == nil {
			return
		}
		w.stop()
		w.start()
		d = min(d, 10*time.Minute)
	}
	w.t.Fatal("the process dies again and again")
}

// until moves the bubble's clock.
func (w *world) until(day, clock string, zone string) {
	w.t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		w.t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, z)
	if err != nil {
		w.t.Fatal(err)
	}
	w.rest(time.Until(at))
}

// alerts lets alerts come in now, as the escalation stores them.
func (w *world) alerts(all ...escalation.Alert) {
	w.t.Helper()
	events := make([]escalation.Event, len(all))
	for i, a := range all {
		a.Severity = "low"
		if a.At.IsZero() {
			a.At = time.Now()
		}
		events[i] = escalation.Signal{Alert: a}
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := runner.New(w.st, cfg().Rules, runner.Options{Wake: func() {}, Log: slog.New(slog.DiscardHandler)})
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	if _, err := r.Submit(ctx, events...); err != nil {
		w.t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run(today bool) digest.Summary {
	w.t.Helper()
	s, err := w.flow.Run(w.t.Context(), time.Now(), today)
	if err != nil {
		w.t.Fatal(err)
	}
	w.rest(10 * time.Minute)
	return s
}

// tickets gives all, oldest first.
func (w *world) tickets() []tracker.Ticket {
	w.t.Helper()
	all, err := w.human.List(w.t.Context(), tracker.Filter{Limit: 100_000})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

func (w *world) comments(key string) (out []string) {
	w.t.Helper()
	all, err := w.human.History(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range all {
		if e.Kind == tracker.Commented {
			out = append(out, e.Text)
		}
	}
	return out
}

func (w *world) messages(to string) []chat.Message {
	w.t.Helper()
	all, err := w.inbox.Messages(w.t.Context(), to, 0, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []chat.Message
	for _, m := range all {
		out = append(out, m.Message)
	}
	return out
}

// lines is what the tickets say in short.
func (w *world) lines() (out []string) {
	for _, t := range w.tickets() {
		out = append(out, fmt.Sprintf("%s (%s)", t.Title, t.Assignee))
	}
	slices.Sort(out)
	return out
}

func (w *world) snapshot() string {
	lines := w.lines()
	for _, t := range w.tickets() {
		lines = append(lines, fmt.Sprintf("comments on %s: %q", t.Title, w.comments(t.Key)))
	}
	for _, p := range cfg().Roster.People() {
		for _, m := range w.messages(p.Chat) {
			lines = append(lines, fmt.Sprintf("message %s to %s: %s, %d buttons", m.Key, m.To, m.Title, len(m.Buttons)))
		}
	}
	for _, d := range w.flow.Outbox.Stats() {
		lines = append(lines, fmt.Sprint(d.Name, " left ", d.Waiting+d.Running))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
