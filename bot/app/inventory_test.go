package app

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/inventory"
	invhttp "tebiki/adapters/inventory/http"
	"tebiki/bot/config"
	"tebiki/knowhow/check"
)

// TestInventoryOverARestart asks an inventory, restarts, and asks it again
// while it is away.
func TestInventoryOverARestart(t *testing.T) {
	var away atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case away.Load():
			w.WriteHeader(http.StatusBadGateway)
		case r.Header.Get("X-Token") != "opensesame":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"h": "Web1.example.jp", "a": []string{"www"}, "o": "tanaka", "t": "infra-jp", "s": "web", "e": "production", "n": "メモ"})
		}
	}))
	defer s.Close()
	o := officeOptions(t)
	o.Config.Inventory = &config.Inventory{URL: s.URL + "/{host}", Keep: time.Minute, Header: map[string]config.Secret{"X-Token": config.NewSecret("opensesame")},
		Map: map[string]string{"host": "$.h", "aliases": "$.a", "owners": "$.o", "team": "$.t", "service": "$.s", "env": "$.e", "note": "$.n"}}
	want := inventory.Server{Host: "Web1.example.jp", Aliases: []string{"www"}, Owners: []string{"tanaka"}, Team: "infra-jp", Service: "web", Env: "production", Note: "メモ"}
	for _, stale := range []bool{false, true} {
		away.Store(stale)
		want.Stale = stale
		a, err := New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.inventory.Server(t.Context(), "WEB1")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("away %v: %v (-want +got)\n%s", stale, err, diff)
		}
		if (a.inventory.Fault() != nil) != stale {
			t.Errorf("away %v: the fault is %v", stale, a.inventory.Fault())
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHostsThatAnybodyMayName: an inventory that answers for any name lets no
// ticket reach a host by it, not even by what it answered before a restart.
func TestHostsThatAnybodyMayName(t *testing.T) {
	answer := `{"o": "tanaka"}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	defer s.Close()
	o := officeOptions(t)
	o.Config.Inventory = &config.Inventory{URL: s.URL + "/{host}", Keep: time.Minute, Map: map[string]string{"host": "$.h", "owners": "$.o"}}
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	resolve := func(host, want string) {
		t.Helper()
		got, err := a.resolve(t.Context(), host)
		var f *check.Failure
		if got != want || want == "" && (!errors.As(err, &f) || f.Reason != check.Refused || !strings.Contains(f.What, "inventory.map.host")) {
			t.Errorf("%s is %q, %v; want %q", host, got, err, want)
		}
	}
	resolve("metadata.internal", "")
	answer = `{"o": "tanaka", "h": "Web1"}`
	resolve("web1.example.jp", "Web1")
	if owner, err := a.inventory.Server(t.Context(), "metadata.internal"); err != nil || owner.Owner() != "tanaka" {
		t.Errorf("whose it is: %+v, %v", owner, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if a, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	resolve("metadata.internal", "")
	resolve("web1.example.jp", "Web1")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestInventoryOfACompany asks one whose certificate only the company knows.
func TestInventoryOfACompany(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"o": "tanaka"}`)) }))
	defer s.Close()
	c := &config.Inventory{URL: s.URL + "/{host}", Keep: time.Minute, Map: map[string]string{"owners": "$.o"}}
	for name, ca := range map[string][]byte{"only the system's": nil, "the company's": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})} {
		c.CA = ca
		v, err := OpenInventory(t.Context(), c, invhttp.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := v.Server(t.Context(), "web1")
		if known := ca != nil; (got.Owner() == "tanaka") != known || err != nil && !strings.Contains(err.Error(), "CA file") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}
