package slacktest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// A hook is a bot in HTTP mode that keeps what it is sent.
type hook struct {
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	came   chan int
	answer func(w http.ResponseWriter, n int, body string)
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if strings.Contains(string(body), "url_verification") {
		_, _ = w.Write([]byte(`{"challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}`))
		return
	}
	h.mu.Lock()
	h.bodies, h.heads = append(h.bodies, string(body)), append(h.heads, r.Header.Clone())
	n := len(h.bodies)
	h.mu.Unlock()
	if h.answer != nil {
		h.answer(w, n, string(body))
	}
	h.came <- n
}

func serveHook(t *testing.T, ws *Workspace, answer func(http.ResponseWriter, int, string)) *hook {
	t.Helper()
	h := &hook{came: make(chan int, 100), answer: answer}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	if err := ws.Deliver(server.URL); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHTTPMode(t *testing.T) {
	ws := team(t)
	h := serveHook(t, ws, func(w http.ResponseWriter, n int, _ string) {
		if n == 2 {
			_, _ = w.Write([]byte(`{"response_type":"in_channel","text":"Tanaka is on call"}`))
		}
	})
	tanaka := ws.Person("UTANAKA")
	if r := tanaka.Mention("CINFRA", "hello"); !r.Acked {
		t.Errorf("event: %+v", r)
	}
	if r := tanaka.Command("/oncall", "infra", "CINFRA"); !r.Acked {
		t.Errorf("command: %+v", r)
	}
	_, ts, err := ws.client().PostMessage("CINFRA", text("a"), incident("Ack"))
	if err != nil {
		t.Fatal(err)
	}
	if r := tanaka.Press("CINFRA", ts, "ack"); !r.Acked {
		t.Errorf("press: %+v", r)
	}
	if seen := ws.Person("USATO").See("CINFRA"); len(seen) != 3 || seen[1].Text != "Tanaka is on call" {
		t.Errorf("sees %+v", seen)
	}
	for i, body := range h.bodies {
		v, err := slack.NewSecretsVerifier(h.heads[i], SigningSecret)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = v.Write([]byte(body))
		if err := v.Ensure(); err != nil {
			t.Errorf("signature of %.60s: %v", body, err)
		}
	}
	values, _ := url.ParseQuery(h.bodies[1])
	if values.Get("command") != "/oncall" || values.Get("text") != "infra" {
		t.Errorf("command %v", values)
	}
	if values, _ := url.ParseQuery(h.bodies[2]); !strings.Contains(values.Get("payload"), `"block_actions"`) {
		t.Errorf("press %v", values)
	}
}

func TestHTTPRetries(t *testing.T) {
	ws := team(t, WithTimings(Timings{Retries: []time.Duration{0, time.Millisecond, time.Millisecond}}))
	h := serveHook(t, ws, func(w http.ResponseWriter, n int, _ string) {
		if n == 3 {
			w.Header().Set("X-Slack-No-Retry", "1")
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	if r := ws.Person("UTANAKA").DM("hello"); r.Acked || r.Err != "http_error" {
		t.Errorf("%+v", r)
	}
	for range 3 {
		<-h.came
	}
	if n := h.heads[2].Get("X-Slack-Retry-Num"); n != "2" || h.heads[2].Get("X-Slack-Retry-Reason") != "http_error" || h.heads[0].Get("X-Slack-Retry-Num") != "" {
		t.Errorf("the third says %q, %v", n, h.heads[2])
	}
	if h.bodies[0] != h.bodies[2] {
		t.Error("the event changed in between")
	}
	ws.tasks.Wait() // X-Slack-No-Retry ended it
	if len(h.bodies) != 3 {
		t.Errorf("came %d times, want 3", len(h.bodies))
	}
}

func TestDeliverWantsTheChallenge(t *testing.T) {
	ws := team(t)
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if err := ws.Deliver(server.URL); err == nil {
		t.Error("an address without the challenge is taken")
	}
	if err := ws.Deliver("http://127.0.0.1:1"); err == nil {
		t.Error("an address where nobody is is taken")
	}
}
