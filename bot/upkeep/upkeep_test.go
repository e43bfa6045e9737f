package upkeep_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/chat"
	"tebiki/bot/daily"
	"tebiki/bot/flowtest"
	"tebiki/bot/roster"
	"tebiki/bot/upkeep"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"

	chatconsole "tebiki/adapters/chat/console"
)

// daysOff are London's: a Monday, and the whole of another week.
var daysOff = map[string]bool{"2000-01-24": true,
	"2000-02-07": true, "2000-02-08": true, "2000-02-09": true, "2000-02-10": true, "2000-02-11": true}

// world is the flow at work in a synctest bubble, whose clock begins on
// Saturday 2000-01-01 at midnight, UTC.
type world struct {
	t     *testing.T
	st    store.Store
	inbox *chatconsole.Console
	gate  *flowtest.Gate
	flow  *upkeep.Flow
	down  context.Context
	stop  func()
}

func in(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		w := &world{t: t, st: st, inbox: chatconsole.New(st), gate: &flowtest.Gate{}}
		w.start()
		defer func() { w.stop() }()
		f(w)
	})
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func (w *world) start() {
	r, err := roster.New([]roster.Person{
		{ID: "sato", Name: "佐藤", Team: "jp", Mail: "Sato@example.jp"}, {ID: "tanaka", Name: "田中", Team: "jp"},
		{ID: "smith", Name: "Emma", Team: "uk"}, {ID: "lee", Name: "Hannah", Team: "uk"},
	}, []roster.Team{
		{ID: "jp", Name: "インフラ", Leader: "sato", Lang: "ja", Zone: zone(w.t, "Asia/Tokyo"), Morning: 9 * time.Hour},
		{ID: "uk", Name: "Platform", Leader: "smith", Zone: zone(w.t, "Europe/London"), Morning: 9 * time.Hour, Holidays: daysOff},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.down = ctx
	w.gate.Start(cancel)
	st := w.gate.Store(w.st)
	known := base(w.t)
	w.flow = &upkeep.Flow{Store: st, Chat: w.gate.Chat(w.inbox), Roster: r, KnowHow: func() *knowhow.Base { return known }, Team: "jp", Places: places, Log: slog.New(slog.DiscardHandler)}
	w.flow.Outbox = outbox.New(st, w.flow.Log, outbox.Destination{Name: "chat", Workers: 2, Handle: outbox.Handle("chat", w.flow.Routes())})
	clock := &daily.Clock{Store: st, Roster: r, Log: w.flow.Log}
	var running sync.WaitGroup
	running.Go(func() { _ = w.flow.Outbox.Run(ctx) })
	running.Go(func() { _ = clock.Run(ctx, w.flow.Works()...) })
	w.stop = func() { cancel(); running.Wait() }
}

// rest lets time pass, restarting a process that died.
func (w *world) rest(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(time.Until(end), time.Hour)) // of the bubble
		synctest.Wait()
		if w.down.Err() != nil {
			w.stop()
			w.start()
		}
	}
}

func (w *world) record(all ...usage.Event) {
	w.t.Helper()
	err := w.st.Update(w.t.Context(), func(tx store.Writer) error {
		for _, e := range all {
			e.At = time.Now()
			if err := usage.Record(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) messages(to, kind string) (out []chat.Message) {
	w.t.Helper()
	all, err := w.inbox.Messages(w.t.Context(), to, 0, "")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range all {
		if strings.HasPrefix(m.Message.Key, kind) {
			out = append(out, m.Message)
		}
	}
	return out
}

func said(m chat.Message) string {
	parts := []string{m.Title}
	for _, s := range m.Sections {
		parts = append(parts, s.Heading, s.Markdown)
	}
	return strings.Join(parts, "\n")
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func want(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("no %q in\n%s", p, got)
		}
	}
}

var remarks = []usage.Event{
	{Kind: usage.Outdated, Component: "dns", Person: "lee"},
	{Kind: usage.Remarked, Component: "dns", Person: "lee", Doc: "names", Words: "The <b>server</b> is\nanother"},
	{Kind: usage.Remarked, Component: "dns", Person: "lee", Words: "All of it"},
	{Kind: usage.Outdated, Component: "mail", Person: "sato"},
}

// TestOwners: on the next business morning each owner hears once of what is
// theirs, and not again of the same.
func TestOwners(t *testing.T) {
	in(t, func(w *world) {
		w.record(remarks...)
		w.rest(2*24*time.Hour + 30*time.Minute) // Monday, half past nine in Tokyo
		tanaka := w.messages("tanaka", "upkeep rated")
		same(t, "tanaka's, who keeps the names", len(tanaka), 1)
		want(t, said(tanaka[0]), "Hannah さん\\(「名前を足す」について\\)\\: ", "server", "Hannah さん\\: All of it", "「内容が古い」が1件", "[修正を提案する](<https://git.example/edit/docs/names")
		if strings.Contains(said(tanaka[0]), "<b>") {
			t.Error("what somebody wrote is markup")
		}
		sato := w.messages("sato", "upkeep rated")
		same(t, "sato's, who keeps the other document", len(sato), 1)
		want(t, said(sato[0]), "Hannah さん\\: All of it")
		if strings.Contains(said(sato[0]), "名前を足す") {
			t.Error("sato hears of another's document")
		}
		same(t, "lee's before London's morning", len(w.messages("lee", "upkeep rated")), 0)
		w.rest(9 * time.Hour)
		same(t, "lee's", len(w.messages("lee", "upkeep rated")), 1)
		w.rest(7 * 24 * time.Hour)
		same(t, "tanaka's after a week", len(w.messages("tanaka", "upkeep rated")), 1)
		w.record(remarks[0], remarks[0])
		w.rest(24 * time.Hour)
		same(t, "tanaka's after more", len(w.messages("tanaka", "upkeep rated")), 2)
	})
}

// TestWeek: each leader reads once a week of the team's own entries.
func TestWeek(t *testing.T) {
	in(t, func(w *world) {
		w.record(remarks...)
		w.record(usage.Event{Kind: usage.Pushed, Component: "mail", Ticket: "T-1"}, usage.Event{Kind: usage.Fixed, Component: "mail", Took: 90 * time.Minute},
			usage.Event{Kind: usage.NotFound, Words: "[LDAP](x)"}, usage.Event{Kind: usage.NoEntry, Component: "backup", Ticket: "T-9"})
		w.rest(3 * 24 * time.Hour)
		smith := w.messages("smith", "upkeep weekly")
		same(t, "smith's", len(smith), 1)
		want(t, said(smith[0]), "Platform", "Mon 27 Dec 1999", "Sun 2 Jan 2000", "[Mail](<http://tebiki/knowhow/mail>) messages\\: 1", "90 minutes after", `\[LDAP\]`, "backup", "[backup](<http://tebiki/tickets/T-9>)")
		sato := w.messages("sato", "upkeep weekly")
		same(t, "sato's", len(sato), 1)
		want(t, said(sato[0]), "インフラ", "評価1件、コメント2件", "使われなかったもの", "ディスク")
		if strings.Contains(said(sato[0]), "メール") {
			t.Error("sato reads of another team's entry")
		}
		w.rest(6 * 24 * time.Hour)
		same(t, "smith's in the next week", len(w.messages("smith", "upkeep weekly")), 1)
		w.rest(24 * time.Hour)
		next := w.messages("smith", "upkeep weekly")
		same(t, "smith's on its Monday", len(next), 2)
		w.rest(5 * 24 * time.Hour)
		same(t, "smith's by its end", len(w.messages("smith", "upkeep weekly")), 2)
	})
}

// TestWeeksWithDaysOff: no day is left out of the summaries, and none is in two.
func TestWeeksWithDaysOff(t *testing.T) {
	in(t, func(w *world) {
		w.rest(46 * 24 * time.Hour) // to Wednesday 16 February
		var got []string
		for _, m := range slices.Backward(w.messages("smith", "upkeep weekly")) {
			got = append(got, m.Sent.UTC().Format("Mon 2 Jan")+" | "+m.Title)
		}
		same(t, "summaries", got, []string{
			"Mon 3 Jan | Know-how of Platform, Mon 27 Dec 1999 to Sun 2 Jan 2000",
			"Mon 10 Jan | Know-how of Platform, Mon 3 Jan 2000 to Sun 9 Jan 2000",
			"Mon 17 Jan | Know-how of Platform, Mon 10 Jan 2000 to Sun 16 Jan 2000",
			"Tue 25 Jan | Know-how of Platform, Mon 17 Jan 2000 to Sun 23 Jan 2000",
			"Mon 31 Jan | Know-how of Platform, Mon 24 Jan 2000 to Sun 30 Jan 2000",
			"Mon 14 Feb | Know-how of Platform, Mon 31 Jan 2000 to Sun 13 Feb 2000",
		})
	})
}

// TestOwnerLeft: what is said of a document whose owner is in the roster no
// longer is the leader's to hear.
func TestOwnerLeft(t *testing.T) {
	in(t, func(w *world) {
		w.record(usage.Event{Kind: usage.Outdated, Component: "old", Person: "lee"})
		w.rest(2*24*time.Hour + 10*time.Hour)
		ms := w.messages("smith", "upkeep rated")
		same(t, "the leader's", len(ms), 1)
		want(t, said(ms[0]), "Rated out of date", "Old")
	})
}

// TestBroken: the author hears at once, of the same once, and of the end.
func TestBroken(t *testing.T) {
	in(t, func(w *world) {
		state := func(b upkeep.Broken) {
			t.Helper()
			if err := w.flow.State(w.t.Context(), b, time.Now()); err != nil {
				t.Fatal(err)
			}
			w.rest(time.Second)
		}
		mine := upkeep.Broken{Commit: "0123456789abcdef", Author: "佐藤", Mail: "sato@EXAMPLE.jp", Link: "https://git.example/0123456789abcdef", Faults: []string{"docs/free.en.md:3: there is *no* owner"}}
		state(upkeep.Broken{})
		same(t, "nothing is wrong", len(w.messages("sato", "upkeep fault")), 0)
		state(mine)
		state(mine)
		ms := w.messages("sato", "upkeep fault")
		same(t, "sato's", len(ms), 1)
		want(t, said(ms[0]), "読み込めません(1か所)", `docs\/free\.en\.md\:3\: there is \*no\* owner`, "[0123456789ab](<https://git.example/0123456789abcdef>)", "前に読み込んだ内容")
		mine.Commit, mine.Faults = "fedcba9876543210", []string{"knowhow.yaml:1: a", "knowhow.yaml:2: b"}
		state(mine)
		ms = w.messages("sato", "upkeep fault")
		same(t, "sato's after another try", len(ms), 1)
		want(t, said(ms[0]), "(2か所)")
		state(upkeep.Broken{Commit: "1111", Author: "Hannah", Mail: "lee", Faults: []string{"knowhow.yaml:9: c"}})
		want(t, said(w.messages("sato", "upkeep fault")[0]), "再び読み込めました")
		want(t, said(w.messages("lee", "upkeep fault")[0]), "faults: 1", "knowhow")
		state(upkeep.Broken{Commit: "2222"})
		want(t, said(w.messages("lee", "upkeep fault")[0]), "loads again")
		state(upkeep.Broken{Faults: []string{"opening the folder: no such folder"}})
		want(t, said(w.messages("sato", "upkeep fault")[0]), "no such folder")
		same(t, "sato's at the end", len(w.messages("sato", "upkeep fault")), 2)
	})
}

// TestEveryFault: whichever call goes wrong, and wherever the process dies,
// everybody hears once.
func TestEveryFault(t *testing.T) {
	story := func(w *world) string {
		w.record(remarks...)
		w.rest(3 * 24 * time.Hour)
		var all []string // in whatever order they came
		for _, who := range []string{"sato", "tanaka", "smith", "lee"} {
			for _, m := range w.messages(who, "") {
				all = append(all, who+": "+said(m))
			}
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	var whole string
	in(t, func(w *world) { whole = story(w) })
	for name, m := range flowtest.Modes {
		t.Run(name, func(t *testing.T) {
			for n, calls := 1, 1; n <= calls && !t.Failed(); n++ {
				in(t, func(w *world) {
					begun := w.gate.Calls()
					w.gate.Spoil(n, m)
					same(t, "what people read", story(w), whole)
					calls = min(w.gate.Calls()-begun, 400)
				})
			}
		})
	}
}
