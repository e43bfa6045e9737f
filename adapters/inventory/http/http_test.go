package http_test

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
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
