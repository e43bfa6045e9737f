package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
)

func (s *Server) routeMessages(mux *http.ServeMux) {
	mux.HandleFunc("GET /messages", s.show("messages", s.viewMessages))
	mux.HandleFunc("POST /messages/press", s.do(s.press))
	mux.HandleFunc("POST /messages/say", s.do(s.say))
	mux.HandleFunc("POST /messages/seen", s.readAll)
}

type messageList struct {
	To       string // the channel shown; "" for the reader's own
	Channels []string
	Threads  []thread
	Older    string
}

// A thread is a message with what was sent under it, oldest first.
type thread struct {
	Message
	Unread  bool
	Replies []thread
}

func (s *Server) viewMessages(r *http.Request, p *page) (string, error) {
	channels, err := s.cfg.Messages.Channels(r.Context())
	if err != nil {
		return "", err
	}
	list := messageList{To: r.URL.Query().Get("to"), Channels: channels}
	address := p.Reader.ID
	if list.To != "" {
		if !slices.Contains(channels, list.To) {
			return "", &adapters.Error{Op: "show a channel", Code: adapters.NotFound, Err: errNoChannel}
		}
		address = list.To
	}
	found, err := s.cfg.Messages.Messages(r.Context(), address, listLength+1, r.URL.Query().Get("before"))
	if len(found) > listLength {
		found = found[:listLength]
		list.Older = olderThan(r.URL, found[listLength-1].ID)
	}
	list.Threads = threads(found, lastRead(r, p.Reader.ID))
	p.Title, p.Topic, p.Body = p.T("messages.title"), "messages", list
	return "messages", err
}

// threads puts replies under their messages. A message stands where the
// newest of its thread would; a reply whose message is older than the list
// stands by itself.
func threads(found []Message, read time.Time) (out []thread) {
	under := map[string]string{}
	for _, m := range found {
		under[m.Key] = m.Thread
	}
	at := map[string]int{} // the first message of a thread → its place in out
	for _, m := range found {
		root := rootOf(under, m.Key)
		i, ok := at[root]
		if !ok {
			i = len(out)
			at[root] = i
			out = append(out, thread{})
		}
		t := thread{Message: m, Unread: m.Sent.After(read)}
		if root == m.Key {
			t.Replies = out[i].Replies
			out[i] = t
		} else {
			out[i].Replies = append(out[i].Replies, t)
		}
	}
	for _, t := range out {
		slices.Reverse(t.Replies)
	}
	return out
}

// rootOf goes up from a message as far as the list does. Messages that are
// under each other in a circle stand by themselves.
func rootOf(under map[string]string, key string) string {
	root := key
	for range under {
		up := under[root]
		if _, there := under[up]; !there || up == root {
			return root
		}
		root = up
	}
	return key
}

// unread counts the reader's new messages, up to the length of a list.
func (s *Server) unread(r *http.Request, person string) (n int, err error) {
	found, err := s.cfg.Messages.Messages(r.Context(), person, listLength, "")
	read := lastRead(r, person)
	for _, m := range found {
		if m.Sent.After(read) {
			n++
		}
	}
	return n, err
}

func (s *Server) press(r *http.Request, by Person) (string, note, error) {
	f := r.PostForm
	reply, err := s.cfg.Messages.Press(r.Context(), chat.Action{
		From: by.ID, Message: f.Get("message"), Button: f.Get("button"), Value: f.Get("value"),
	})
	return messagesPath(f), note{Reply: reply}, err
}

func (s *Server) say(r *http.Request, by Person) (string, note, error) {
	line := strings.TrimSpace(r.PostForm.Get("line"))
	if line == "" {
		return messagesPath(r.PostForm), note{}, &Refusal{Text: s.texts.text(by.Lang, "messages.empty-line")}
	}
	reply, err := s.cfg.Messages.Say(r.Context(), chat.Command{From: by.ID, Line: line})
	return messagesPath(r.PostForm), note{Reply: reply}, err
}

func messagesPath(form url.Values) string {
	if to := form.Get("to"); to != "" {
		return "/messages?to=" + url.QueryEscape(to)
	}
	return "/messages"
}

var errNoChannel = errors.New("there is no such channel")

// Up to when a person has read is known to that person's browser only: it is
// of no use to anybody else.
const readCookie = "tebiki_read_"

func (s *Server) readAll(w http.ResponseWriter, r *http.Request) {
	now := strconv.FormatInt(s.cfg.Now().UnixMilli(), 10)
	setCookie(w, r, readCookie+cookieName(s.viewer(r).ID), now, yearLong)
	http.Redirect(w, r, "/messages", http.StatusSeeOther)
}

func lastRead(r *http.Request, person string) time.Time {
	ms, err := strconv.ParseInt(cookie(r, readCookie+cookieName(person)), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// cookieName makes an id fit for a cookie's name.
func cookieName(id string) string { return strings.ReplaceAll(url.QueryEscape(id), "%", "_") }
