package slack_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A mishap is what happens to one message on its way.
type mishap string

const (
	cut    mishap = "cut"    // half of an answer comes, of a request nothing, and the connection ends
	delay  mishap = "delay"  // an answer comes when nobody waits for it any more
	repeat mishap = "repeat" // it comes twice
	garble mishap = "garble" // every third byte is another
)

var mishaps = []mishap{cut, delay, repeat, garble}

// A proxy stands between the bot and Slack, for requests and websockets.
type proxy struct {
	*httptest.Server
	t      *testing.T
	target string // the address behind it
	late   time.Duration

	mu     sync.Mutex
	faults []planned
	met    int
	relays sync.WaitGroup
}

// planned is a mishap to come: to the next request to the last part of a
// path, or its answer; by a websocket to the next envelope or receipt.
type planned struct {
	name   string
	answer bool
	what   mishap
}

const envelopes = "socket" // the name of what comes by the websocket

// newProxy gives a proxy whose delays by the websocket take late.
func newProxy(t *testing.T, target string, late time.Duration) *proxy {
	p := &proxy{t: t, target: strings.TrimRight(target, "/"), late: late}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
		p.relays.Wait()
	})
	return p
}

func (p *proxy) plan(f planned) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, f)
}

func (p *proxy) meets(name string, answer bool) mishap {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.faults, func(f planned) bool { return f.name == name && f.answer == answer })
	if i < 0 {
		return ""
	}
	what := p.faults[i].what
	p.faults = slices.Delete(p.faults, i, i+1)
	p.met++
	return what
}

// happened tells whether all that was planned did.
func (p *proxy) happened() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met > 0 && len(p.faults) == 0
}

func (p *proxy) serve(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	if name == envelopes {
		p.relays.Add(1)
		defer p.relays.Done()
		p.relay(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	times := 1
	switch p.meets(name, false) {
	case cut:
		p.finish(w, nil)
		return
	case delay:
		p.wait(20 * time.Millisecond)
	case repeat:
		times = 2
	case garble:
		body = garbled(body)
	}
	var raw []byte
	for range times {
		raw = p.forward(r, body)
	}
	p.answer(w, r, raw, p.meets(name, true))
}

func (p *proxy) answer(w http.ResponseWriter, r *http.Request, raw []byte, what mishap) {
	switch what {
	case cut:
		raw = raw[:len(raw)/2]
	case delay:
		<-r.Context().Done()
	case repeat:
		raw = append(raw, raw...)
	case garble:
		raw = garbled(raw)
	}
	p.finish(w, raw)
}

// forward gives the answer as it came over the wire.
func (p *proxy) forward(r *http.Request, body []byte) []byte {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, p.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return nil
	}
	out.Header, out.Host = r.Header.Clone(), r.Host
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(out)
	if err != nil {
		return nil // the caller gave up, or what is behind has ended
	}
	defer answer.Body.Close()
	answer.Close = true
	raw, err := httputil.DumpResponse(answer, true)
	if err != nil {
		return nil
	}
	return raw
}

// finish writes bytes and ends the connection.
func (p *proxy) finish(w http.ResponseWriter, raw []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.t.Error(err)
		return
	}
	defer conn.Close()
	_, _ = conn.Write(raw) // who asked may have gone
}

func (p *proxy) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.t.Context().Done():
	}
}

func garbled(b []byte) []byte {
	b = slices.Clone(b)
	for i := 0; i < len(b); i += 3 {
		b[i] ^= 0x15
	}
	return b
}

// relay carries what comes by the websocket both ways, until one side ends.
func (p *proxy) relay(w http.ResponseWriter, r *http.Request) {
	slack, _, err := websocket.DefaultDialer.DialContext(r.Context(), "ws"+strings.TrimPrefix(p.target, "http")+r.URL.RequestURI(), nil)
	if err != nil {
		return
	}
	defer slack.Close()
	bot, err := (&websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer bot.Close()
	slack.SetPingHandler(func(data string) error {
		return bot.WriteControl(websocket.PingMessage, []byte(data), time.Now().Add(time.Second))
	})
	var both sync.WaitGroup
	both.Go(func() { p.carry(slack, bot, false) })
	both.Go(func() { p.carry(bot, slack, true) })
	both.Wait()
}

func (p *proxy) carry(from, to *websocket.Conn, receipts bool) {
	defer from.Close()
	defer to.Close()
	for {
		kind, text, err := from.ReadMessage()
		if err != nil {
			return
		}
		what := mishap("")
		if bytes.Contains(text, []byte(`"envelope_id"`)) {
			what = p.meets(envelopes, receipts)
		}
		times := 1
		switch what {
		case cut:
			return
		case delay:
			p.wait(p.late)
		case repeat:
			times = 2
		case garble:
			text = garbled(text)
		}
		for range times {
			if to.WriteMessage(kind, text) != nil {
				return
			}
		}
	}
}
