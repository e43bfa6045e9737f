package command_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/bot/command"
	"tebiki/bot/config"
	"tebiki/bot/console"
	"tebiki/bot/roster"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
	"tebiki/knowhow/search"
	"tebiki/store"
	"tebiki/store/storetest"

	invfile "tebiki/adapters/inventory/file"
)

var (
	_ chat.Handler     = (*command.Handler)(nil)
	_ chat.FormHandler = (*command.Handler)(nil)
	_ chat.HomeHandler = (*command.Handler)(nil)
)

var files = fstest.MapFS{
	"tebiki.yaml": {Data: []byte(`
people:
  sato: {name: 佐藤, team: jp, chat: U-SATO}
  tanaka: {name: 田中, team: jp, tracker: tr-tanaka}
  smith: {name: Emma, team: uk}
  lee: {name: Hannah, team: uk}
teams:
  jp: {name: インフラ, leader: sato, lang: ja, zone: Asia/Tokyo}
  uk: {name: Platform, leader: smith, zone: Europe/London}
schedules:
  jp: {zone: Asia/Tokyo, layers: {primary: {people: [sato, tanaka], start: 2026-01-01}}}
  uk: {zone: Europe/London, layers: {primary: {people: [lee, smith], start: 2026-01-01}}}
policies:
  jp: {team: jp, steps: [{who: jp/primary, chat: 0s}]}
  uk: {team: uk, steps: [{who: lee, chat: 0s}]}
alerts:
  routes: [{policy: uk}]
  match: {fields: [labels.none]}
`)},
	"k/knowhow.yaml": {Data: []byte(`
components:
  - {name: disk-full, title: {ja: ディスク逼迫, en: Disk full}, aliases: [disk, ディスク], request_type: x, subtickets: [{title: {ja: 空ける, en: Free some}, document: free}]}
  - {name: account, title: {ja: アカウント, en: Account}, request_type: x, subtickets: [{title: {ja: 作る, en: Create}, document: account}, {title: {ja: 場所, en: Room}, document: free}]}
  - name: dns
    title: {ja: サブドメイン, en: New subdomain}
    request_type: x
    team: uk
    fields:
      - {name: name, label: {ja: 名前, en: Name}, pattern: "[a-z]+", required: true}
      - {name: note, label: {ja: 備考, en: Note}}
    subtickets: [{title: {ja: 調べる, en: Look it up}, document: account, checks: [dig]}]
checks:
  dig: {run: [dig, "{host}", "{name}"], params: {host: {from: host, pattern: "[a-z0-9.]+"}, name: {from: name, pattern: "[a-z]+"}}}
`)},
	"servers.yaml":         {Data: []byte("servers:\n  - {host: web1.example.jp, aliases: [www], team: jp}\n  - {host: web2.example.jp}\n  - {host: db-web.example.jp, team: uk}\n")},
	"k/docs/free.en.md":    {Data: []byte("---\ntitle: Free space\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\nRemove old logs.\n## Procedure\nRotate everything.\n")},
	"k/docs/free.ja.md":    {Data: []byte("---\ntitle: 空きを作る\nowner: sato\nreviewed: 2026-04-01\n---\n## やること\n古いログを消す。\n## 手順\n回す。\n")},
	"k/docs/account.en.md": {Data: []byte("---\ntitle: New account\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\nAsk for approval.\n## Procedure\nuseradd\n")},
}

// inspector is a command.Handler's checks: it counts what it was asked.
type inspector struct {
	asked []map[string]string
	ended check.Reason
}

func (i *inspector) Run(_ context.Context, o check.Order) (out []check.Result) {
	i.asked = append(i.asked, o.Fields)
	for _, c := range o.Checks {
		out = append(out, check.Result{Check: c.Name, Reason: i.ended, Text: "NXDOMAIN <!channel>\n" + strings.Repeat("x\n", 100)})
	}
	return out
}

type library struct {
	base  *knowhow.Base
	index *search.Index
}

func (l library) Base() *knowhow.Base { return l.base }
func (l library) Search(words, lang string, n int) []search.Hit {
	return l.index.Search(words, lang, n)
}

// world is the handler with everything behind it.
type world struct {
	*testing.T
	h      *command.Handler
	core   *runner.Runner
	faulty *storetest.Faulty
	local  *local.Tracker
	checks *inspector
	made   int // tickets, so that each has a label

	returned []string // tickets that were sent back, by whom and why
}

// SendBack is the review of fixed tickets.
func (w *world) SendBack(_ context.Context, ticket string, by roster.Person, why string, _ time.Time) error {
	w.returned = append(w.returned, ticket+" "+by.ID+" "+why)
	return nil
}

var now = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	cfg, err := config.Load(files, "tebiki.yaml", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	sub := fstest.MapFS{}
	for name, f := range files {
		if rest, ok := strings.CutPrefix(name, "k/"); ok {
			sub[rest] = f
		}
	}
	base, err := knowhow.Load(sub)
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.NewFaulty(store.NewMemory())
	log := slog.New(slog.DiscardHandler)
	core := runner.New(st, cfg.Rules, runner.Options{Wake: func() {}, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- core.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	tr := local.New(st, "")
	inv, err := invfile.Load(files, "servers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	checks := &inspector{ended: check.Ran}
	h := &command.Handler{Core: core, Tracker: tr, Roster: cfg.Roster, Rules: cfg.Rules, KnowHow: library{base, search.New(base)},
		Tickets:   console.Tickets{Tracker: tr, Roster: cfg.Roster, KnowHow: func() *knowhow.Base { return base }},
		Inventory: inv, Checks: checks, Team: "jp",
		Store: st, URL: "http://tebiki", Now: func() time.Time { return now }, Log: log}
	w := &world{t, h, core, st, tr, checks, 0, nil}
	h.Reviews = w
	return w
}

// show writes a reply down.
func show(r chat.Reply) string {
	var b strings.Builder
	b.WriteString(r.Title)
	for _, s := range r.Sections {
		b.WriteString("\n" + s.Heading + "\n" + s.Markdown)
	}
	for _, button := range r.Buttons {
		fmt.Fprintf(&b, "\n[%s %s=%s]", button.Label, button.ID, button.Value)
	}
	return b.String()
}

func (w *world) say(from, line string) string {
	w.Helper()
	r, err := w.h.Command(w.Context(), chat.Command{From: from, Line: line})
	if err != nil {
		w.Errorf("%s: %v", line, err)
	}
	return show(r)
}

func (w *world) press(from, button, value string) string {
	w.Helper()
	r, err := w.h.Act(w.Context(), chat.Action{From: from, Button: button, Value: value})
	if err != nil {
		w.Errorf("%s %s: %v", button, value, err)
	}
	return show(r)
}

func (w *world) want(got string, parts ...string) {
	w.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			w.Errorf("no %q in\n%s", p, got)
		}
	}
}

func (w *world) counted(k usage.Kind, want uint64) {
	w.Helper()
	n, err := usage.Counts(w.Context(), w.faulty)
	if err != nil {
		w.Fatal(err)
	}
	if n[k] != want {
		w.Errorf("%s was counted %d times, want %d", k, n[k], want)
	}
}

// incident opens one whose page has gone to lee.
func (w *world) incident(key string) string {
	w.Helper()
	rs, err := w.core.Submit(w.Context(), escalation.Signal{Alert: escalation.Alert{Source: "t", Key: key, Host: key, Summary: "bad", At: time.Now()}})
	if err != nil {
		w.Fatal(err)
	}
	id := rs[0].Incident
	for range 1000 {
		changed := w.core.Changed(id)
		inc, _, err := w.core.Incident(w.Context(), id)
		if err != nil {
			w.Fatal(err)
		}
		if len(inc.Paged) > 0 {
			return id.String()
		}
		<-changed
	}
	w.Fatal("nobody was paged")
	return ""
}

func (w *world) ticket(assignee string, status tracker.Status) string {
	w.Helper()
	t, err := w.local.Create(w.Context(), tracker.Draft{Label: w.Name() + assignee + string(status), Title: "x", Assignee: assignee})
	if err == nil {
		t, err = w.local.Change(w.Context(), t.Key, tracker.Change{Status: &status})
	}
	if err != nil {
		w.Fatal(err)
	}
	return t.Key
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		from, line string
		want       []string
	}{
		{"lee", "/knowhow disk", []string{"Disk full (disk-full)", "Free some: To do", "Remove old logs"}},
		{"tanaka", "/knowhow ﾃﾞｨｽｸ", []string{"ディスク逼迫 (disk-full)", "古いログ"}},
		{"tanaka", "／ｋｎｏｗｈｏｗ　ディスク", []string{"ディスク逼迫 (disk-full)"}},
		{"lee", "/KnowHow\tdisk", []string{"Disk full"}},
		{"lee", "/tebiki knowhow disk", []string{"Disk full"}},
		{"lee", "disk", []string{"Disk full"}},
		{"lee", "/knowhow rotate everything", []string{"What there is about “rotate everything”", "[Free space](<http://tebiki/knowhow/disk-full>)"}},
		{"lee", "/knowhow acount", []string{"account"}},
		{"lee", "/knowhow zzqqxx", []string{"There is no know-how about “zzqqxx”"}},
		{"tanaka", "/knowhow zzqqxx", []string{"「zzqqxx」についての手順書はありません"}},
		{"lee", "/knowhow", []string{"All components", `disk\-full`, "Account"}},
		{"lee", "/", []string{"All components"}},
		{"lee", "/oncall", []string{"Platform", "インフラ", "Hannah until", "Then Emma"}},
		{"lee", "/oncall PLATFORM", []string{"Platform", "Hannah"}},
		{"tanaka", "/oncall　jp", []string{"インフラ", "佐藤 さん", "次は 田中 さん"}},
		{"lee", "/oncall mars", []string{"There is no team “mars”. There are: jp, uk"}},
		{"lee", "/ack", []string{"no open incident that you were paged"}},
		{"tanaka", "/ack", []string{"ありません"}},
		{"lee", "/ack it", []string{"“it” is no incident"}},
		{"lee", "/ack I-99", []string{"over and forgotten"}},
		{"lee", "/alert", []string{"What is wrong?"}},
		{"tanaka", "/alert", []string{"何が起きていますか"}},
		{"lee", "/request", []string{"New request", "[Make the request on this page](<http://tebiki/tickets/new>)"}},
		{"tanaka", "/request サブドメイン", []string{"新しい依頼", "<http://tebiki/tickets/new"}},
		{"lee", "/request disk", []string{"/tickets/new?component=disk-full"}},
		{"nobody", "/request", []string{"I do not know you"}},
		{"lee", "/help", []string{"What you can ask", "/oncall", "/ack", "/alert", "/knowhow", "/request"}},
		{"tanaka", "/tebiki", []string{"使えるコマンド"}},
		{"lee", "/konwhow disk", []string{"Did you mean /knowhow"}},
		{"tanaka", "/onkall", []string{"/oncall ですか"}},
		{"lee", "/know disk", []string{"Did you mean /knowhow"}},
		{"lee", "/restart-everything", []string{"There is no command /restart-everything. /help"}},
		{"lee", "/xyz", []string{"There is no command /xyz. /help"}},
		{"nobody", "/knowhow disk", []string{"I do not know you", "名簿に登録がありません"}},
		{"sato", "/oncall", []string{"I do not know you"}}, // an id, not an address in chat
		{"", "/oncall", []string{"I do not know you"}},
	} {
		w := newWorld(t)
		w.want(w.say(c.from, c.line), c.want...)
	}
}

func TestOneTeamOnly(t *testing.T) {
	w := newWorld(t)
	if got := w.say("lee", "/oncall uk"); strings.Contains(got, "インフラ") {
		t.Errorf("asked for one team, got\n%s", got)
	}
}

func TestQuestionsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.say("lee", "/knowhow disk")
	w.say("lee", "/knowhow rotate")
	w.say("lee", "/knowhow zzqqxx")
	w.say("nobody", "/knowhow disk")
	w.counted(usage.Answered, 2)
	w.counted(usage.NotFound, 1)
	w.faulty.Fail(errors.New("full"))
	w.want(w.say("lee", "/knowhow disk"), "Disk full") // answered all the same
}

func TestHostileWords(t *testing.T) {
	w := newWorld(t)
	evil := "<script>`x` [a](javascript:1) \u202e" + strings.Repeat("長い", 600)
	for _, line := range []string{"/knowhow " + evil, "/oncall " + evil, "/ack " + evil, "/" + evil} {
		r, err := w.h.Command(t.Context(), chat.Command{From: "lee", Line: line})
		if err != nil || len(r.Title) > 1000 {
			t.Errorf("error %v, a title of %d bytes", err, len(r.Title))
		}
		for _, s := range r.Sections {
			if strings.Contains(strings.ReplaceAll(s.Markdown, `\<`, ""), "<script>") {
				t.Errorf("got through: %s", s.Markdown)
			}
		}
	}
	r, err := w.h.Command(t.Context(), chat.Command{From: "lee", Line: "/alert " + evil})
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Buttons[0].Value; len(v) > 2000 || !utf8.ValidString(v) {
		t.Errorf("a button's value of %d bytes", len(v))
	}
}

func TestAck(t *testing.T) {
	w := newWorld(t)
	a := w.incident("a")
	w.want(w.say("lee", "/ack"), a+" is yours")
	w.want(w.say("smith", "/ack "+strings.ToLower(a)), a) // taking it over is allowed, or said to be late
	b, c := w.incident("b"), w.incident("c")
	w.want(w.say("lee", "/ack"), "Say which one", b, c)
	w.want(w.say("lee", "/ack "+b), b+" is yours")
	w.want(w.say("lee", "/ack"), c+" is yours")
	d := w.incident("d")
	w.faulty.Fail(errors.New("full"))
	defer w.faulty.Fail(nil)
	r, err := w.h.Command(t.Context(), chat.Command{From: "lee", Line: "/ack " + d})
	if err == nil || !strings.Contains(r.Title, "did not work") {
		t.Errorf("%q, error %v", r.Title, err)
	}
}

func TestRaise(t *testing.T) {
	w := newWorld(t)
	asked := w.say("lee", "/alert web1 answers nobody")
	w.want(asked, "Raise an urgent alert?", "web1 answers nobody", "raise=web1 answers nobody")
	first := w.press("lee", command.ButtonRaise, "web1 answers nobody")
	w.want(first, "I-1 is open")
	w.want(w.press("lee", command.ButtonRaise, "web1 answers nobody"), "I-1")
	w.want(w.say("lee", "/ack I-1"), "is yours")
	w.want(w.press("lee", command.ButtonRaise, "web1 answers nobody"), "I-1 is with Hannah already")
	w.want(w.press("stranger", command.ButtonRaise, "x"), "I do not know you")
}

func TestIncidentButtons(t *testing.T) {
	w := newWorld(t)
	id := w.incident("a")
	w.want(w.press("smith", "pass", id), "not your turn")
	w.want(w.press("lee", "ack", id), "is yours")
	w.want(w.press("tanaka", "resolve", id), id)
	w.want(w.press("lee", "ack", id), "over already")
	w.want(w.press("lee", "ack", "I-77"), "over and forgotten")
	for _, value := range []string{"", "I-", "x", "-1", "I-99999999999999999999"} {
		r, err := w.h.Act(t.Context(), chat.Action{From: "lee", Button: "ack", Value: value})
		if err == nil || !strings.Contains(r.Title, "no longer of use") {
			t.Errorf("%q: %q, error %v", value, r.Title, err)
		}
	}
	if r, err := w.h.Act(t.Context(), chat.Action{From: "lee", Button: "rm -rf"}); err == nil || r.Title == "" {
		t.Errorf("an unknown button: %q, error %v", r.Title, err)
	}
}

func TestRatings(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.want(w.press("lee", "useful", "T-1 disk-full"), "Thank you")
		w.want(w.press("tanaka", "outdated", "T-1 disk-full"), "ありがとう")
	}
	w.counted(usage.Useful, 1)
	w.counted(usage.Outdated, 1)
	w.faulty.Fail(errors.New("full"))
	r, err := w.h.Act(t.Context(), chat.Action{From: "lee", Button: "useful", Value: "T-2 disk-full"})
	if err == nil || !strings.Contains(r.Title, "did not work") {
		t.Errorf("%q, error %v", r.Title, err)
	}
}

func TestAssign(t *testing.T) {
	w := newWorld(t)
	key := w.ticket("", tracker.Open)
	w.want(w.press("U-SATO", "assign", key+" tanaka"), "田中 さんの担当になりました")
	w.want(w.press("U-SATO", "assign", key+" tanaka"), "田中 さんの担当になりました")
	w.want(w.press("smith", "assign", key+" lee"), "is with 田中 already")
	w.want(w.press("smith", "assign", key+" ghost"), "no longer of use")
	if tk, err := w.local.Ticket(t.Context(), key); err != nil || tk.Assignee != "tr-tanaka" {
		t.Errorf("%q has it, error %v", tk.Assignee, err)
	}
	r, err := w.h.Act(t.Context(), chat.Action{From: "smith", Button: "assign", Value: "T-99 lee"})
	if adapters.CodeOf(err) != adapters.NotFound || !strings.Contains(r.Title, "refused") {
		t.Errorf("%q, error %v", r.Title, err)
	}
}

func TestReview(t *testing.T) {
	w := newWorld(t)
	key := w.ticket("lee", tracker.Fixed)
	w.want(w.press("lee", "close", key), "Only a team's leader")
	w.want(w.press("lee", "back", key), "Only a team's leader")
	r, err := w.h.Act(t.Context(), chat.Action{From: "smith", Button: "back", Value: key})
	if err != nil || r.Form == nil {
		t.Fatalf("%+v, error %v", r, err)
	}
	w.want(show(r), "Say why", "/tickets/"+key)
	for _, why := range []string{"", " \n", strings.Repeat("x", 3001)} {
		if _, faults := w.submit(answers("smith", *r.Form, map[string]string{"reason": why})); faults["reason"] == "" {
			t.Errorf("the reason %.10q is taken", why)
		}
	}
	done, _ := w.submit(answers("lee", *r.Form, map[string]string{"reason": "x"}))
	w.want(done.Title, "Only a team's leader")
	done, _ = w.submit(answers("smith", *r.Form, map[string]string{"reason": " *It* is still full.\n"}))
	w.want(done.Title, "went back")
	if len(w.returned) != 1 || w.returned[0] != key+" smith *It* is still full." {
		t.Errorf("sent back: %q", w.returned)
	}
	open := tracker.Open
	if _, err := w.local.Change(t.Context(), key, tracker.Change{Status: &open}); err != nil {
		t.Fatal(err)
	}
	done, _ = w.submit(answers("smith", *r.Form, map[string]string{"reason": "again"}))
	w.want(done.Title, "nothing to look at yet")
	w.want(w.press("smith", "close", key), "nothing to look at yet")
	fixed := w.ticket("tr-tanaka", tracker.Fixed)
	w.want(w.press("U-SATO", "close", fixed), "完了にしました")
	w.want(w.press("U-SATO", "back", fixed), "すでに完了")
	if tk, err := w.local.Ticket(t.Context(), fixed); err != nil || tk.Status != tracker.Closed {
		t.Errorf("it is %s, error %v", tk.Status, err)
	}
	again := w.ticket("smith", tracker.Fixed)
	w.faulty.Fail(errors.New("full"))
	r, err = w.h.Act(t.Context(), chat.Action{From: "smith", Button: "close", Value: again})
	if err == nil || !strings.Contains(r.Title, "did not work") {
		t.Errorf("%q, error %v", r.Title, err)
	}
}
