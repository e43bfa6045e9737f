package slacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	mostSockets = 10
	mostAck     = 20 << 10 // bytes from which Slack drops an answer without a word
)

// sockets are the websockets of Socket Mode that are open. Its lock is never
// held while the workspace's is taken.
type sockets struct {
	mu      sync.Mutex
	open    []*socket
	turn    int
	tickets map[string]bool // of apps.connections.open, each for one connection
}

// A socket is one connection of the bot.
type socket struct {
	conn    *websocket.Conn
	write   sync.Mutex
	gone    chan struct{}
	frozen  atomic.Bool
	mu      sync.Mutex
	waiting map[string]chan json.RawMessage // by envelope
}

// connectionsOpen gives an address under the name that the call came to, so
// that a proxy in between stays in between.
func (ws *Workspace) connectionsOpen(c *call) (obj, error) {
	ticket := ws.id("ticket-")
	ws.sockets.mu.Lock()
	defer ws.sockets.mu.Unlock()
	ws.sockets.tickets[ticket] = true
	return obj{"url": "ws://" + c.host + "/socket?" + url.Values{"ticket": {ticket}, "app_id": {AppID}}.Encode()}, nil
}

// serveSocket is a connection from its handshake to its end.
func (ws *Workspace) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !ws.sockets.admit(r.URL.Query().Get("ticket")) {
		http.Error(w, "this ticket is unknown or used", http.StatusNotFound)
		return
	}
	upgrade := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrade.Upgrade(w, r, nil)
	if err != nil { // Upgrade has answered
		return
	}
	s := &socket{conn: conn, gone: make(chan struct{}), waiting: map[string]chan json.RawMessage{}}
	if !ws.start(func() { ws.serve(s) }) {
		s.cut()
	}
}

func (ss *sockets) admit(ticket string) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	known := ss.tickets[ticket]
	delete(ss.tickets, ticket)
	return known
}

func (ws *Workspace) serve(s *socket) {
	n := ws.sockets.add(s)
	defer ws.sockets.remove(s)
	if n > mostSockets {
		s.send(obj{"type": "disconnect", "reason": "too_many_websockets", "debug_info": debugInfo})
		return
	}
	s.send(obj{
		"type": "hello", "num_connections": n, "debug_info": debugInfo, "connection_info": obj{"app_id": AppID},
	})
	select {
	case <-ws.done: // the test ended in between
		return
	default:
	}
	var pings sync.WaitGroup
	pings.Go(func() { s.ping(ws.timings.Ping) })
	s.read()
	pings.Wait()
}

var debugInfo = obj{"host": "applink-slacktest", "build_number": 1, "approximate_connection_time": 18060}

func (ss *sockets) add(s *socket) int {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.open = append(ss.open, s)
	return len(ss.open)
}

func (ss *sockets) remove(s *socket) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	s.cut()
	ss.open = slices.DeleteFunc(ss.open, func(other *socket) bool { return other == s })
}

// next gives the connection whose turn it is.
func (ss *sockets) next() *socket {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if len(ss.open) == 0 {
		return nil
	}
	ss.turn++
	return ss.open[ss.turn%len(ss.open)]
}

func (ss *sockets) all() []*socket {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return slices.Clone(ss.open)
}

// Connections is how many websockets are open.
func (ws *Workspace) Connections() int { return len(ws.sockets.all()) }

// DropSockets cuts all websockets without a word.
func (ws *Workspace) DropSockets() {
	for _, s := range ws.sockets.all() {
		s.cut()
	}
}

// FreezeSockets leaves all websockets half open: nothing comes through any
// more, no ping either, and nobody says that it ended.
func (ws *Workspace) FreezeSockets() {
	for _, s := range ws.sockets.all() {
		s.frozen.Store(true)
	}
}

// Disconnect tells all websockets to come again, for a reason such as
// "refresh_requested", "warning" or "link_disabled", and ends them after the
// grace that Slack gives.
func (ws *Workspace) Disconnect(reason string) {
	for _, s := range ws.sockets.all() {
		s.send(obj{"type": "disconnect", "reason": reason, "debug_info": debugInfo})
		ws.start(func() {
			select {
			case <-ws.done:
			case <-s.gone:
			case <-time.After(ws.timings.Grace):
			}
			s.cut()
		})
	}
}

// SendRaw sends a frame as it is to all websockets: malformed ones too.
func (ws *Workspace) SendRaw(frame string) {
	for _, s := range ws.sockets.all() {
		s.sendBytes([]byte(frame))
	}
}
