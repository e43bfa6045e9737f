package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"tebiki/adapters/source"
)

// maxBody is the largest body that alerts may come in.
const maxBody = 1 << 20

// keptBuffer is the largest buffer that is kept for the next request: one
// large body must not hold its memory for ever.
const keptBuffer = 64 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// takeAlerts answers once the alerts are stored for good, or says why none of
// them was taken. This is the path that a storm takes: it makes as little
// garbage as it can and logs only what an administrator must know.
func (s *Server) takeAlerts(w http.ResponseWriter, r *http.Request, in *entrance) {
	if fault := s.checkPost(r, in); fault != nil {
		fault.write(w)
		return
	}
	buf := buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= keptBuffer {
			buffers.Put(buf)
		}
	}()
	body, fault := readBody(r, (*buf)[:0])
	*buf = body
	if fault == nil && in.proof != nil {
		fault = in.proof.holds(r, body, s.cfg.Now())
	}
	if fault != nil {
		fault.write(w)
		return
	}
	receipts, fault := s.accept(r, in, body)
	if fault != nil {
		fault.write(w)
		return
	}
	// The body has been read to its meaning, so its buffer takes the answer.
	*buf = appendReceipts(body[:0], receipts)
	h := w.Header()
	h["Content-Type"] = jsonType
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(*buf) // whoever has gone sends again, and it is the same alert
}

// accept stores the alerts of a body. One that has none, such as the news that
// somebody has looked at a problem, is answered like any other.
func (s *Server) accept(r *http.Request, in *entrance, body []byte) ([]Receipt, *problem) {
	alerts, err := in.parse(r.Context(), body)
	if err != nil {
		return nil, s.badBody(in, err)
	}
	if len(alerts) == 0 {
		return nil, nil
	}
	receipts, err := s.cfg.Intake.Accept(r.Context(), alerts)
	if err != nil {
		return nil, s.notTaken(r, err)
	}
	return receipts, nil
}

var jsonType = []string{"application/json"}

// checkPost refuses what cannot be a body of alerts before it is read.
func (s *Server) checkPost(r *http.Request, in *entrance) *problem {
	if r.Method != http.MethodPost {
		return notAllowed(http.MethodPost)
	}
	if in.proof != nil {
		if fault := in.proof.shown(r); fault != nil {
			return fault
		}
	} else if !s.mayCall(r) {
		return unauthorized()
	}
	switch {
	case !in.anyType && !isJSON(r.Header.Get("Content-Type")):
		return &problem{status: http.StatusUnsupportedMediaType, What: "the body must be JSON: send Content-Type: application/json"}
	case r.ContentLength > maxBody:
		return tooLarge()
	}
	return nil
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}

// readBody reads into buf, which grows as needed, up to the limit.
func readBody(r *http.Request, buf []byte) ([]byte, *problem) {
	for {
		if len(buf) > maxBody {
			return buf, tooLarge()
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case err == io.EOF && len(buf) > maxBody:
			return buf, tooLarge()
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf, &problem{status: http.StatusBadRequest, What: "the body ended before it was whole: " + err.Error()}
		}
	}
}

// badBody says what is wrong with a body. Most who send webhooks do not send
// again what they were refused, and nobody reads their logs, so ours has it.
func (s *Server) badBody(in *entrance, err error) *problem {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		s.cfg.Log.Warn("a webhook's expressions took too long, and its sender was told to come again", "path", in.path, "err", err)
		return &problem{status: http.StatusServiceUnavailable, retry: storeRetry, What: "there was no time to make alerts of this, and none was taken: send it again"}
	}
	if in.path != ownPath {
		s.cfg.Log.Warn("a webhook's body was refused, and its alerts with it", "path", in.path, "err", err)
	}
	p := &problem{status: http.StatusBadRequest, What: err.Error()}
	var fault *source.Fault
	if errors.As(err, &fault) {
		p.What, p.Path = fault.What, fault.Path
		if fault.Offset >= 0 {
			p.Offset = &fault.Offset
		}
	}
	return p
}

// notTaken turns the intake's refusal into an answer that makes its sender
// try again.
func (s *Server) notTaken(r *http.Request, err error) *problem {
	var busy *BusyError
	if errors.As(err, &busy) {
		return &problem{status: http.StatusServiceUnavailable, What: busy.Error(), retry: busy.RetryAfter}
	}
	if r.Context().Err() == nil {
		s.cfg.Log.Error("alerts were refused because they could not be stored", "err", err)
	}
	return &problem{
		status: http.StatusServiceUnavailable, retry: storeRetry,
		What: "the alerts could not be stored and none was taken: send them again",
	}
}

// storeRetry is how long a sender waits when the disk refuses.
const storeRetry = 5 * time.Second

func appendReceipts(b []byte, receipts []Receipt) []byte {
	b = append(b, `{"alerts":[`...)
	for i, r := range receipts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if r.ID != "" {
			b = append(appendJSON(append(b, `"id":`...), r.ID), ',')
		}
		if r.Incident != "" {
			b = append(appendJSON(append(b, `"incident":`...), r.Incident), ',')
		}
		b = appendJSON(append(b, `"state":`...), r.State)
		b = append(b, '}')
	}
	return append(b, "]}\n"...)
}

// appendJSON writes s as a JSON string; the ids and states that it is used
// for need no escaping.
func appendJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			quoted, _ := json.Marshal(s) // a string always has a JSON form
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
