package slacktest

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/gorilla/websocket"
)

func (s *socket) send(frame obj) {
	text, err := json.Marshal(frame)
	if err == nil {
		s.sendBytes(text)
	}
}

// sendBytes writes one frame. That it fails shows in read, too.
func (s *socket) sendBytes(text []byte) {
	if s.frozen.Load() {
		return
	}
	s.write.Lock()
	defer s.write.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_ = s.conn.WriteMessage(websocket.TextMessage, text)
}

// cut ends the connection; read notices.
func (s *socket) cut() { _ = s.conn.Close() }

func (s *socket) ping(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	s.pingOnce() // a client that waits for pings should not wait for the first
	for {
		select {
		case <-s.gone:
			return
		case <-ticker.C:
			s.pingOnce()
		}
	}
}

func (s *socket) pingOnce() {
	if s.frozen.Load() {
		return
	}
	// WriteControl may run beside other writes.
	_ = s.conn.WriteControl(websocket.PingMessage, []byte("Ping from slacktest"), time.Now().Add(time.Second))
}

// pong answers a ping of the client's.
func (s *socket) pong(data string) error {
	if s.frozen.Load() {
		return nil
	}
	return s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
}

// read takes acknowledgements until the connection ends.
func (s *socket) read() {
	defer close(s.gone)
	s.conn.SetPingHandler(s.pong)
	for {
		_, text, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		s.acknowledge(text)
	}
}

// acknowledge takes one frame of the bot's. As at Slack, one that is too long,
// or no acknowledgement of anything, is dropped without a word.
func (s *socket) acknowledge(text []byte) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if len(text) >= mostAck || json.Unmarshal(text, &ack) != nil {
		return
	}
	s.mu.Lock()
	waiting := s.waiting[ack.EnvelopeID]
	delete(s.waiting, ack.EnvelopeID)
	s.mu.Unlock()
	if waiting != nil {
		waiting <- ack.Payload
	}
}

// ask sends an envelope and waits for its acknowledgement.
func (s *socket) ask(frame obj, within time.Duration, done <-chan struct{}) (json.RawMessage, error) {
	answer := make(chan json.RawMessage, 1)
	id := frame["envelope_id"].(string)
	s.mu.Lock()
	s.waiting[id] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
	}()
	s.send(frame)
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case payload := <-answer:
		return payload, nil
	case <-timer.C:
		return nil, errTimeout
	case <-s.gone:
		return nil, errConnection
	case <-done:
		return nil, errConnection
	}
}

var (
	errTimeout    = errors.New("timeout")
	errConnection = errors.New("connection_failed")
)
