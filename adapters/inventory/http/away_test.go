package http_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/adapters"
	invhttp "tebiki/adapters/inventory/http"
)

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

// TestPageOfNothing: an API that says with a page for people that it does not
// know one host can be asked for others.
func TestPageOfNothing(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<title>404 Not Found</title>")
	}
	bubble(t, page, nil, func(t *testing.T, v *invhttp.Inventory, a *api) {
		if _, err := v.Server(t.Context(), "web1"); adapters.CodeOf(err) != adapters.Unavailable || v.Fault() == nil {
			t.Errorf("nothing but pages: %v, fault %v", err, v.Fault())
		}
		a.set(owner("sato"))
		time.Sleep(time.Minute)
		ask(t, v, "web1", "sato", false)
		time.Sleep(time.Hour)
		a.set(page)
		ask(t, v, "web1", "sato", true)
		if _, err := v.Server(t.Context(), "web2"); adapters.CodeOf(err) != adapters.Unavailable {
			t.Errorf("a page is taken for an answer: %v", err)
		}
		a.set(owner("lee"))
		ask(t, v, "web3", "lee", false)
		if v.Fault() != nil {
			t.Errorf("the fault is %v", v.Fault())
		}
	})
}

// TestHalfOpen asks something that takes connections and says nothing, or
// half an answer.
func TestHalfOpen(t *testing.T) {
	for name, says := range map[string]string{"nothing": "", "half a header": "HTTP/1.1 200 OK\r\nContent-", "half an answer": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"} {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go func() {
				for {
					c, err := ln.Accept()
					if err != nil {
						return
					}
					defer c.Close()
					_, _ = c.Read(make([]byte, 1)) // who asks may be gone
					_, _ = io.WriteString(c, says)
				}
			}()
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			v := open(t, invhttp.Options{URL: "http://" + ln.Addr().String() + "/{host}", Map: map[string]string{"owners": "$.owner"}, Transport: transport, Wait: 50 * time.Millisecond})
			began := time.Now()
			if _, err := v.Server(t.Context(), "web1"); adapters.CodeOf(err) != adapters.Unavailable || !strings.Contains(err.Error(), "within 50ms") {
				t.Errorf("%v", err)
			}
			if err := v.Close(); err != nil || time.Since(began) > 5*time.Second {
				t.Errorf("it took %v to ask and to close: %v", time.Since(began), err)
			}
			if _, err := v.Server(t.Context(), "web2"); err == nil {
				t.Error("it answers when it is closed")
			}
		})
	}
}
