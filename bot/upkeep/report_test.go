package upkeep_test

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/upkeep"
	"tebiki/bot/usage"
	"tebiki/knowhow"
)

const entries = `components:
  - {name: disk, aliases: [ディスク], title: {ja: ディスク, en: Disk}, request_type: incident, team: jp, subtickets: [{title: {ja: 空ける, en: Free}, document: free}]}
  - {name: mail, title: {ja: メール, en: Mail}, request_type: incident, team: uk, subtickets: [{title: {ja: 流す, en: Drain}, document: drain}]}
  - {name: dns, title: {ja: 名前, en: Names}, request_type: task, team: jp, subtickets: [{title: {ja: 足す, en: Add}, document: names}, {title: {ja: 空ける, en: Free}, document: free}]}
  - {name: old, title: {ja: 古い, en: Old}, request_type: task, team: uk, subtickets: [{title: {ja: 消す, en: Remove}, document: old}]}
`

func document(title, owner string) string {
	return "---\ntitle: " + title + "\nowner: " + owner + "\nreviewed: 2026-04-01\n---\n## TODO\nDo it.\n## Procedure\n1. Do it.\n"
}

func base(t testing.TB) *knowhow.Base {
	t.Helper()
	b, err := knowhow.Load(fstest.MapFS{
		"knowhow.yaml":     {Data: []byte(entries)},
		"docs/free.en.md":  {Data: []byte(document("Freeing space", "sato"))},
		"docs/drain.en.md": {Data: []byte(document("Draining the queue", "lee"))},
		"docs/old.en.md":   {Data: []byte(document("Removing", "gone"))},
		"docs/names.en.md": {Data: []byte(document("Adding a name", "tanaka"))},
		"docs/names.ja.md": {Data: []byte(document("名前を足す", "tanaka"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.WithChanges(func(path string) knowhow.Change {
		if path == "docs/drain.en.md" {
			return knowhow.Change{} // nobody knows
		}
		return knowhow.Change{At: day(1), Author: "佐藤", Propose: "https://git.example/edit/" + path, History: "https://git.example/log/" + path}
	})
}

var places = upkeep.Places{Site: "http://tebiki", Ticket: func(key string) string { return "/tickets/" + key }}

func day(n int) time.Time { return time.Date(2026, 11, n, 12, 0, 0, 0, time.UTC) }

var events = []usage.Event{
	{Kind: usage.Pushed, Component: "disk", Ticket: "T-1", Person: "sato", At: day(2)},
	{Kind: usage.Pushed, Component: "ディスク", Ticket: "T-2", Person: "tanaka", At: day(2)},
	{Kind: usage.Opened, Component: "disk", Person: "tanaka", At: day(2)},
	{Kind: usage.Answered, Component: "mail", Words: "mail", At: day(2)},
	{Kind: usage.Answered, Words: "queue", At: day(2)}, // a search, which is of no one component
	{Kind: usage.Fixed, Component: "disk", Ticket: "T-1", Took: time.Hour, At: day(2)},
	{Kind: usage.Fixed, Component: "disk", Ticket: "T-2", Took: 3 * time.Hour, At: day(3)},
	{Kind: usage.Fixed, Component: "disk", Ticket: "T-3", Took: 2 * time.Hour, At: day(3)},
	{Kind: usage.Useful, Component: "disk", Person: "sato", At: day(3)},
	{Kind: usage.Outdated, Component: "disk", Person: "tanaka", Ticket: "T-2", At: day(3)},
	{Kind: usage.Remarked, Component: "disk", Person: "tanaka", Doc: "free", Words: "The path has moved.", At: day(3)},
	{Kind: usage.NotFound, Words: "  LDAP  password ", At: day(3)},
	{Kind: usage.NotFound, Words: "ｌｄａｐ password", Person: "lee", At: day(4)},
	{Kind: usage.NotFound, Words: "ldap  Password", Person: "lee", At: day(4).Add(time.Hour)}, // who only looks again
	{Kind: usage.NotFound, Words: "ｌｄａｐ password", Person: "lee", At: day(4).Add(2 * time.Hour)},
	{Kind: usage.NotFound, Words: "バックアップ", At: day(4)},
	{Kind: usage.NotFound, Words: " ", At: day(4)},
	{Kind: usage.NoEntry, Component: "backup", Ticket: "T-7", At: day(4)},
	{Kind: usage.NoEntry, Component: "backup", Ticket: "T-9", At: day(5)},
	{Kind: usage.NoEntry, Component: "mail", Ticket: "T-8", At: day(5)}, // has an entry by now
	{Kind: usage.Pushed, Component: "gone", Ticket: "T-5", At: day(5)},
}

func TestReport(t *testing.T) {
	got := upkeep.Make(base(t), slices.Values(events), day(1), day(8), places, upkeep.All)
	want := upkeep.Report{
		From: day(1), To: day(8),
		Used: []upkeep.Use{
			{Component: "disk", Link: "http://tebiki/knowhow/disk", Pushed: 2, Opened: 1, Useful: 1, Outdated: 1, Fixed: 3, Took: 2 * time.Hour},
			{Component: "mail", Link: "http://tebiki/knowhow/mail", Opened: 1},
		},
		Unused:   []upkeep.Unused{{Component: "dns", Link: "http://tebiki/knowhow/dns"}, {Component: "old", Link: "http://tebiki/knowhow/old"}},
		Outdated: []upkeep.Outdate{{Component: "disk", Link: "https://git.example/edit/docs/free.en.md", Count: 1, Remarks: []upkeep.Remark{{At: day(3), Person: "tanaka", Doc: "free", Words: "The path has moved."}}}},
		Missed:   []upkeep.Miss{{Words: "ｌｄａｐ password", Link: "http://tebiki/knowhow?from=report&q=%EF%BD%8C%EF%BD%84%EF%BD%81%EF%BD%90+password", Count: 2}, {Words: "バックアップ", Link: "http://tebiki/knowhow?from=report&q=%E3%83%90%E3%83%83%E3%82%AF%E3%82%A2%E3%83%83%E3%83%97", Count: 1}},
		NoEntry:  []upkeep.Gap{{Component: "backup", Link: "http://tebiki/tickets/T-9", Count: 2, Ticket: "T-9"}},
		Written:  []upkeep.Writing{{Author: "佐藤", Month: "2026-11", Link: "https://git.example/log/docs/free.en.md", Docs: 4}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestReportOfATeam: a leader reads of the team's own entries, and of what
// has no entry, which is nobody's and so everybody's.
func TestReportOfATeam(t *testing.T) {
	got := upkeep.Make(base(t), slices.Values(events), day(1), day(8), places, func(e *knowhow.Entry) bool { return e.Team == "uk" })
	want := upkeep.Report{
		From: day(1), To: day(8),
		Used:    []upkeep.Use{{Component: "mail", Link: "http://tebiki/knowhow/mail", Opened: 1}},
		Unused:  []upkeep.Unused{{Component: "old", Link: "http://tebiki/knowhow/old"}},
		Missed:  []upkeep.Miss{{Words: "ｌｄａｐ password", Link: "http://tebiki/knowhow?from=report&q=%EF%BD%8C%EF%BD%84%EF%BD%81%EF%BD%90+password", Count: 2}, {Words: "バックアップ", Link: "http://tebiki/knowhow?from=report&q=%E3%83%90%E3%83%83%E3%82%AF%E3%82%A2%E3%83%83%E3%83%97", Count: 1}},
		NoEntry: []upkeep.Gap{{Component: "backup", Link: "http://tebiki/tickets/T-9", Count: 2, Ticket: "T-9"}},
		Written: []upkeep.Writing{{Author: "佐藤", Month: "2026-11", Link: "https://git.example/log/docs/old.en.md", Docs: 1}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReportOfNothing(t *testing.T) {
	got := upkeep.Make(&knowhow.Base{}, slices.Values[[]usage.Event](nil), day(1), day(8), places, upkeep.All)
	if d := cmp.Diff(upkeep.Report{From: day(1), To: day(8)}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
