package remote

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/inprocess"
)

// client calls a handler without a connection.
func client(h http.HandlerFunc, change func(*Options)) *Client {
	o := Options{Name: "Jira", Secret: "hunter2", Transport: inprocess.Transport{Handler: h}, Explain: func(body []byte) ([]string, map[string]string) {
		return []string{string(body)}, map[string]string{"component": "unknown"}
	}, Login: func(r *http.Response) string {
		if r.Header.Get("X-Login") == "" {
			return ""
		}
		return "the token is not taken: write a new one into the configuration"
	}}
	if change != nil {
		change(&o)
	}
	return New(o)
}

func get(t *testing.T, c *Client) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://jira.example.jp/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), nil
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header http.Header
		body   string
		code   adapters.Code
		sent   bool
		says   string
	}{
		{"refused", 400, nil, `{"errors":1}`, adapters.Refused, false, `{"errors":1}: component: unknown`},
		{"not permitted", 403, nil, "no", adapters.Denied, false, "check the credentials"},
		{"not there", 404, nil, "", adapters.NotFound, false, "does not have it"},
		{"gone", 410, nil, "", adapters.NotFound, false, ""},
		{"in conflict", 409, nil, "", adapters.Unavailable, false, ""},
		{"too large", 413, nil, "", adapters.Refused, false, "that much"},
		{"too often", 429, http.Header{"Retry-After": {"7"}}, "", adapters.Throttled, false, "fewer"},
		{"fails", 500, nil, "", adapters.Unavailable, true, "status 500"},
		{"wants a pause", 503, http.Header{"Retry-After": {"7"}}, "", adapters.Throttled, true, ""},
		{"a proxy's page", 502, http.Header{"Content-Type": {"text/html"}}, "<html><title> Bad\n gateway</title>" + strings.Repeat("x", 1<<20), adapters.Unavailable, true, `a page "Bad gateway"`},
		{"a proxy's page of nothing", 404, http.Header{"Content-Type": {"text/html"}}, "<title>Not Found</title>", adapters.Unavailable, true, `a page "Not Found"`},
		{"sent on", 302, http.Header{"Location": {"https://login.example.jp"}}, "", adapters.Unavailable, false, "https://login.example.jp"},
		{"a login's page", 200, http.Header{"Content-Type": {"text/html;charset=utf-8"}}, "<title>Login</title>", adapters.Unavailable, true, `a page "Login"`},
		{"a page that is called JSON", 200, http.Header{"Content-Type": {"application/json"}}, "\n<!DOCTYPE html><title>a &amp; b</title>", adapters.Unavailable, true, `a page "a & b"`},
		{"a refused login", 401, http.Header{"X-Login": {"no"}}, "", adapters.Denied, false, "write a new one"},
		{"a proxy's page of refusal", 400, http.Header{"Content-Type": {"text/html"}}, "<title>Bad Request</title>", adapters.Unavailable, true, `a page "Bad Request"`},
		{"a proxy that takes no more", 413, http.Header{"Content-Type": {"text/html"}}, "<title>Too large</title>", adapters.Refused, false, "that much"},
		{"a method that it does not have", 405, nil, `{"errors":1}`, adapters.Unavailable, true, "does not let the request through"},
		{"a law", 451, nil, "", adapters.Unavailable, true, "status 451"},
		{"the token itself", 403, nil, "no hunter2!", adapters.Denied, false, "no …!"},
		{"binary words", 400, nil, "\xff\x00" + strings.Repeat("漢", 10000), adapters.Refused, false, "\uFFFD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := client(func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range test.header {
					w.Header()[k] = v
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}, nil)
			_, err := get(t, c)
			f := Of(err)
			if f == nil || f.Code != test.code || f.Sent != test.sent || f.Status != test.status || !strings.Contains(err.Error(), test.says) || len(err.Error()) > 1000 {
				t.Errorf("%d bytes: %.300v; code %v, sent %v", len(err.Error()), err, f.Code, f.Sent)
			}
			if f.Login() != (test.status == 401) || f.Words() != f.Error() {
				t.Errorf("login %v, words %q", f.Login(), f.Words())
			}
			named := Named("make a ticket", err)
			if adapters.CodeOf(named) != test.code || Undone(named) == test.sent || !Is(named, test.status) {
				t.Errorf("named: %v", named)
			}
			if test.header.Get("Retry-After") != "" && f.After != 7*time.Second {
				t.Errorf("after %v", f.After)
			}
		})
	}
}

func TestAnswerIsWhole(t *testing.T) {
	body := `{"a":"` + strings.Repeat("漢", 100_000) + `"}`
	c := client(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }, nil)
	if got, err := get(t, c); got != body || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestRefusedLoginIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse, calls := true, 0
		c := client(func(w http.ResponseWriter, _ *http.Request) {
			if calls++; refuse {
				w.Header().Set("X-Login", "no")
				w.WriteHeader(http.StatusForbidden)
			}
		}, nil)
		for range 24 * 60 { // a day in the bubble's time
			if _, err := get(t, c); adapters.CodeOf(Named("", err)) != adapters.Denied {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if calls > 30 {
			t.Errorf("a refused login was tried %d times in a day", calls)
		}
		refuse = false
		time.Sleep(lastProbe)
		for range 3 {
			if _, err := get(t, c); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestPauseIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := client(func(w http.ResponseWriter, _ *http.Request) {
			if calls++; calls == 1 {
				w.Header().Set("Retry-After", "30")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, nil)
		_, _ = get(t, c)
		_, err := get(t, c)
		if f := Of(err); f == nil || f.Code != adapters.Throttled || f.After != 30*time.Second || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
		time.Sleep(25 * time.Second) // in the bubble's time
		began := time.Now()
		if _, err := get(t, c); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v: what is left of the pause is short enough to wait", err, time.Since(began))
		}
	})
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, nil)
		began := time.Now()
		_, err := get(t, c)
		if f := Of(err); f == nil || !f.Sent || f.Code != adapters.Unavailable || time.Since(began) != defaultTimeout || !strings.Contains(err.Error(), "in time") {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		c := client(func(http.ResponseWriter, *http.Request) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second) // in the bubble's time
			now.Add(-1)
		}, func(o *Options) { o.AtOnce = 3 })
		done := make(chan error)
		for range 12 {
			go func() {
				_, err := get(t, c)
				done <- err
			}()
		}
		for range 12 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most.Load() != 3 {
			t.Errorf("%d were under way at once", most.Load())
		}
	})
}

func TestCertificates(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer s.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	for name, test := range map[string]struct {
		ca    []byte
		taken bool
	}{"the company's": {ca, true}, "only the system's": {nil, false}} {
		transport, err := Transport(test.ca)
		if err != nil {
			t.Fatal(err)
		}
		c := New(Options{Name: "Jira", Transport: transport})
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, nil)
		_, err = c.Do(r)
		if (err == nil) != test.taken || err != nil && (!Undone(err) || !strings.Contains(err.Error(), "CA file")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Transport([]byte("x")); err == nil {
		t.Error("what is no certificate is taken")
	}
}

func TestNobodyThere(t *testing.T) {
	transport, _ := Transport(nil)
	c := New(Options{Name: "Jira", Transport: transport})
	s := httptest.NewServer(nil)
	s.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, nil)
	if _, err := c.Do(r); !Undone(err) || !strings.Contains(err.Error(), "cannot be reached") {
		t.Error(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := c.Do(r.WithContext(ended)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPause(t *testing.T) {
	now := time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "0.5": 500 * time.Millisecond, "-1": 0, "NaN": 0, "1e99": time.Hour, "x": 0,
		"Wed, 25 Nov 2026 05:01:00 GMT": time.Minute, "Wed, 25 Nov 2020 05:01:00 GMT": 0,
	} {
		if got := pause(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", value, got, want)
		}
	}
	if got := pause(http.Header{"X-Ratelimit-Reset": {"2026-11-25T05:00:30Z"}}, now); got != 30*time.Second {
		t.Errorf("X-RateLimit-Reset: %v", got)
	}
}
