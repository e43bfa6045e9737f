package asterisktest

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"tebiki/adapters/fake"
)

// A socket is the websocket of one client. Sending never waits: a goroutine
// writes, so that a client who does not read stops nobody else.
type socket struct {
	absent bool // of a client that is not there; see TakeOver
	gone   chan struct{}
	wake   chan struct{}
	once   sync.Once

	mu     sync.Mutex
	conn   *websocket.Conn // nil until the handshake is done
	queue  []frame
	frozen bool
}

type frame struct {
	text  []byte
	delay time.Duration
}

func newSocket() *socket {
	return &socket{gone: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// serveEvents is a websocket from its handshake to its end.
func (a *Asterisk) serveEvents(w http.ResponseWriter, r *http.Request, noted *Entry, life int) {
	err := authorized(w, r)
	names := (&call{query: r.URL.Query()}).list("app")
	if err == nil && (len(names) == 0 || names[0] == "") {
		err = refuse(http.StatusBadRequest, "Missing parameter app")
	}
	if why, refused := errors.AsType[refusal](err); refused {
		a.write(w, noted, why.status, why.body())
		return
	}
	// The application is taken before the handshake is answered: who has a
	// websocket has its events, too.
	s := newSocket()
	if !a.registerIn(life, names, s, (&call{query: r.URL.Query()}).yes("subscribeAll")) {
		fake.Cut(w)
		return
	}
	upgrade := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }, Subprotocols: []string{"ari"}}
	conn, err := upgrade.Upgrade(w, r, nil)
	if err != nil { // Upgrade has answered
		a.unregister(s)
		return
	}
	a.answered(noted, http.StatusSwitchingProtocols, nil)
	s.attach(conn)
	if !a.start(func() { a.serve(s) }) {
		s.cut()
	}
}

// attach gives a socket its connection, unless it was cut meanwhile.
func (s *socket) attach(conn *websocket.Conn) {
	s.mu.Lock()
	s.conn = conn
	s.mu.Unlock()
	select {
	case <-s.gone:
		_ = conn.Close()
	default:
	}
}

func (a *Asterisk) serve(s *socket) {
	var writing sync.WaitGroup
	writing.Go(func() { s.write(a) })
	s.read()
	s.cut()
	writing.Wait()
	a.unregister(s)
}

// read takes what the client says: control frames. Asterisk reads no others.
func (s *socket) read() {
	s.conn.SetPingHandler(func(data string) error {
		if s.isFrozen() {
			return nil
		}
		return s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Minute))
	})
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			return
		}
	}
}

func (s *socket) write(a *Asterisk) {
	for {
		for _, f := range s.take() {
			if f.delay > 0 && !a.pause(f.delay, s.gone) {
				return
			}
			if s.isFrozen() {
				continue // it is lost on the way
			}
			if s.conn.WriteMessage(websocket.TextMessage, f.text) != nil {
				s.cut()
				return
			}
		}
		select {
		case <-s.wake:
		case <-s.gone:
			return
		}
	}
}

func (s *socket) take() []frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames := s.queue
	s.queue = nil
	return frames
}

func (s *socket) send(text []byte, t Trouble) {
	if s == nil || s.absent || t.Lose {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range max(t.Times, 1) {
		f := frame{text: text}
		if i == 0 {
			f.delay = t.Delay
		}
		s.queue = append(s.queue, f)
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

func (s *socket) isFrozen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frozen
}

func (s *socket) freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = true
}

// cut ends the connection without a word; read notices.
func (s *socket) cut() {
	if s == nil {
		return
	}
	s.once.Do(func() { close(s.gone) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// sockets are the websockets that applications have.
func (a *Asterisk) sockets() (open []*socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, app := range a.apps {
		if app.socket != nil && !app.socket.absent {
			open = append(open, app.socket)
		}
	}
	return open
}

// Connections is how many applications have a websocket.
func (a *Asterisk) Connections() int { return len(a.sockets()) }

// DropSockets cuts all websockets without a word. Requests go on.
func (a *Asterisk) DropSockets() {
	for _, s := range a.sockets() {
		s.cut()
	}
}

// FreezeSockets leaves the websockets half open: nothing comes through any
// more, no pong either, and nobody says that it ended. New ones are not
// concerned, and requests go on.
func (a *Asterisk) FreezeSockets() {
	for _, s := range a.sockets() {
		s.freeze()
	}
}
