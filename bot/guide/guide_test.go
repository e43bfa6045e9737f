package guide_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
	"tebiki/bot/guide"
	"tebiki/bot/text"
	"tebiki/bot/usage"
	"tebiki/escalation"
	"tebiki/knowhow"
	"tebiki/knowhow/search"
)

// servers is an inventory of a few hosts; others are not in it, and "slow"
// is answered when nobody waits any more.
type servers map[string]string

func (s servers) Server(ctx context.Context, host string) (inventory.Server, error) {
	if host == "slow" {
		<-ctx.Done()
		return inventory.Server{}, ctx.Err()
	}
	service, ok := s[host]
	if !ok {
		return inventory.Server{}, &adapters.Error{Op: "look up " + host, Code: adapters.NotFound, Err: errors.New("no such server")}
	}
	return inventory.Server{Host: host, Service: service}, nil
}

func (servers) Servers(context.Context) ([]inventory.Server, error) { return nil, nil }

const entries = `components:
  - {name: disk-full, title: {ja: ディスク逼迫, en: Disk full}, request_type: incident, alerts: [{check: "disk *"}], subtickets: [{title: {en: Free}, document: free}]}
  - {name: mail-queue, aliases: [mail], title: {ja: メールキューの滞留, en: Mail queue grows}, request_type: incident, subtickets: [{title: {en: Drain}, document: free}]}
  - {name: replication, title: {ja: レプリケーション遅延, en: Replication lag}, request_type: incident, subtickets: [{title: {en: Catch up}, document: free}]}
`

func guideOf(t *testing.T) *guide.Guide {
	t.Helper()
	base, err := knowhow.Load(fstest.MapFS{
		"knowhow.yaml":    {Data: []byte(entries)},
		"docs/free.en.md": {Data: []byte("---\ntitle: Work\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\nDo it.\n## Procedure\n1. Do it.\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	index := search.New(base)
	return &guide.Guide{KnowHow: func() *knowhow.Base { return base }, Inventory: servers{"mx1": "Mail", "db1": "db"}, ForText: index.ForText}
}

// TestFor: the rules decide before the service of the host, and that before
// the words, whose score is said.
func TestFor(t *testing.T) {
	g := guideOf(t)
	for _, tt := range []struct {
		name  string
		alert escalation.Alert
		want  string // entry; "" for none
		how   string
	}{
		{"rules", escalation.Alert{Host: "mx1", Check: "disk /var", Summary: "replication lag"}, "disk-full", "by the know-how's own rules for alerts"},
		{"service by an alias", escalation.Alert{Host: "mx1", Check: "load", Summary: "replication lag"}, "mail-queue", "the server's service is “Mail”"},
		{"words", escalation.Alert{Host: "db1", Check: "mysql", Summary: "replication lag of 300 s on db1"}, "replication", "chosen by the alert's words (100% alike)"},
		{"words of a host that is not in the inventory", escalation.Alert{Host: "new9", Summary: "レプリケーション遅延 300 秒"}, "replication", "chosen by the alert's words"},
		{"words while the inventory is slow", escalation.Alert{Host: "slow", Summary: "replication lag"}, "replication", "chosen by the alert's words"},
		{"nothing", escalation.Alert{Host: "db1", Check: "fan", Summary: "fan 3 stands still"}, "", ""},
		{"nothing at all", escalation.Alert{}, "", ""},
		{"hostile", escalation.Alert{Host: strings.Repeat("x", 1<<16), Summary: strings.Repeat("\xff<b>", 1<<16)}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			c, ok := g.For(t.Context(), &tt.alert)
			if ok != (tt.want != "") || c.Base == nil {
				t.Fatalf("found %v: %+v", ok, c.Entry)
			}
			if !ok {
				return
			}
			if how := c.How(text.For("en", nil)); c.Entry.Name != tt.want || !strings.Contains(how, tt.how) {
				t.Errorf("%s, %q, after %s; want %s, %q", c.Entry.Name, how, time.Since(began), tt.want, tt.how)
			}
		})
	}
}

// TestWithLess: without an inventory and an index the rules still decide.
func TestWithLess(t *testing.T) {
	g := guideOf(t)
	g.Inventory, g.ForText = nil, nil
	if c, ok := g.For(t.Context(), &escalation.Alert{Host: "mx1", Check: "disk /"}); !ok || c.Entry.Name != "disk-full" {
		t.Errorf("%+v, %v", c.Entry, ok)
	}
	if _, ok := g.For(t.Context(), &escalation.Alert{Host: "mx1", Check: "load", Summary: "replication lag"}); ok {
		t.Error("something is chosen")
	}
}

// TestUsed: what is recorded of a choice names the component that was used, or
// the one that has no know-how.
func TestUsed(t *testing.T) {
	g, at := guideOf(t), time.Unix(0, 0)
	for _, tt := range []struct {
		alert escalation.Alert
		want  []usage.Event
	}{
		{escalation.Alert{Host: "mx1", Check: "load"}, []usage.Event{{Kind: usage.Paged, At: at, Person: "sato", Ticket: "I-1", Component: "mail-queue"}}},
		{escalation.Alert{Host: "db1", Check: "fan"}, []usage.Event{{Kind: usage.NoEntry, At: at, Ticket: "I-1", Component: "db"}}},
		{escalation.Alert{Host: "db1", Summary: "replication lag"}, []usage.Event{{Kind: usage.Paged, At: at, Person: "sato", Ticket: "I-1", Component: "replication"}}},
		{escalation.Alert{Host: "new9", Check: "fan"}, nil},
	} {
		c, _ := g.For(t.Context(), &tt.alert)
		if d := cmp.Diff(tt.want, c.Used(at, "sato", "I-1")); d != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.alert, d)
		}
	}
}
