package http_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"tebiki/adapters"
	"tebiki/adapters/inprocess"
	"tebiki/adapters/inventory"
	invhttp "tebiki/adapters/inventory/http"
	"tebiki/adapters/inventory/inventorytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open makes an inventory that is closed with the test.
func open(t *testing.T, o invhttp.Options) *invhttp.Inventory {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Keep == 0 {
		o.Keep = 10 * time.Minute
	}
	v, err := invhttp.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() }) // it never fails
	return v
}

func TestPlainConformance(t *testing.T) {
	inventorytest.Run(t, func(t *testing.T, servers []inventory.Server) inventory.Inventory {
		s := serve(t, plainAPI{servers})
		return open(t, invhttp.Options{URL: s.URL + "/api/servers/{host}", Header: map[string]string{"X-Token": "opensesame"}, Map: plainMap,
			List: &invhttp.List{URL: s.URL + "/api/servers", Items: "$[*]"}, Transport: s.Client().Transport})
	})
}

func TestNetBoxConformance(t *testing.T) {
	inventorytest.Run(t, func(t *testing.T, servers []inventory.Server) inventory.Inventory {
		s := serve(t, netBox{servers})
		return open(t, invhttp.Options{URL: s.URL + "/api/dcim/devices/?name__ie={host}", Items: "$.results[*]", Map: netBoxMap,
			Header:    map[string]string{"Authorization": "Token 0123456789abcdef"},
			List:      &invhttp.List{URL: s.URL + "/api/dcim/devices/?limit=2", Items: "$.results[*]", Next: "$.next"},
			Transport: s.Client().Transport})
	})
}

// An api is a handler whose requests are counted, for bubbles.
type api struct {
	asked atomic.Int32
	mu    sync.Mutex
	do    http.HandlerFunc
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked.Add(1)
	a.mu.Lock()
	do := a.do
	a.mu.Unlock()
	do(w, r)
}

func (a *api) set(do http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.do = do
}

func owner(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { write(w, 200, map[string]any{"owner": name}) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { write(w, code, map[string]any{"detail": "no"}) }
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// bubble runs a test of an inventory that asks h, without sockets. Its map
// has owners alone.
func bubble(t *testing.T, do http.HandlerFunc, change func(*invhttp.Options), test func(*testing.T, *invhttp.Inventory, *api)) {
	synctest.Test(t, func(t *testing.T) {
		a := &api{do: do}
		o := invhttp.Options{URL: "http://inv.example/servers/{host}", Map: map[string]string{"owners": "$.owner"}, Keep: 10 * time.Minute,
			Transport: inprocess.Transport{Handler: a}, Log: slog.New(slog.DiscardHandler)}
		if change != nil {
			change(&o)
		}
		v, err := invhttp.New(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		test(t, v, a)
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
}

func ask(t *testing.T, v *invhttp.Inventory, host, wantOwner string, stale bool) {
	t.Helper()
	s, err := v.Server(t.Context(), host)
	if err != nil || s.Owner() != wantOwner || s.Stale != stale {
		t.Errorf("%s: %+v, %v; want %q, stale %v", host, s, err, wantOwner, stale)
	}
}

func asked(t *testing.T, a *api, want int32) {
	t.Helper()
	if got := a.asked.Load(); got != want {
		t.Errorf("%d requests were sent, want %d", got, want)
	}
}

func TestAnswersAreKept(t *testing.T) {
	bubble(t, owner("sato"), nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
		for _, name := range []string{"web1", "WEB1", " web1. "} {
			ask(t, v, name, "sato", false)
		}
		asked(t, a, 1)
		a.set(owner("lee"))
		time.Sleep(9 * time.Minute) // in the bubble's time, as all below
		ask(t, v, "web1", "sato", false)
		time.Sleep(time.Minute)
		ask(t, v, "web1", "lee", false)
		asked(t, a, 2)
	})
}

func TestThatNoneIsThereIsKeptShorter(t *testing.T) {
	bubble(t, status(404), nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
		for range 3 {
			if s, err := v.Server(t.Context(), "web1"); err == nil || adapters.CodeOf(err) != adapters.NotFound || !strings.Contains(err.Error(), `"web1"`) {
				t.Errorf("%+v, %v", s, err)
			}
		}
		asked(t, a, 1)
		a.set(owner("sato"))
		time.Sleep(time.Minute)
		ask(t, v, "web1", "sato", false)
	})
}

func TestOneRequestForAllWhoAsk(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Second)
		owner("sato")(w, r)
	}
	bubble(t, slow, nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { ask(t, v, "web1", "sato", false) })
		}
		all.Wait()
		asked(t, a, 1)
	})
}

// TestAway has an inventory fail in every way once it has answered: what it
// said stays, marked, and nobody waits long.
func TestAway(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><title>Sign in</title>")
	}
	raw := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	later := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "120")
		status(429)(w, r)
	}
	for _, test := range []struct {
		name string
		do   http.HandlerFunc
		code adapters.Code
		says string
	}{
		{"hangs", hang, adapters.Unavailable, "has not answered within 2s"},
		{"fails", status(500), adapters.Unavailable, "status 500"},
		{"asks for a pause", later, adapters.Throttled, "fewer"},
		{"refuses the login", status(401), adapters.Denied, "correct the secret of its header"},
		{"forbids", status(403), adapters.Denied, "check the credentials"},
		{"a login's page", page, adapters.Unavailable, `a page "Sign in"`},
		{"a proxy's page of nothing", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(404)
			_, _ = io.WriteString(w, "<title>Not Found</title>")
		}, adapters.Unavailable, "not at its address"},
		{"no JSON", raw("owner: sato"), adapters.Unavailable, "is no JSON"},
		{"half of it", raw(`{"owner": "sa`), adapters.Unavailable, "is no JSON"},
		{"two of it", raw(`{} {}`), adapters.Unavailable, "more than one"},
		{"sent on", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://sso.example/", http.StatusFound)
		}, adapters.Unavailable, "sso.example"},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = c.Close() // the cut is the point
			}
		}, adapters.Unavailable, "does not answer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, owner("sato"), nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
				ask(t, v, "web1", "sato", false)
				a.set(test.do)
				time.Sleep(10 * time.Minute)
				began := time.Now()
				ask(t, v, "web1", "sato", true)
				_, err := v.Server(t.Context(), "web2")
				if adapters.CodeOf(err) != test.code || err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), `"web2"`) {
					t.Errorf("%v, want %v, %q", err, test.code, test.says)
				}
				if v.Fault() == nil || time.Since(began) > 2*time.Second {
					t.Errorf("it took %v; fault %v", time.Since(began), v.Fault())
				}
				a.set(owner("lee"))
				time.Sleep(5 * time.Minute)
				ask(t, v, "web1", "lee", false)
				ask(t, v, "web2", "lee", false)
				if v.Fault() != nil {
					t.Errorf("it answers again, and the fault is still %v", v.Fault())
				}
			})
		})
	}
}

// TestManyDoNotWait asks for two hundred hosts, one after the other, of an
// inventory that hangs.
func TestManyDoNotWait(t *testing.T) {
	bubble(t, hang, nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
		began := time.Now()
		for i := range 200 {
			if _, err := v.Server(t.Context(), fmt.Sprintf("web%d", i)); err == nil {
				t.Fatal("it answers")
			}
		}
		if spent := time.Since(began); spent != 2*time.Second {
			t.Errorf("they waited %v", spent)
		}
		asked(t, a, 1)
	})
}

func TestSlowAnswerComesLater(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(5 * time.Second)
		owner("sato")(w, r)
	}
	bubble(t, slow, nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
		impatient, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := v.Server(impatient, "web1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want that the caller's time is over", err)
		}
		time.Sleep(5 * time.Second)
		ask(t, v, "web1", "sato", false)
		asked(t, a, 1)
	})
}

// memory keeps as the bot's store does, and counts.
type memory struct {
	mu      sync.Mutex
	kept    map[string]inventory.Server
	changes int
	err     error
}

func (m *memory) Load(context.Context) (map[string]inventory.Server, error) { return m.kept, m.err }

func (m *memory) Keep(_ context.Context, name string, s *inventory.Server) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	if s == nil {
		delete(m.kept, name)
	} else {
		m.kept[name] = *s
	}
	return m.err
}

func TestRestart(t *testing.T) {
	m := &memory{kept: map[string]inventory.Server{"db1": {Host: "db1", Owners: []string{"lee"}}, "old1": {Host: "old1", Owners: []string{"lee"}}}}
	with := func(o *invhttp.Options) { o.Memory = m }
	bubble(t, owner("sato"), with, func(t *testing.T, v *invhttp.Inventory, a *api) {
		ask(t, v, "web1", "sato", false)
		time.Sleep(time.Hour)
		ask(t, v, "web1", "sato", false)
		if m.changes != 1 {
			t.Errorf("the same answer was written %d times", m.changes)
		}
		a.set(status(410))
		if _, err := v.Server(t.Context(), "old1"); adapters.CodeOf(err) != adapters.NotFound {
			t.Errorf("a server that is gone: %v", err)
		}
	})
	bubble(t, hang, with, func(t *testing.T, v *invhttp.Inventory, a *api) {
		ask(t, v, "web1", "sato", true)
		ask(t, v, "db1", "lee", true)
		if _, err := v.Server(t.Context(), "old1"); adapters.CodeOf(err) != adapters.Unavailable {
			t.Errorf("what was gone came back: %v", err)
		}
		all, err := v.Servers(t.Context())
		if err != nil || len(all) != 2 || all[0].Host != "db1" {
			t.Errorf("known so far: %+v, %v", all, err)
		}
	})
	if _, err := invhttp.New(t.Context(), invhttp.Options{URL: "http://inv.example/{host}", Memory: &memory{err: errors.New("broken")}}); err == nil {
		t.Error("a memory that cannot be read is passed over")
	}
}

// TestAskedFor looks at the addresses that hosts become.
func TestAskedFor(t *testing.T) {
	for _, test := range []struct{ url, host, want string }{
		{"http://inv.example/api/servers/{host}", "Web1.Example.JP", "/api/servers/web1.example.jp"},
		{"http://inv.example/api/servers/{host}/", "::FFFF:192.0.2.1", "/api/servers/192.0.2.1/"},
		{"http://inv.example/s/{host}?x=1", "[2001:DB8:0::1]", "/s/2001:db8::1?x=1"},
		{"http://inv.example/s/?name={host}&limit=2", "a&b=c d?#%", "/s/?name=a%26b%3Dc+d%3F%23%25&limit=2"},
		{"http://inv.example/s/{host}", "a b?c=d#e%2f", "/s/a%20b%3Fc=d%23e%252f"},
		{"http://inv.example/s/{host}", "監視 サーバ", "/s/%E7%9B%A3%E8%A6%96%20%E3%82%B5%E3%83%BC%E3%83%90"},
		{"http://inv.example/s/{host}", "../admin", ""},
		{"http://inv.example/s/{host}", `..\admin`, ""},
		{"http://inv.example/s/{host}", "..", ""},
		{"http://inv.example/s/{host}", "a\r\nX-Evil: 1", ""},
	} {
		var got string
		bubble(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.URL.RequestURI()
			owner("sato")(w, r)
		}, func(o *invhttp.Options) { o.URL = test.url }, func(t *testing.T, v *invhttp.Inventory, _ *api) {
			_, _ = v.Server(t.Context(), test.host) // what it asks for is looked at
		})
		if got != test.want {
			t.Errorf("%q is asked for as %q, want %q", test.host, got, test.want)
		}
	}
}

// TestWithoutAList: another domain's server is not this one.
func TestWithoutAList(t *testing.T) {
	do := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/servers/batch":
			write(w, 200, map[string]any{"name": "batch", "owner": "sato"})
		case "/servers/db1":
			write(w, 200, map[string]any{"name": "db1.example.com", "owner": "lee"})
		default:
			write(w, 404, map[string]any{})
		}
	}
	bubble(t, do, func(o *invhttp.Options) { o.Map["host"] = "$.name" }, func(t *testing.T, v *invhttp.Inventory, _ *api) {
		ask(t, v, "batch.example.jp", "sato", false)
		ask(t, v, "db1", "lee", false)
		if s, err := v.Server(t.Context(), "db1.example.net"); adapters.CodeOf(err) != adapters.NotFound {
			t.Errorf("another domain's: %+v, %v", s, err)
		}
		all, err := v.Servers(t.Context())
		var names []string
		for _, s := range all {
			names = append(names, s.Host)
		}
		if diff := cmp.Diff([]string{"batch", "db1.example.com"}, names); err != nil || diff != "" {
			t.Errorf("known so far (-want +got): %v\n%s", err, diff)
		}
	})
}

// TestListAway has the list end at every page, and lead elsewhere.
func TestListAway(t *testing.T) {
	bad := status(500)
	var broken atomic.Int32 // the page that fails; 0: none
	do := func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		switch {
		case fmt.Sprint(broken.Load()) == page:
			bad(w, r)
		case page == "1" || page == "2":
			next := map[string]string{"1": "/all?page=2", "2": "http://inv.example/all?page=3"}[page]
			write(w, 200, map[string]any{"next": next, "items": []any{map[string]any{"name": "web" + page}}})
		case page == "3":
			write(w, 200, map[string]any{"next": "", "items": []any{map[string]any{"id": 7}, map[string]any{"name": 3}}})
		default:
			status(404)(w, r)
		}
	}
	list := func(o *invhttp.Options) {
		o.Map["host"] = "$.name"
		o.List = &invhttp.List{URL: "http://inv.example/all?page=1", Items: "$.items[*]", Next: "$.next"}
	}
	for at := int32(1); at <= 3; at++ {
		broken.Store(at)
		bubble(t, do, list, func(t *testing.T, v *invhttp.Inventory, _ *api) {
			if all, err := v.Servers(t.Context()); adapters.CodeOf(err) != adapters.Unavailable || all != nil {
				t.Errorf("page %d fails: %v, %v", at, all, err)
			}
			broken.Store(0)
			time.Sleep(time.Minute)
			all, err := v.Servers(t.Context())
			if err != nil || len(all) != 3 || all[0].Host != "3" || all[2].Stale {
				t.Errorf("the whole list: %+v, %v", all, err)
			}
			broken.Store(at)
			time.Sleep(time.Hour)
			if all, err = v.Servers(t.Context()); err != nil || len(all) != 3 || !all[0].Stale {
				t.Errorf("the list of before: %+v, %v", all, err)
			}
		})
	}
	bad = func(w http.ResponseWriter, _ *http.Request) {
		write(w, 200, map[string]any{"next": "https://evil.example/all", "items": []any{}})
	}
	bubble(t, do, list, func(t *testing.T, v *invhttp.Inventory, _ *api) {
		if _, err := v.Servers(t.Context()); err == nil || !strings.Contains(err.Error(), "evil.example") {
			t.Errorf("a list that leads elsewhere: %v", err)
		}
	})
	bad = func(w http.ResponseWriter, _ *http.Request) { write(w, 200, map[string]any{"next": "?page=1"}) }
	broken.Store(1)
	bubble(t, do, list, func(t *testing.T, v *invhttp.Inventory, _ *api) {
		if _, err := v.Servers(t.Context()); err == nil || !strings.Contains(err.Error(), "more than 1000 pages") {
			t.Errorf("a list without an end: %v", err)
		}
	})
}

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
		want := inventory.Server{Host: "web1", Aliases: []string{"10.0.0.1", "www.example.jp", "2001:DB8::1"}, Env: "7"}
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

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]invhttp.Options{
		"no host":             {URL: "https://inv.example/servers"},
		"host as authority":   {URL: "https://{host}/servers/{host}"},
		"host as port":        {URL: "https://inv.example:{host}/{host}"},
		"a login in the URL":  {URL: "https://a:b@inv.example/{host}"},
		"no address":          {URL: "inv.example/{host}"},
		"a field there isn't": {URL: "https://inv.example/{host}", Map: map[string]string{"owner": "$.a"}},
		"no path":             {URL: "https://inv.example/{host}", Map: map[string]string{"owners": "owner.name"}},
		"no path of items":    {URL: "https://inv.example/{host}", Items: "$["},
		"no path in a list":   {URL: "https://inv.example/{host}", List: &invhttp.List{URL: "https://inv.example/", Items: "x"}},
	} {
		if _, err := invhttp.New(t.Context(), o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestKeptAnswersAreBounded(t *testing.T) {
	m := &memory{kept: map[string]inventory.Server{}}
	bubble(t, owner("sato"), func(o *invhttp.Options) { o.Memory = m }, func(t *testing.T, v *invhttp.Inventory, a *api) {
		const most = 20_000
		for i := range most + 100 {
			if _, err := v.Server(t.Context(), fmt.Sprintf("h%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if len(m.kept) != most {
			t.Errorf("%d answers are kept", len(m.kept))
		}
		all, err := v.Servers(t.Context())
		if err != nil || len(all) != most {
			t.Errorf("%d servers, %v", len(all), err)
		}
	})
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
