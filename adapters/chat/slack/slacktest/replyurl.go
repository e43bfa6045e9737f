package slacktest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// mostReplies is how often a response_url serves.
const mostReplies = 5

// A replyURL lets a bot answer one thing that a person did.
type replyURL struct {
	channel, user string
	message       string // the ts of the message that was used
	born          time.Time
	used          int
}

func (ws *Workspace) newReplyURL(channel, user, message string) string {
	id := ws.id("T0TEBIKI-")
	ws.replyURLs[id] = &replyURL{channel: channel, user: user, message: message, born: time.Now()}
	return ws.base + "/response/" + id
}

// serveReplyURL answers a POST to a response_url. It needs no token, and the
// bot need not be in the channel.
func (ws *Workspace) serveReplyURL(w http.ResponseWriter, r *http.Request) {
	const name = "response_url"
	c := &call{params: map[string]any{}, json: true}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &c.params)
	}
	index := ws.note(name, c)
	broken := ws.nextFault(name)
	if broken.before(ws, w, r) {
		ws.noteAnswer(index, errFault)
		return
	}
	status, refused := ws.replyTo(r.PathValue("id"), c, err)
	ws.noteAnswer(index, refused)
	if broken.after(w) {
		return
	}
	answer := obj{"ok": true}
	if why, ok := errors.AsType[refusal](refused); ok {
		answer = why.answer()
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A write fails only when the caller has gone.
	_ = json.NewEncoder(w).Encode(answer)
}

func (ws *Workspace) replyTo(id string, c *call, malformed error) (status int, err error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	u := ws.replyURLs[id]
	switch {
	case u == nil || time.Since(u.born) > ws.timings.ResponseURL:
		return http.StatusNotFound, refuse("expired_url")
	case u.used >= mostReplies:
		return http.StatusNotFound, refuse("used_url")
	case malformed != nil:
		return http.StatusBadRequest, refuse("invalid_payload")
	}
	if err := ws.respond(u, c); err != nil {
		return http.StatusBadRequest, err
	}
	u.used++
	return http.StatusOK, nil
}

// respond does what an answer asks for: replace, delete, or a new message,
// which only the person sees unless it says in_channel. The lock is held.
func (ws *Workspace) respond(u *replyURL, c *call) error {
	old := ws.findAny(u.channel, u.message)
	if c.flag("delete_original") {
		if old == nil {
			return refuse("message_not_found")
		}
		ws.drop(old)
		return nil
	}
	in, err := ws.content(c)
	if err != nil {
		return err
	}
	if old != nil && c.flag("replace_original") {
		old.change(c, in)
		if _, given := c.structure("blocks"); !given { // unlike chat.update
			old.blocks = nil
		}
		old.edited = ws.ts()
		return nil
	}
	m := &message{
		channel: u.channel, thread: c.text("thread_ts"), user: BotUserID, bot: BotID, text: in.text,
		blocks: in.blocks, attachments: in.attachments, metadata: in.metadata,
	}
	if c.text("response_type") != "in_channel" {
		m.onlyFor = u.user
	}
	ws.put(m)
	return nil
}
