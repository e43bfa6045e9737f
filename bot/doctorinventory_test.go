package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/bot/sample"
)

func TestDoctorInventoryOfAFile(t *testing.T) {
	file := filepath.Join(ours(t), sample.Config)
	table := filepath.Join(t.TempDir(), "servers.csv")
	if err := os.WriteFile(table, []byte("host;owners;team\r\nweb1.example.jp;tanaka;infra-jp\r\nweb2;nobody1;\r\nweb3;nobody1;gone\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	commandIn(t.Context(), nil, "doctor", "inventory", "--config", file).expect(t, 0, "no faults: 40 servers", "")
	replace(t, file, "inventory: {file: inventory.yaml}", fmt.Sprintf("inventory: {file: %q}", table))
	commandIn(t.Context(), nil, "check", file).expect(t, 0, "no faults", "")
	commandIn(t.Context(), nil, "doctor", "inventory", "--config", file, "WEB1").expect(t, 0, "WEB1: web1.example.jp; owners tanaka; team infra-jp\n", "")
	commandIn(t.Context(), nil, "doctor", "inventory", "--config", file).expect(t, 1, `the owner "nobody1": is not in the configuration; of web2, web3`, "faults: 2")
	commandIn(t.Context(), nil, "doctor", "inventory", "--config", file, "web9").expect(t, 1, "enter the host into the inventory", "faults: 1")
	if err := os.WriteFile(table, []byte("hots\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	commandIn(t.Context(), nil, "doctor", "inventory", "--config", file).expect(t, 1, "", "servers.csv:1: the first line does not name the columns")
	commandIn(t.Context(), nil, "check", file).expect(t, 1, table+":1: ", "faults: 1")
}

// An API that knows everything knows nothing.
func TestDoctorInventoryThatAlwaysAnswers(t *testing.T) {
	asked := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".invalid") {
			asked = strings.TrimPrefix(r.URL.Path, "/")
		}
		fmt.Fprint(w, `{"owner": "tanaka"}`)
	}))
	defer s.Close()
	file := filepath.Join(ours(t), sample.Config)
	replace(t, file, "inventory: {file: inventory.yaml}", "inventory: {url: '"+s.URL+"/{host}', map: {owners: $.owner}}")
	got := commandIn(t.Context(), nil, "doctor", "inventory", "--config", file, "web1")
	got.expect(t, 1, "a host that is not there: it answers for "+asked+", which there is not: "+asked+"; owners tanaka", "faults: 1")
	got.expect(t, 1, "to do: let the API say 404 for it, and inventory.map.host", "faults: 1")
	if len(asked) < 20 {
		t.Errorf("it asked for %q", asked)
	}
}

func TestDoctorInventoryOverHTTP(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Token") != "opensesame":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/servers/web1":
			fmt.Fprint(w, `{"name": "web1", "owner": {"login": "tanaka"}, "team": {"id": 3, "key": "infra-jp"}, "memo": "a\u001b[31m\nb"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer s.Close()
	file := filepath.Join(ours(t), sample.Config)
	replace(t, file, "inventory: {file: inventory.yaml}", "inventory:\n  url: "+s.URL+"/servers/{host}\n  header: {X-Token: {env: INV}}\n  map: {host: $.name, owners: $.owner.login, team: $.team, note: $.memo}")
	env := map[string]string{"INV": "opensesame"}
	got := commandIn(t.Context(), env, "doctor", "inventory", "--config", file, "web1", "web2")
	for _, want := range []string{"web1: web1; owners tanaka; note a[31m b\n", "web1: map.team: $[\"team\"] gives an object, not text: name one of its members (id, key)",
		`web2: ask the inventory for "web2"`, "to do: enter the host into the inventory"} {
		if got.code != 1 || !strings.Contains(got.out, want) {
			t.Errorf("exit status %d, and %q is not in\n%s%s", got.code, want, got.out, got.errs)
		}
	}
	commandIn(t.Context(), env, "doctor", "inventory", "--config", file).expect(t, 1, "", "no servers are listed")
	env["INV"] = "wrong"
	commandIn(t.Context(), env, "doctor", "inventory", "--config", file, "web1").expect(t, 1, "correct the secret", "faults: 1")
}
