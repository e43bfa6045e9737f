package urgent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	chatconsole "tebiki/adapters/chat/console"
	"tebiki/adapters/phone"
	phoneconsole "tebiki/adapters/phone/console"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/bot/flowtest"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/escalation/schedule"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"
)

// A world is Tebiki's urgent flow with adapters that can be broken. Its
// processes come and go; what is in the store and in the adapters stays.
type world struct {
	t        *testing.T
	store    store.Store
	tracker  *local.Tracker
	deleter  *flowtest.Deleter // the tracker as Tebiki sees it
	recorder *flowtest.Recorder
	chat     *chatconsole.Console
	phone    *phoneconsole.Console
	auto     phone.Phone // in place of phone, if it is set
	rules    *escalation.Rules
	ops      *ops
	lang     string // of the team
	runner   *runner.Runner
	outbox   *outbox.Outbox
	stop     func()

	trackerDown, chatDown, phoneDown atomic.Bool
	refuse                           atomic.Bool // tickets with a component
	calls                            callLog

	knowHow func() *knowhow.Base // in place of the usual, when set
}

// in runs a test in a bubble with a world in it.
func in(t *testing.T, test func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		tr := local.New(st, "")
		rec := &flowtest.Recorder{Tracker: tr}
		w := &world{t: t, store: st, tracker: tr, recorder: rec, deleter: &flowtest.Deleter{Tracker: rec}, chat: chatconsole.New(st), phone: phoneconsole.New(), rules: rules(), ops: endless(), lang: roster.Japanese}
		w.start()
		defer func() { w.stop() }()
		test(t, w)
	})
}

func rules() *escalation.Rules {
	step := func(person string) escalation.PolicyStep {
		return escalation.PolicyStep{Who: escalation.Target{Person: person}, Next: 5 * time.Minute,
			Via: []escalation.Delayed{{Channel: escalation.Chat}, {Channel: escalation.Phone, After: 2 * time.Minute}}}
	}
	return &escalation.Rules{
		Routes: []escalation.Route{{Match: map[string]escalation.Pattern{"service": "ghost"}, Policy: "ghost"}, {Policy: "infra"}},
		Policies: map[string]*escalation.Policy{
			"infra": {Name: "infra", Team: "infra", Leader: "lee", Repeat: 1, LeaderPhone: time.Minute, LeaderEvery: 10 * time.Minute,
				Steps: []escalation.PolicyStep{step("sato"), step("smith")}},
			"ghost": {Name: "ghost", Team: "infra", Leader: "lee", LeaderPhone: time.Minute, LeaderEvery: 10 * time.Minute,
				Steps: []escalation.PolicyStep{step("nobody-here"), step("smith")}},
		},
		Schedules: map[string]*schedule.Schedule{}, Match: []string{"host"}, MatchWithin: time.Hour, Subtickets: 3,
		Storm: escalation.Rate{Count: 5, Within: time.Minute}, ListEvery: 30 * time.Second, Reopen: 2 * time.Hour, Grace: 5 * time.Minute,
		Flap: escalation.Rate{Count: 3, Within: time.Hour}, FlapQuiet: 10 * time.Minute, AckTimeout: time.Hour, ConfirmLimit: 10 * time.Minute,
	}
}

func people(t testing.TB, lang string) *roster.Roster {
	t.Helper()
	tokyo := time.FixedZone("JST", 9*3600)
	r, err := roster.New([]roster.Person{
		{ID: "sato", Name: "佐藤", Team: "infra"}, {ID: "smith", Name: "Smith", Lang: roster.English, Team: "infra"}, {ID: "lee", Name: "Lee", Team: "infra"},
	}, []roster.Team{{ID: "infra", Name: "Infra", Leader: "lee", Lang: lang, Zone: tokyo, Channel: "#infra"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func base(t testing.TB) *knowhow.Base {
	t.Helper()
	b, err := knowhow.Load(knowhowFiles())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func knowhowFiles() fs.FS {
	doc := func(title, todo, procedure, checks, special string, heads ...string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\nowner: sato\nreviewed: 2026-11-02\n---\n\n## " + heads[0] + "\n\n" + todo +
			"\n\n## " + heads[1] + "\n\n" + procedure + "\n\n## " + heads[2] + "\n\n" + checks + "\n\n## " + heads[3] + "\n\n" + special + "\n")}
	}
	return fstest.MapFS{
		"knowhow.yaml": {Data: []byte("components:\n  - name: disk-full\n    title: {ja: ディスク逼迫, en: Disk full}\n    request_type: incident\n    alerts:\n      - check: 'disk*'\n" +
			"    subtickets:\n      - title: {ja: 空きを作る, en: Free some space}\n        document: disk-free\n")},
		"docs/disk-free.ja.md": doc("ディスクの空き確保", "- [ ] まず 10% 空ける\n- [ ] 消したものをチケットに書く", "1. `df -h` を見る。\n2. 古いログを消す。",
			"- `df -h` で 90% を切ること。", "- 監査ログは消去禁止。", "TODO", "手順", "確認", "特記事項"),
		"docs/disk-free.en.md": doc("Freeing disk space", "- [ ] Free 10 % first\n- [ ] Write down what you deleted", "1. Look at `df -h`.\n2. Delete old logs.",
			"- `df -h` below 90 %.", "- Never delete audit logs.", "TODO", "Procedure", "Checks", "Special specifications"),
	}
}

// start begins a process on what is there. Its operations are counted by ops.
func (w *world) start() {
	st := &countedStore{w.store, w.ops}
	log := slog.New(slog.DiscardHandler)
	var out *outbox.Outbox
	r := runner.New(st, w.rules, runner.Options{Announce: true, Wake: func() { out.Wake() }})
	kb := base(w.t)
	know := func() *knowhow.Base { return kb }
	if w.knowHow != nil {
		know = w.knowHow
	}
	f := &Flow{Core: r, Store: st, Tracker: &brokenTracker{w.deleter, w, w.ops}, Chat: &brokenChat{w.chat, w, w.ops}, Phone: &brokenPhone{w, w.ops},
		Roster: people(w.t, w.lang), Rules: w.rules, Guide: &guide.Guide{KnowHow: know}, URL: "https://tebiki.example.org",
		Ring: 30 * time.Second, Repeat: 2, Log: log}
	dest := func(name string, workers int, timeout time.Duration) outbox.Destination {
		return outbox.Destination{Name: name, Workers: workers, Timeout: timeout, Handle: outbox.Handle(name, f.Routes())}
	}
	out = outbox.New(st, log, dest(runner.Tracker, 4, 30*time.Second), dest(runner.Chat, 4, 10*time.Second), dest(runner.Phone, 4, 0))
	f.Outbox = out
	wt := watch.New(st, f.Tracker, 30*time.Second, out.Wake, log, f)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{r.Run, out.Run, wt.Run} {
		running.Go(func() { _ = run(ctx) }) // a dead process's errors are its death
	}
	w.runner, w.outbox = r, out
	w.stop = func() { cancel(); running.Wait() }
	synctest.Wait()
}

func (w *world) restart() {
	w.stop()
	w.start()
}

func alert(host, check string) escalation.Alert {
	return escalation.Alert{Source: "prometheus", Severity: "critical", Host: host, Check: check, Summary: check + " on " + host + " is at 97 %", At: time.Now()}
}

func (w *world) alert(a escalation.Alert) escalation.Receipt {
	w.t.Helper()
	return w.submit(escalation.Signal{Alert: a})
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

func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) incident(id escalation.ID) escalation.Incident {
	w.t.Helper()
	inc, ok, err := w.runner.Incident(w.t.Context(), id)
	if !ok || err != nil {
		w.t.Fatalf("%s: %v, %v", id, ok, err)
	}
	return inc
}

// tickets lists all of them, oldest first.
func (w *world) tickets() []tracker.Ticket {
	w.t.Helper()
	list, err := w.tracker.List(w.t.Context(), tracker.Filter{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(list)
	return list
}

func (w *world) comments(key string) (out []string) {
	w.t.Helper()
	entries, err := w.tracker.History(w.t.Context(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == tracker.Commented {
			out = append(out, e.Text)
		}
	}
	return out
}

// messages gives a person's, oldest first.
func (w *world) messages(person string) []chat.Message {
	w.t.Helper()
	list, err := w.chat.Messages(w.t.Context(), person, 500, "")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []chat.Message
	for _, m := range slices.Backward(list) {
		out = append(out, m.Message)
	}
	return out
}

// page is the person's message about an incident.
func (w *world) page(person string, id escalation.ID) (chat.Message, bool) {
	w.t.Helper()
	ms := w.messages(person)
	i := slices.IndexFunc(ms, func(m chat.Message) bool { return m.Key == MessageKey(id) })
	if i < 0 {
		return chat.Message{}, false
	}
	return ms[i], true
}

// call gives the call that a person's phone has.
func (w *world) call(person string) (phoneconsole.View, bool) {
	calls := w.phone.Calls(person)
	if len(calls) == 0 {
		return phoneconsole.View{}, false
	}
	return calls[0], true
}

func (w *world) answer(person string) phoneconsole.View {
	w.t.Helper()
	v, ok := w.call(person)
	if !ok {
		w.t.Fatalf("no phone rings at %s", person)
	}
	if err := w.phone.Answer(w.t.Context(), person, v.ID); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	v, _ = w.call(person)
	return v
}

func (w *world) press(person, key string) (said string) {
	w.t.Helper()
	v, ok := w.call(person)
	if !ok {
		w.t.Fatalf("%s is in no call", person)
	}
	if err := w.phone.Key(w.t.Context(), person, v.ID, key); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	now, ok := w.call(person)
	if !ok {
		now = w.phone.Recent(person)[0]
	}
	return strings.Join(now.Said[len(v.Said):], "\n")
}

func has(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not say %q:\n%s", what, p, text)
		}
	}
}

func whole(m chat.Message) string {
	var b strings.Builder
	b.WriteString(m.Title)
	for _, s := range m.Sections {
		b.WriteString("\n" + s.Heading + "\n" + s.Markdown)
	}
	return b.String()
}

// ops are the operations of one process, which dies at one of them.
type ops struct {
	mu     sync.Mutex
	left   int  // until it dies; negative: never
	done   bool // the last one is done, and only its answer lost
	n      int  // so far
	isDead bool
}

func endless() *ops { return &ops{left: -1} }

var errDead = errors.New("the process is dead")

// do does an operation, unless the process is dead or dies of it.
func (o *ops) do(op func() error) error {
	o.mu.Lock()
	if o.isDead {
		o.mu.Unlock()
		return errDead
	}
	o.n++
	if o.left > 0 {
		o.left--
	}
	dying := o.left == 0
	o.isDead = dying
	o.mu.Unlock()
	if dying && !o.done {
		return errDead
	}
	err := op()
	if dying {
		return errDead
	}
	return err
}

func (o *ops) dead() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.isDead
}

type countedStore struct {
	store.Store
	ops *ops
}

func (s *countedStore) Update(ctx context.Context, fn func(store.Writer) error) error {
	return s.ops.do(func() error { return s.Store.Update(ctx, fn) })
}

var errAway = &adapters.Error{Op: "reach it", Code: adapters.Unavailable, Err: errors.New("it is away")}

// A callLog is what the tracker was asked to write and did, in order.
type callLog struct {
	mu   sync.Mutex
	done []string
	all  int // with what it did not do
}

func (l *callLog) add(line string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all++
	if err == nil {
		l.done = append(l.done, line)
	}
}

type brokenTracker struct {
	*flowtest.Deleter
	w   *world
	ops *ops
}

func (b *brokenTracker) try(op func() error) error {
	return b.ops.do(func() error {
		if b.w.trackerDown.Load() {
			return errAway
		}
		return op()
	})
}

func (b *brokenTracker) Create(ctx context.Context, d tracker.Draft) (t tracker.Ticket, err error) {
	err = b.try(func() error {
		if b.w.refuse.Load() && d.Component != "" {
			return &adapters.Error{Op: "create", Code: adapters.Refused, Err: errors.New("no such component")}
		}
		t, err = b.Deleter.Create(ctx, d)
		return err
	})
	b.w.calls.add("create "+d.Label, err)
	return t, err
}

func (b *brokenTracker) Comment(ctx context.Context, key string, c tracker.Comment) error {
	err := b.try(func() error { return b.Deleter.Comment(ctx, key, c) })
	b.w.calls.add("comment "+c.Label, err)
	return err
}

func (b *brokenTracker) Change(ctx context.Context, key string, c tracker.Change) (t tracker.Ticket, err error) {
	err = b.try(func() error { t, err = b.Deleter.Change(ctx, key, c); return err })
	b.w.calls.add("change "+key, err)
	return t, err
}

func (b *brokenTracker) Since(ctx context.Context, cursor string) (tracker.Batch, error) {
	if b.w.trackerDown.Load() || b.ops.dead() {
		return tracker.Batch{}, errAway
	}
	return b.Deleter.Since(ctx, cursor)
}

type brokenChat struct {
	*chatconsole.Console
	w   *world
	ops *ops
}

func (b *brokenChat) Send(ctx context.Context, m chat.Message) error {
	return b.ops.do(func() error {
		if b.w.chatDown.Load() {
			return errAway
		}
		return b.Console.Send(ctx, m)
	})
}

type brokenPhone struct {
	w   *world
	ops *ops
}

func (b *brokenPhone) Call(ctx context.Context, c phone.Call) (r phone.Result, err error) {
	err = b.ops.do(func() error {
		if b.w.phoneDown.Load() {
			return errAway
		}
		to := phone.Phone(b.w.phone)
		if b.w.auto != nil {
			to = b.w.auto
		}
		r, err = to.Call(ctx, c)
		return err
	})
	return r, err
}

// history writes an incident's out, for a test that has failed.
func (w *world) history(id escalation.ID) string {
	lines, err := w.runner.History(w.t.Context(), id)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l.At.Format(time.TimeOnly), l.News, l.Person, l.Channel, l.Outcome, l.Detail)
	}
	return b.String()
}
