package http_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tebiki/adapters"
	"tebiki/adapters/inprocess"
	"tebiki/adapters/inventory"
	invhttp "tebiki/adapters/inventory/http"
)

func TestLookTellsWhatCannotBeUsed(t *testing.T) {
	long := strings.Repeat("漢", 2000)
	do := func(w http.ResponseWriter, _ *http.Request) {
		write(w, 200, map[string]any{
			"host": "a/../b", "aliases": []any{"10.0.0.1/24", "www.example.jp 2001:DB8::1", "x#y", nil}, "owner": map[string]any{"id": 1, "login": "sato"},
			"group": []any{"a", "b"}, "team": true, "service": "a\nb", "env": 7, "note": " a\x00b\n" + long,
		})
	}
	bubble(t, do, func(o *invhttp.Options) {
		o.Map = map[string]string{}
		for _, f := range []string{"host", "aliases", "group", "team", "service", "env", "note"} {
			o.Map[f] = "$." + f
		}
		o.Map["owners"] = "$.owner"
	}, func(t *testing.T, v *invhttp.Inventory, _ *api) {
		s, problems, err := v.Look(t.Context(), "web1")
		if len(s.Note) > 1024 || !strings.HasPrefix(s.Note, "ab\n漢") || !strings.HasSuffix(s.Note, "漢…") {
			t.Errorf("a note of %d bytes: %.20q", len(s.Note), s.Note)
		}
		s.Note = ""
		want := inventory.Server{Host: "web1", Aliases: []string{"10.0.0.1", "www.example.jp", "2001:DB8::1"}, Env: "7", Assumed: true}
		if diff := cmp.Diff(want, s, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("(-want +got) %v\n%s", err, diff)
		}
		for _, says := range []string{"map.host:", "map.aliases:", "name one of its members (id, login)", "map.group: $[\"group\"] gives several", "map.team:", "map.service:"} {
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, says) }) {
				t.Errorf("nothing says %q:\n%s", says, strings.Join(problems, "\n"))
			}
		}
		if len(problems) != 6 {
			t.Errorf("%d problems:\n%s", len(problems), strings.Join(problems, "\n"))
		}
	})
}

// TestAssumed: an answer names its server by its own name, or by an alias that
// is what was asked for; whatever else answers for any name does not.
func TestAssumed(t *testing.T) {
	for _, test := range []struct {
		name, answer, host string
		assumed            bool
	}{
		{"own name", `{"name": "web1", "owner": "sato"}`, "web1", false},
		{"another's own name", `{"name": "db1", "owner": "sato"}`, "db1", false},
		{"alias", `{"names": ["WEB1.", "www"], "owner": "sato"}`, "web1", false},
		{"other aliases", `{"names": ["web2"], "owner": "sato"}`, "web1", true},
		{"no name", `{"owner": "sato"}`, "web1", true},
		{"an empty name", `{"name": " ", "owner": "sato"}`, "web1", true},
		{"what is no name", `{"name": "../web1", "owner": "sato"}`, "web1", true},
		{"a name in an object", `{"name": {"id": 1}, "owner": "sato"}`, "web1", true},
	} {
		do := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, test.answer) }
		mapped := func(o *invhttp.Options) { o.Map["host"], o.Map["aliases"] = "$.name", "$.names" }
		bubble(t, do, mapped, func(t *testing.T, v *invhttp.Inventory, _ *api) {
			s, err := v.Server(t.Context(), "Web1")
			if err != nil || s.Host != test.host || s.Assumed != test.assumed {
				t.Errorf("%s: %+v, %v", test.name, s, err)
			}
		})
	}
}

func TestAnswersOfOtherShapes(t *testing.T) {
	for _, test := range []struct {
		body, items string
		code        adapters.Code
		says        string
	}{
		{`[]`, "", adapters.Refused, "items: $[*]"},
		{`null`, "", adapters.NotFound, "nothing that the map names"},
		{`{"error": "none"}`, "", adapters.NotFound, "nothing that the map names"},
		{`{"results": []}`, "$.results[*]", adapters.NotFound, "no server in the answer"},
		{`{"results": [{"name": "web10", "owner": "sato"}]}`, "$.results[*]", adapters.NotFound, `"web10"`},
		{`{"results": [{"name": "web1.a"}, {"name": "web1.b"}]}`, "$.results[*]", adapters.NotFound, "give the whole name"},
	} {
		do := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, test.body) }
		bubble(t, do, func(o *invhttp.Options) { o.Items, o.Map["host"] = test.items, "$.name" }, func(t *testing.T, v *invhttp.Inventory, _ *api) {
			if _, err := v.Server(t.Context(), "web1"); adapters.CodeOf(err) != test.code || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %v, want %v, %q", test.body, err, test.code, test.says)
			}
		})
	}
}

// TestAddressesOfNetBox: one path finds both, whichever there are.
func TestAddressesOfNetBox(t *testing.T) {
	do := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"count": 1, "results": [{"name": "web1", "primary_ip4": {"id": 5, "address": "192.0.2.10/24"}, "primary_ip6": null, "tags": [{"slug": "a"}]}]}`)
	}
	bubble(t, do, func(o *invhttp.Options) {
		o.Items, o.Map = "$.results[*]", map[string]string{"host": "$.name", "aliases": "$['primary_ip4','primary_ip6'].address"}
	}, func(t *testing.T, v *invhttp.Inventory, _ *api) {
		s, problems, err := v.Look(t.Context(), "web1")
		if err != nil || len(problems) > 0 || len(s.Aliases) != 1 || s.Aliases[0] != "192.0.2.10" {
			t.Errorf("%+v, %q, %v", s, problems, err)
		}
	})
}

// FuzzAnswer: whatever comes, a server that is made of it can be used by all
// who make lines, addresses and keys of it.
func FuzzAnswer(f *testing.F) {
	f.Add(`{"host": "web1", "aliases": ["a", "10.0.0.1/8", null, {}], "owners": "a, b;c", "note": "x"}`)
	f.Add(`{"host": ["a", "b"], "aliases": [[1]], "owners": [{"a": 1}], "group": 1e999, "env": true}`)
	f.Add(`[{"host": "\u0000"}]`)
	f.Add(`{"host": "..", "team": "\u202e\ud800", "service": " "}`)
	m := map[string]string{}
	for _, field := range []string{"host", "aliases", "owners", "group", "team", "service", "env", "note"} {
		m[field] = "$." + field
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		v := open(t, invhttp.Options{URL: "http://inv.example/{host}", Map: m, Transport: inprocess.Transport{Handler: h}})
		s, err := v.Server(t.Context(), "web1")
		if err != nil {
			return
		}
		if s.Host == "" || len(s.Aliases) > 64 || len(s.Owners) > 16 || len(s.Note) > 1024 || len(s.Owners) > 0 && s.Group != "" {
			t.Errorf("%+v", s)
		}
		for _, word := range slices.Concat([]string{s.Host, s.Group, s.Team, s.Service, s.Env}, s.Aliases, s.Owners) {
			if strings.ContainsFunc(word, unicode.IsControl) || !utf8.ValidString(word) || len(word) > 256 {
				t.Errorf("the word %q of %+v", word, s)
			}
		}
		if strings.ContainsAny(s.Host+strings.Join(s.Aliases, ""), `/\@?#%`) || !utf8.ValidString(s.Note) {
			t.Errorf("%+v", s)
		}
	})
}
