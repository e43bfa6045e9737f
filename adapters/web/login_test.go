package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

var sessionKey = bytes.Repeat([]byte{7}, 32)

func locked(c *Config) { c.Password, c.SessionKey = "open sesame", sessionKey }

func TestPagesNeedASession(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t, locked), person: "sato"}
	for _, path := range allPages {
		w := b.send("GET", path, nil)
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login?next=") {
			t.Errorf("GET %s: %d to %q, want the login", path, w.Code, w.Header().Get("Location"))
		}
	}
	for _, path := range []string{"/incidents/I-2", "/tickets", "/viewer", "/messages/say", "/logout"} {
		if w := b.send("POST", path, url.Values{"do": {"ack"}}); w.Code != http.StatusUnauthorized {
			t.Errorf("POST %s: %d, want 401", path, w.Code)
		}
	}
	if w := b.send("GET", "/events", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("GET /events: %d, want 401", w.Code)
	}
	for _, path := range []string{"/login", "/static/console.css", "/healthz", "/readyz", "/v1/openapi.yaml"} {
		b.get(path)
	}
}

func TestLogInAndOut(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t, locked), person: "sato"}
	w := b.send("POST", "/login", url.Values{"password": {"open sesame!"}, "next": {"/tickets"}})
	if w.Code != http.StatusUnauthorized || w.Header().Get("Set-Cookie") != "" {
		t.Fatalf("a wrong password gave %d and cookie %q", w.Code, w.Header().Get("Set-Cookie"))
	}
	wantIn(t, w.Body.String(), `name="next" value="/tickets"`)
	wantNot(t, w.Body.String(), "open sesame", `href="/incidents"`)

	b.header = http.Header{"X-Forwarded-Proto": {"https"}}
	w = b.send("POST", "/login", url.Values{"password": {"open sesame"}, "next": {"//evil.example"}})
	set := w.Header().Get("Set-Cookie")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Fatalf("the right password gave %d to %q", w.Code, w.Header().Get("Location"))
	}
	for _, want := range []string{"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("the session's cookie is %q, want %s", set, want)
		}
	}
	b.header = http.Header{"Cookie": {strings.Split(set, ";")[0]}}
	wantIn(t, b.get("/incidents"), `action="/logout"`)
	if w := b.send("POST", "/logout", url.Values{}); !strings.Contains(w.Header().Get("Set-Cookie"), "tebiki_session=; Path=/; Max-Age=0") {
		t.Errorf("logging out sets %q", w.Header().Get("Set-Cookie"))
	}
}

func TestSessions(t *testing.T) {
	s := sessions{key: sessionKey, secret: "a"}
	good := s.value(minute.Add(time.Hour))
	tests := map[string]struct {
		s     sessions
		value string
		at    time.Time
		want  bool
	}{
		"good":          {s, good, minute, true},
		"over":          {s, good, minute.Add(time.Hour), false},
		"other key":     {sessions{key: bytes.Repeat([]byte{8}, 32), secret: "a"}, good, minute, false},
		"other secret":  {sessions{key: sessionKey, secret: "b"}, good, minute, false},
		"empty":         {s, "", minute, false},
		"cut":           {s, good[:len(good)-2], minute, false},
		"longer":        {s, good + "AAAA", minute, false},
		"end rewritten": {s, "A" + string(good[0]^1) + good[2:], minute, false},
		"not base64":    {s, "!!!!", minute, false},
	}
	for name, tt := range tests {
		if got := tt.s.valid(tt.value, tt.at); got != tt.want {
			t.Errorf("%s: valid is %t, want %t", name, got, tt.want)
		}
	}
}

func TestGuessesAreLimited(t *testing.T) {
	a := newAttempts()
	try := func(from string, at time.Time, n int) (allowed int) {
		for range n {
			if a.allow(from, at) {
				allowed++
			}
		}
		return allowed
	}
	if got := try("192.0.2.1:5000", minute, 20); got != guessBurst {
		t.Errorf("%d of 20 guesses at once, want %d", got, guessBurst)
	}
	if got := try("192.0.2.1:5001", minute.Add(guessEvery), 20); got != 1 {
		t.Errorf("%d guesses after %s, want 1", got, guessEvery)
	}
	if got := try("192.0.2.2:5000", minute, 1); got != 1 {
		t.Error("somebody else is held up")
	}
	try("[2001:db8::1]:5000", minute, guessBurst)
	if got := try("[2001:db8::ffff]:5000", minute, 1); got != 0 {
		t.Error("another address of the same network has guesses of its own")
	}
	if got := try("nonsense", minute, 20); got != guessBurst {
		t.Errorf("%d guesses from nowhere, want %d", got, guessBurst)
	}
}

func TestTooManyGuesses(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t, locked)}
	for range guessBurst {
		b.send("POST", "/login", url.Values{"password": {"x"}})
	}
	w := b.send("POST", "/login", url.Values{"password": {"open sesame"}})
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("the guess after the burst: %d, want 429", w.Code)
	}
}

func TestOneSecretServesForBoth(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t, func(c *Config) { c.Token, c.SessionKey = "only", sessionKey })}
	if w := b.send("POST", "/login", url.Values{"password": {"only"}}); w.Code != http.StatusSeeOther {
		t.Errorf("the token does not open the pages: %d", w.Code)
	}
	b = browser{t: t, h: busyMorning().server(t, locked), header: http.Header{"Authorization": {"Bearer open sesame"}}}
	b.get("/v1/incidents")
}

func TestNewRefuses(t *testing.T) {
	tests := map[string]struct {
		change func(*Config)
		want   string
	}{
		"no people":   {func(c *Config) { c.People = nil }, "no people"},
		"twice":       {func(c *Config) { c.People = append(c.People, c.People[0]) }, `two people with the id "tanaka"`},
		"no intake":   {func(c *Config) { c.Intake = nil }, "needs Incidents and Intake"},
		"short key":   {func(c *Config) { c.Password, c.SessionKey = "x", sessionKey[:31] }, "31 bytes"},
		"missing key": {func(c *Config) { c.Token = "x" }, "0 bytes"},
	}
	for name, tt := range tests {
		cfg := newOffice().config()
		cfg.People = append([]Person(nil), cfg.People...)
		tt.change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want it to say %q", name, err, tt.want)
		}
	}
}
