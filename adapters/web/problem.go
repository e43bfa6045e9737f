package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// A problem is what the API answers when it did not do what was asked.
type problem struct {
	What   string `json:"error"`
	Path   string `json:"path,omitempty"`   // which part of the body: `[3].severity`
	Offset *int64 `json:"offset,omitempty"` // byte in the body, from 0

	status    int
	allow     string
	challenge string // for 401; "" asks for a token
	retry     time.Duration
}

// Error lets a call of the API choose its own answer.
func (p *problem) Error() string { return p.What }

func (p *problem) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	switch p.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", cmp.Or(p.challenge, "Bearer"))
	case http.StatusMethodNotAllowed:
		h.Set("Allow", p.allow)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(p.retry.Seconds())))))
	case http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close") // the rest of the body is not read
	}
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(p) // whoever has gone needs no answer
}

func tooLarge() *problem {
	return &problem{
		status: http.StatusRequestEntityTooLarge,
		What:   fmt.Sprintf("the body is larger than %d bytes: send the alerts in several requests", maxBody),
	}
}

func unauthorized() *problem {
	return &problem{status: http.StatusUnauthorized, What: "the token is missing or wrong: send Authorization: Bearer and the token"}
}

func notAllowed(allow string) *problem {
	return &problem{status: http.StatusMethodNotAllowed, allow: allow, What: "this address takes " + allow + " only"}
}
