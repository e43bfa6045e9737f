// Package inventorytest is the conformance suite of the port inventory. An
// implementation's test calls Run with a function that opens an inventory of
// given servers; each test opens its own.
package inventorytest

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
)

// Open gives an inventory that holds servers.
type Open func(t *testing.T, servers []inventory.Server) inventory.Inventory

// Run holds inventories against the contract of the port.
func Run(t *testing.T, open Open) {
	t.Run("finds", func(t *testing.T) { finds(t, open(t, sample())) })
	t.Run("keeps everything", func(t *testing.T) { keepsEverything(t, open(t, sample())) })
	t.Run("lists by name", func(t *testing.T) { listsByName(t, open(t, sample())) })
	t.Run("an empty one", func(t *testing.T) { empty(t, open(t, nil)) })
	t.Run("answers are copies", func(t *testing.T) { copies(t, open(t, sample())) })
	t.Run("many at once", func(t *testing.T) { manyAtOnce(t, open(t, sample())) })
}

// sample is in no order, and has what is easily mixed up.
func sample() []inventory.Server {
	return []inventory.Server{
		{Host: "web1.example.jp", Aliases: []string{"www.example.jp", "192.0.2.1"}, Owners: []string{"tanaka"}, Team: "infra-jp", Service: "web", Env: "production", Note: "正面: \"quoted\" # not a comment"},
		{Host: "db1.example.jp", Aliases: []string{"2001:db8::1"}, Owners: []string{"sato", "suzuki"}, Team: "infra-jp", Service: "db"},
		{Host: "db1.example.com", Group: "dba", Team: "platform-en", Service: "db"},
		{Host: "Mail1.Example.com", Aliases: []string{"smtp"}, Owners: []string{"lee"}, Team: "platform-en", Service: "mail"},
		{Host: "batch", Aliases: []string{"batch.example.jp"}},
	}
}

func finds(t *testing.T, inv inventory.Inventory) {
	for query, want := range map[string]string{
		"web1.example.jp":   "web1.example.jp",
		"WEB1.Example.JP":   "web1.example.jp",
		"web1.example.jp.":  "web1.example.jp",
		"web1":              "web1.example.jp",
		"Web1":              "web1.example.jp",
		"www.example.jp":    "web1.example.jp",
		"192.0.2.1":         "web1.example.jp",
		"::ffff:192.0.2.1":  "web1.example.jp",
		"2001:DB8:0::1":     "db1.example.jp",
		"[2001:db8::1]":     "db1.example.jp",
		"db1.example.jp":    "db1.example.jp",
		"db1.example.com":   "db1.example.com",
		"mail1":             "Mail1.Example.com",
		"mail1.EXAMPLE.com": "Mail1.Example.com",
		"smtp":              "Mail1.Example.com",
		"batch":             "batch",
		"batch.example.jp":  "batch",
	} {
		if got, err := inv.Server(t.Context(), query); err != nil || got.Host != want {
			t.Errorf("%q gives %q, %v, want %q", query, got.Host, err, want)
		}
	}
	for _, query := range []string{
		"", " ", ".", "db1", "db1.example.net", "web2.example.jp", "web", "example.jp", "192", "192.0", "192.0.2.10",
		"web1 example.jp", "web1\x00", "\xff", "'; drop table", "../web1", strings.Repeat("x", 1<<20),
	} {
		if got, err := inv.Server(t.Context(), query); err == nil || adapters.CodeOf(err) != adapters.NotFound || got.Host != "" {
			t.Errorf("%.40q gives %q, %.200v, want it not found", query, got.Host, err)
		}
	}
}

func keepsEverything(t *testing.T, inv inventory.Inventory) {
	for _, want := range sample() {
		got, err := inv.Server(t.Context(), want.Host)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", want.Host, err, diff)
		}
		owner := ""
		if len(want.Owners) == 1 {
			owner = want.Owners[0]
		}
		if got.Owner() != owner {
			t.Errorf("%s is to be assigned to %q, want %q", want.Host, got.Owner(), owner)
		}
	}
}

func listsByName(t *testing.T, inv inventory.Inventory) {
	got, err := inv.Servers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range got {
		names = append(names, s.Host)
	}
	want := []string{"batch", "db1.example.com", "db1.example.jp", "Mail1.Example.com", "web1.example.jp"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("Servers (-want +got):\n%s", diff)
	}
}

func empty(t *testing.T, inv inventory.Inventory) {
	if got, err := inv.Servers(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("Servers gives %v, %v", got, err)
	}
	if _, err := inv.Server(t.Context(), "web1"); adapters.CodeOf(err) != adapters.NotFound || err == nil {
		t.Errorf("Server gives %v, want it not found", err)
	}
}

func copies(t *testing.T, inv inventory.Inventory) {
	list, err := inv.Servers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		for j := range list[i].Owners {
			list[i].Owners[j] = "intruder"
		}
		list[i].Host = "intruder"
	}
	one, err := inv.Server(t.Context(), "web1")
	if err != nil {
		t.Fatal(err)
	}
	one.Owners[0] = "intruder"
	if again, err := inv.Server(t.Context(), "web1"); err != nil || again.Owner() != "tanaka" {
		t.Errorf("a caller changed the inventory: %+v, %v", again, err)
	}
}

func manyAtOnce(t *testing.T, inv inventory.Inventory) {
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 50 {
				if s, err := inv.Server(t.Context(), "smtp"); err != nil || s.Owner() != "lee" {
					t.Errorf("smtp gives %+v, %v", s, err)
				}
			}
		})
	}
	all.Wait()
}
