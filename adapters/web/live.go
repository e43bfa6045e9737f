package web

import (
	"net/http"
	"time"
)

const (
	liveGap   = 250 * time.Millisecond // between two events of a stream
	liveBeat  = 20 * time.Second       // keeps proxies from closing a quiet stream
	liveLimit = 10 * time.Second       // for one write to a reader that has gone
)

// events is a stream which says "something has changed" and never what: the
// page then fetches itself again. It ends with the browser or the server.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(text string) bool {
		// A reader that does not read must not hold the stream for ever; a
		// writer that knows no deadlines has none.
		_ = out.SetWriteDeadline(time.Now().Add(liveLimit))
		_, err := w.Write([]byte(text))
		return err == nil && out.Flush() == nil
	}
	for {
		// Taken before the event is sent: whatever changes after the page
		// has answered it wakes this loop again.
		heard := s.listen(r.URL.Query().Get("on"))
		if !send("event: change\ndata:\n\n") || !s.pause(r, liveGap) {
			return
		}
		for !heard.wait(s, r) {
			if s.closed(r) || !send(":\n\n") {
				return
			}
		}
	}
}

// unhurried lets an answer take longer than the server's limit for one. A
// writer that knows no deadlines has none.
func unhurried(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
}

// news is what a stream waits for. A nil channel never says anything.
type news struct{ page, messages, phones, mailboxes <-chan struct{} }

// listen hears of messages and calls, which every page shows, and of what the
// page itself is about.
func (s *Server) listen(topic string) news {
	c := s.cfg.Changes
	n := news{messages: channel(c.Messages), phones: channel(c.Phones)}
	switch topic {
	case "tickets":
		n.page = channel(c.Tickets)
	case "incidents":
		n.page, n.mailboxes = channel(c.Incidents), channel(c.Mailboxes)
	}
	return n
}

func channel(f func() <-chan struct{}) <-chan struct{} {
	if f == nil {
		return nil
	}
	return f()
}

// wait tells whether something changed before the next beat was due.
func (n news) wait(s *Server, r *http.Request) bool {
	beat := time.NewTimer(liveBeat)
	defer beat.Stop()
	select {
	case <-n.page:
		return true
	case <-n.messages:
		return true
	case <-n.phones:
		return true
	case <-n.mailboxes:
		return true
	case <-beat.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
	return false
}

// pause tells whether the stream is still wanted after d.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-s.closing:
	}
	return false
}

func (s *Server) closed(r *http.Request) bool {
	select {
	case <-s.closing:
		return true
	case <-r.Context().Done():
		return true
	default:
		return false
	}
}
