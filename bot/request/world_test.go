package request_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/bot/flowtest"
	"tebiki/bot/request"
	"tebiki/bot/roster"
	"tebiki/bot/usage"
	"tebiki/bot/watch"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/store"
	"tebiki/store/outbox"

	chatconsole "tebiki/adapters/chat/console"
)

const knowhowYAML = `
components:
  - name: disk-full
    title: {ja: ディスク逼迫, en: Disk full}
    aliases: [disk, ディスク]
    request_type: incident
    team: jp
    fields:
      - {name: path, label: {ja: マウントポイント, en: Mount point}, pattern: "/.*"}
    subtickets:
      - {title: {ja: 調べる, en: Look}, document: disk-find, checks: [df, inodes]}
      - {title: {ja: 空ける, en: Free some}, document: disk-free, checks: [df]}
  - name: account
    title: {ja: アカウント, en: Account}
    request_type: request
    team: en
    subtickets:
      - {title: {ja: 作る, en: Create it}, document: account}
checks:
  df: {run: [df, -h, "{path}"], params: {path: {from: path, pattern: "/.*", default: /}}}
  inodes: {run: [df, -i]}
`

func doc(title, sections string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\nowner: sato\nreviewed: 2026-04-01\n---\n" + sections)}
}

// base and people are the same for all tests, which only read them.
var base = sync.OnceValue(func() *knowhow.Base {
	b, err := knowhow.Load(fstest.MapFS{
		"knowhow.yaml": {Data: []byte(knowhowYAML)},
		"docs/disk-find.en.md": doc("Find what fills a disk",
			"## TODO\n- [ ] Find the largest files.\n## Procedure\n1. `du -x / | sort -n | tail`\n## Checks\nInodes run out too.\n## Special specifications\nDatabases: **never** remove files by hand.\n"),
		"docs/disk-find.ja.md": doc("ディスクを使っているものを調べる",
			"## やること\n- [ ] 大きいファイルを見つける。\n## 手順\n1. `du -x / | sort -n | tail`\n## 確認\niノードも確認する。\n## 特記事項\nDBサーバーでは手で**消さない**。\n"),
		"docs/disk-free.en.md": doc("Free space", "## TODO\n- [ ] Remove old logs.\n## Procedure\n1. Rotate.\n"),
		"docs/disk-free.ja.md": doc("空きを作る", "## やること\n- [ ] 古いログを消す。\n## 手順\n1. ローテートする。\n"),
		"docs/account.en.md":   doc("Create an account", "## TODO\n- [ ] Ask for approval.\n## Procedure\n1. useradd\n"),
	})
	if err != nil {
		panic(err)
	}
	changed := time.Date(2026, 9, 1, 3, 0, 0, 0, time.UTC)
	return b.WithChanges(func(path string) knowhow.Change { return knowhow.Change{At: changed, Author: "suzuki", Link: path} })
})

var people = sync.OnceValue(func() *roster.Roster {
	tokyo := time.FixedZone("JST", 9*60*60)
	r, err := roster.New([]roster.Person{
		{ID: "sato", Name: "佐藤", Team: "jp", Tracker: "tr-sato", Chat: "U-SATO"},
		{ID: "tanaka", Name: "田中", Team: "jp"},
		{ID: "smith", Name: "Emma Smith", Team: "en"},
		{ID: "lee", Name: "Hannah Lee", Team: "en"},
	}, []roster.Team{
		{ID: "jp", Name: "インフラ", Leader: "sato", Lang: "ja", Zone: tokyo},
		{ID: "en", Name: "Platform", Leader: "smith", Lang: "en", Zone: time.UTC},
	})
	if err != nil {
		panic(err)
	}
	return r
})

// checker answers for every check that it is asked to run.
type checker struct {
	mu   sync.Mutex
	runs []string // names, as they were asked for
	late int      // how many of them nobody waited for
	took time.Duration
	slow map[string]time.Duration // by name, for those that take longer
	text string
	gate *flowtest.Gate
}

func (c *checker) Run(ctx context.Context, o check.Order) (out []check.Result) {
	began := time.Now()
	wait := sync.OnceFunc(func() {
		longest := c.took
		for _, k := range o.Checks {
			longest = max(longest, c.slow[k.Name])
		}
		select {
		case <-ctx.Done():
		case <-time.After(longest):
		}
	})
	_ = c.gate.Pass(func() error { wait(); return nil }, true)
	wait() // what is refused takes its time too
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range o.Checks {
		c.runs = append(c.runs, k.Name)
		if o.Patient {
			c.late++
		}
		took := min(max(c.took, c.slow[k.Name]), time.Since(began))
		r := check.Result{Check: k.Name, Command: k.Name + " " + o.Fields["host"], Text: c.text, Started: began, Took: took}
		if ctx.Err() != nil && took == time.Since(began) {
			r.Reason, r.Err = check.Stopped, "stopped"
		}
		out = append(out, r)
	}
	return out
}

// world is the flow at work, in a synctest bubble. People use human and read
// inbox; the program comes there through the gate.
type world struct {
	t      *testing.T
	st     store.Store
	human  *local.Tracker
	tools  *flowtest.Deleter // what people do to the tracker besides
	inbox  *chatconsole.Console
	checks *checker
	base   atomic.Pointer[knowhow.Base]
	gate   *flowtest.Gate
	flow   *request.Flow
	log    strings.Builder
	stop   func()
	down   context.Context // ends when the process died
	away   atomic.Bool     // the chat is
}

// mute is a chat that may be away.
type mute struct {
	chat.Chat
	away *atomic.Bool
}

func (m mute) Send(ctx context.Context, msg chat.Message) error {
	if m.away.Load() {
		return errors.New("the chat is away")
	}
	return m.Chat.Send(ctx, msg)
}

func newWorld(t *testing.T) *world {
	st := store.NewMemory()
	tr := local.New(st, "")
	w := &world{t: t, st: st, human: tr, tools: &flowtest.Deleter{Tracker: tr}, inbox: chatconsole.New(st), gate: &flowtest.Gate{}}
	w.base.Store(base())
	w.checks = &checker{took: time.Second, text: "/dev/sda1 97%", gate: w.gate}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

// start starts the process, again after it has died.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.down = ctx
	w.gate.Start(cancel)
	st, tr := w.gate.Store(w.st), w.gate.Tracker(w.tools)
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	w.flow = &request.Flow{Store: st, Tracker: tr, Chat: mute{w.gate.Chat(w.inbox), &w.away}, Roster: people(), Checks: w.checks,
		KnowHow: w.base.Load, Team: "en", URL: "http://tebiki", Log: log}
	w.flow.Outbox = outbox.New(st, slog.New(slog.DiscardHandler),
		outbox.Destination{Name: "chat", Workers: 4, Handle: outbox.Handle("chat", w.flow.Routes())},
		outbox.Destination{Name: request.Dest, Workers: 4, Timeout: 5 * time.Minute, Handle: outbox.Handle(request.Dest, w.flow.Routes())},
		outbox.Destination{Name: request.Slow, Workers: 4, Timeout: 5 * time.Minute, Handle: outbox.Handle(request.Slow, w.flow.Routes())})
	watcher := watch.New(st, tr, 4*time.Minute, w.flow.Outbox.Wake, slog.New(slog.DiscardHandler), w.flow)
	// As the program does before it serves anybody.
	if err := watch.New(w.st, w.tools, time.Second, func() {}, slog.New(slog.DiscardHandler)).Begin(ctx); err != nil {
		w.t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() { _ = w.flow.Outbox.Run(ctx) })
	running.Go(func() { _ = watcher.Run(ctx) })
	w.stop = func() { cancel(); running.Wait() }
}

// rest lets everything happen that is going to, restarting a dead process.
func (w *world) rest() {
	for range 20 {
		time.Sleep(10 * time.Minute) // of the bubble
		synctest.Wait()
		if w.down.Err() == nil {
			return
		}
		w.stop()
		w.start()
	}
	w.t.Fatal("the process dies again and again")
}

func (w *world) create(d tracker.Draft) tracker.Ticket {
	w.t.Helper()
	if d.Label == "" {
		d.Label = "form/" + d.Title
	}
	t, err := w.human.Create(w.t.Context(), d)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

func (w *world) assign(key, who string) { w.change(key, tracker.Change{Assignee: &who}) }

func (w *world) change(key string, c tracker.Change) {
	w.t.Helper()
	if _, err := w.human.Change(w.t.Context(), key, c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ticket(key string) tracker.Ticket {
	w.t.Helper()
	t, err := w.human.Ticket(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

func (w *world) subtickets(key string) []tracker.Ticket {
	w.t.Helper()
	subs, err := w.human.Subtickets(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	return subs
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

// told counts the comments on a ticket. New results count once: whoever got
// no answer asks for them again, and has them twice.
func (w *world) told(key string) (n int) {
	again := 0
	for _, c := range w.comments(key) {
		if strings.HasPrefix(c, "Checked again") || strings.HasPrefix(c, "再確認") {
			again = 1
			continue
		}
		n++
	}
	return n + again
}

// messages gives what an address has received, oldest first.
func (w *world) messages(to string) []chat.Message {
	w.t.Helper()
	all, err := w.inbox.Messages(w.t.Context(), to, 0, "")
	if err != nil {
		w.t.Fatal(err)
	}
	out := make([]chat.Message, len(all))
	for i, m := range all {
		out[len(all)-1-i] = m.Message
	}
	return out
}

func (w *world) counts() map[usage.Kind]uint64 {
	w.t.Helper()
	n, err := usage.Counts(w.t.Context(), w.st)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// snapshot is all that people can see, without times and texts, and all that
// is still to be done.
func (w *world) snapshot() string {
	w.t.Helper()
	var lines []string
	all, err := w.human.List(w.t.Context(), tracker.Filter{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, t := range all {
		lines = append(lines, fmt.Sprintf("ticket %s under %q of %q is %s, comments %d", t.Label, t.Parent, t.Assignee, t.Status, w.told(t.Key)))
	}
	for _, p := range people().People() {
		for _, m := range w.messages(p.Chat) {
			lines = append(lines, fmt.Sprintf("message %s to %s: %s, buttons %d", m.Key, m.To, m.Title, len(m.Buttons)))
		}
	}
	slices.Sort(lines)
	left := 0
	for _, d := range w.flow.Outbox.Stats() {
		left += d.Waiting + d.Running
	}
	return strings.Join(append(lines, fmt.Sprint("left ", left), fmt.Sprint(w.counts())), "\n")
}
