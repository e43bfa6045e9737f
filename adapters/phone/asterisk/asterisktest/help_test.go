package asterisktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A client is one of Asterisk's: requests, and a websocket that is read.
type client struct {
	t    *testing.T
	a    *Asterisk
	conn *websocket.Conn

	mu     sync.Mutex
	events []obj
	err    error // that ended the websocket
	more   chan struct{}
}

// connect opens a websocket for the application tebiki.
func connect(t *testing.T, a *Asterisk, parameters ...string) *client {
	t.Helper()
	query := url.Values{"app": {"tebiki"}, "api_key": {User + ":" + Password}}
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	conn, _, err := a.Dialer().DialContext(t.Context(), a.WebsocketURL()+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatalf("opening a websocket: %v", err)
	}
	c := &client{t: t, a: a, conn: conn, more: make(chan struct{})}
	done := make(chan struct{})
	go func() { defer close(done); c.read() }()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return c
}

func (c *client) read() {
	for {
		_, text, err := c.conn.ReadMessage()
		var ev obj
		if err == nil {
			_ = json.Unmarshal(text, &ev) // garbage is nil
		}
		c.mu.Lock()
		if c.err = err; err == nil {
			c.events = append(c.events, ev)
		}
		close(c.more)
		c.more = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// heard are the events so far.
func (c *client) heard() []obj {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

// await waits until an event of a type has come so often.
func (c *client) await(kind string, times int) obj {
	c.t.Helper()
	patience := 10 * time.Second
	if c.a.power.offline { // of the bubble
		patience = time.Hour
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		c.mu.Lock()
		more, err := c.more, c.err
		n := 0
		for _, ev := range c.events {
			if ev["type"] == kind {
				if n++; n == times {
					c.mu.Unlock()
					return ev
				}
			}
		}
		c.mu.Unlock()
		if err != nil {
			c.t.Fatalf("awaiting %s: %v", kind, err)
		}
		select {
		case <-more:
		case <-timer.C:
			c.t.Fatalf("%s did not come %d times", kind, times)
		}
	}
}

func (c *client) count(kind string) (n int) {
	for _, ev := range c.heard() {
		if ev["type"] == kind {
			n++
		}
	}
	return n
}

// send makes a request; a body is sent as JSON.
func send(a *Asterisk, user, method, path string, body any) (status int, answer []byte, err error) {
	var text io.Reader
	if body != nil {
		raw, ok := body.(json.RawMessage)
		if !ok {
			raw, _ = json.Marshal(body)
		}
		text = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, a.URL()+path, text)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	name, password, _ := bytes.Cut([]byte(user), []byte(":"))
	r.SetBasicAuth(string(name), string(password))
	resp, err := a.HTTPClient().Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

const master = User + ":" + Password

// want makes a request and holds its status against what is wanted.
func want(t *testing.T, a *Asterisk, status int, method, path string, body any) obj {
	t.Helper()
	got, answer, err := send(a, master, method, path, body)
	if err != nil || got != status {
		t.Fatalf("%s %s: %d %s %v, want %d", method, path, got, answer, err, status)
	}
	var o obj
	_ = json.Unmarshal(answer, &o) // a list or nothing is nil
	return o
}

func originate(to, id string) obj {
	return obj{"endpoint": to, "app": "tebiki", "appArgs": "page,x", "channelId": id, "timeout": 30}
}
