package slacktest

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (ws *Workspace) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", ws.serveMethod)
	mux.HandleFunc("/socket", ws.serveSocket)
	mux.HandleFunc("POST /response/{id}", ws.serveReplyURL)
	return mux
}

// serveMethod answers one call of the Web API.
func (ws *Workspace) serveMethod(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	c, parseErr := parseCall(w, r)
	index := ws.note(name, c)
	broken := ws.nextFault(name)
	if broken.before(ws, w, r) {
		ws.noteAnswer(index, errFault)
		return
	}
	answer, wait, err := ws.handle(name, c, parseErr)
	ws.noteAnswer(index, err)
	for _, f := range c.after {
		ws.start(f)
	}
	if broken.after(w) {
		return
	}
	ws.scopeHeaders(w, name, c)
	if why, refused := errors.AsType[refusal](err); refused {
		answer = why.answer()
	}
	writeAnswer(w, c, answer, wait)
}

// handle holds the call against token, scopes and rate, and runs it.
func (ws *Workspace) handle(name string, c *call, parseErr error) (answer obj, wait time.Duration, err error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	m, known := methods[name]
	if !known {
		return nil, 0, refusal{"unknown_method", obj{"req_method": name}}
	}
	if parseErr != nil {
		return nil, 0, parseErr
	}
	if err := ws.authorize(m, c); err != nil {
		return nil, 0, err
	}
	if wait := ws.overRate(name, m, c); wait > 0 {
		return nil, wait, refuse("ratelimited")
	}
	answer, err = m.run(ws, c)
	if err == nil {
		answer["ok"] = true
	}
	return answer, 0, err
}

func (ws *Workspace) authorize(m method, c *call) error {
	have := ws.scopes
	switch {
	case c.token == "":
		return refuse("not_authed")
	case c.token != BotToken && c.token != AppToken:
		return refuse("invalid_auth")
	case (c.token == AppToken) != m.app:
		return refuse("not_allowed_token_type")
	case m.app && ws.appError != "":
		return refuse(ws.appError)
	case !m.app && ws.revoked != "":
		return refuse(ws.revoked)
	case m.app:
		have = ws.appScopes
	}
	if m.scope != "" && !slices.Contains(have, m.scope) {
		return missingScope(m.scope, have)
	}
	return nil
}

func missingScope(needed string, have []string) error {
	return refusal{"missing_scope", obj{"needed": needed, "provided": strings.Join(have, ",")}}
}

// needs refuses when the bot's token lacks a scope that depends on what the
// call is about. The lock is held.
func (ws *Workspace) needs(scope string) error {
	if slices.Contains(ws.scopes, scope) {
		return nil
	}
	return missingScope(scope, ws.scopes)
}

func (ws *Workspace) scopeHeaders(w http.ResponseWriter, name string, c *call) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if c.token != BotToken || ws.revoked != "" {
		return
	}
	w.Header().Set("X-OAuth-Scopes", strings.Join(ws.scopes, ","))
	if scope := methods[name].scope; scope != "" {
		w.Header().Set("X-Accepted-OAuth-Scopes", scope)
	}
}

func writeAnswer(w http.ResponseWriter, c *call, answer obj, wait time.Duration) {
	if c.noCharset {
		answer = maps.Clone(answer)
		answer["warning"] = "missing_charset"
		meta, _ := answer["response_metadata"].(obj)
		meta = maps.Clone(meta)
		if meta == nil {
			meta = obj{}
		}
		meta["warnings"] = []string{"missing_charset"}
		answer["response_metadata"] = meta
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		w.WriteHeader(http.StatusTooManyRequests)
	}
	// A write fails only when the caller has gone.
	_ = json.NewEncoder(w).Encode(answer)
}
