package slack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/store"
)

func TestAnAddressMayBeAMailAddressAndIsRemembered(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.send(chat.Message{Key: fmt.Sprint(i), To: "tanaka@example.com", Title: "hello"})
	}
	w.s = w.open(nil)
	w.send(chat.Message{Key: "after a restart", To: "tanaka@example.com", Title: "hello"})
	if got := len(w.sees(tanaka)); got != 4 {
		t.Errorf("tanaka sees %d messages", got)
	}
	if n := len(w.ws.Requests("users.lookupByEmail")); n != 1 {
		t.Errorf("the address was looked up %d times", n)
	}
}

// Somebody leaves, and their mail address goes to somebody new.
func TestARememberedAddressIsLookedUpAgain(t *testing.T) {
	w := newWorld(t)
	w.send(chat.Message{Key: "a", To: "tanaka@example.com", Title: "hello"})
	w.ws.AddPeople(
		slacktest.User{ID: tanaka, Name: "tanaka", Email: "gone@example.com", Deactivated: true},
		slacktest.User{ID: sato, Name: "sato", Email: "tanaka@example.com"},
	)
	w.ws.Break("chat.postMessage", 1, slacktest.Fault{Code: "user_disabled"})
	w.send(chat.Message{Key: "b", To: "tanaka@example.com", Title: "hello again"})
	if got := w.sees(sato); len(got) != 1 || !strings.Contains(got[0].Shown, "again") {
		t.Errorf("sato sees %+v", got)
	}
}

func TestWhatIsUnchangedIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.send(note("a", "open"))
	}
	w.s = w.open(nil)
	w.send(note("a", "open"))
	w.send(note("a", "closed"))
	if posts, updates := len(w.ws.Requests("chat.postMessage")), len(w.ws.Requests("chat.update")); posts != 1 || updates != 1 {
		t.Errorf("%d posts and %d updates, want one of each", posts, updates)
	}
}

func TestALostAnswerDoesNotPostTwice(t *testing.T) {
	for _, thread := range []bool{false, true} {
		for name, restart := range map[string]bool{"in the same process": false, "after a crash": true} {
			t.Run(fmt.Sprint(name, ", in a thread: ", thread), func(t *testing.T) {
				w := newWorld(t)
				m := note("a", "open")
				if thread {
					w.send(note("root", "the incident"))
					m.Thread = "root"
				}
				w.ws.Break("chat.postMessage", 1, slacktest.Fault{LoseAnswer: true})
				w.fails(w.s.Send(t.Context(), m), adapters.Unavailable)
				if restart {
					w.s = w.open(nil)
				}
				w.send(m)
				m.Title = "closed"
				w.send(m)
				got := w.sees(tanaka)
				last := got[len(got)-1]
				if n := strings.Count(fmt.Sprint(got), "closed"); last.Text != "closed" || n == 0 || len(w.ws.Requests("chat.postMessage")) != 1+map[bool]int{true: 1}[thread] {
					t.Errorf("tanaka sees %+v", got)
				}
				if found := w.s.Status().Found; found != 1 {
					t.Errorf("%d messages were found again", found)
				}
			})
		}
	}
}

// The process dies between the post and the note of it.
func TestACrashAfterThePostDoesNotPostTwice(t *testing.T) {
	w := newWorld(t)
	st := &failing{Store: w.st}
	w.s = w.open(func(o *slack.Options) { o.Store = st })
	w.send(note("before", "so that the person is known"))
	st.failAfter(1)
	if err := w.s.Send(t.Context(), note("a", "open")); err == nil {
		t.Fatal("Send succeeded although the store failed")
	}
	w.s = w.open(nil)
	w.send(note("a", "open"))
	if got := w.sees(tanaka); len(got) != 2 {
		t.Errorf("tanaka sees %+v", got)
	}
}

// failing fails the updates after the next n.
type failing struct {
	store.Store
	mu   sync.Mutex
	left int
	on   bool
}

func (f *failing) failAfter(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.on = n, true
}

func (f *failing) Update(ctx context.Context, fn func(store.Writer) error) error {
	f.mu.Lock()
	f.left--
	fail := f.on && f.left < 0
	f.mu.Unlock()
	if fail {
		return errors.New("the disk is full")
	}
	return f.Store.Update(ctx, fn)
}

// A post that never arrived is posted after all.
func TestAPostThatWasCutIsPosted(t *testing.T) {
	for name, f := range map[string]slacktest.Fault{
		"cut": {Cut: true}, "500": {Status: 500}, "garbage": slacktest.Garbage(), "internal error": {Code: "internal_error"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.ws.Break("chat.postMessage", 1, f)
			w.fails(w.s.Send(t.Context(), note("a", "open")), adapters.Unavailable)
			w.send(note("a", "open"))
			if got := w.sees(tanaka); len(got) != 1 {
				t.Errorf("tanaka sees %+v", got)
			}
		})
	}
}

// Somebody else's app may write our metadata; and without the scope to look
// a page is rather sent twice than never.
func TestLookingForALostMessage(t *testing.T) {
	w := newWorld(t)
	w.ws.Break("chat.postMessage", 1, slacktest.Fault{LoseAnswer: true})
	w.fails(w.s.Send(t.Context(), note("a", "open")), adapters.Unavailable)
	w.ws.Break("conversations.history", 1, slacktest.Fault{Status: 503})
	w.fails(w.s.Send(t.Context(), note("a", "open")), adapters.Unavailable)
	w.ws.Break("conversations.history", 1, slacktest.Fault{Code: "missing_scope"})
	w.send(note("a", "open"))
	if got := w.sees(tanaka); len(got) != 2 {
		t.Errorf("tanaka sees %d messages, want the lost and its repetition", len(got))
	}
}

func TestADeletedMessageIsPostedAnew(t *testing.T) {
	w := newWorld(t)
	w.send(note("a", "open"))
	w.ws.Break("chat.update", 1, slacktest.Fault{Code: "message_not_found"})
	w.send(note("a", "closed"))
	w.send(note("a", "closed"))
	if n := len(w.ws.Requests("chat.postMessage")); n != 2 {
		t.Errorf("%d posts", n)
	}
}

func TestThreads(t *testing.T) {
	w := newWorld(t)
	w.send(chat.Message{Key: "i", To: "#infra-jp", Title: "the incident"})
	w.send(chat.Message{Key: "n", To: "#infra-jp", Thread: "i", Title: "news"})
	w.send(chat.Message{Key: "nn", To: "#infra-jp", Thread: "n", Title: "news of news"})
	w.send(chat.Message{Key: "o", To: "#infra-jp", Thread: "unknown", Title: "an orphan"})
	got := w.sees("#infra-jp")
	if len(got) != 4 || got[1].Thread != got[0].TS || got[2].Thread != got[0].TS || got[3].Thread != "" {
		t.Errorf("the channel shows %+v", got)
	}
}

func TestJoinsAPublicChannelOnce(t *testing.T) {
	w := newWorld(t, slacktest.WithChannels(
		slacktest.Channel{ID: "C0OPEN", Name: "open", Members: []string{tanaka}},
		slacktest.Channel{ID: "C0CLOSED", Name: "closed", Private: true, Members: []string{tanaka}},
	), slacktest.WithScopes(slack.Scopes()...))
	w.send(chat.Message{Key: "a", To: "#open", Title: "hello"})
	if n := len(w.ws.Requests("conversations.join")); n != 1 {
		t.Errorf("the bot joined %d times", n)
	}
	w.fails(w.s.Send(t.Context(), chat.Message{Key: "a", To: "#closed", Title: "x"}), adapters.NotFound, "/invite")
	w.fails(w.s.Send(t.Context(), chat.Message{Key: "a", To: "C0CLOSED", Title: "x"}), adapters.NotFound, "/invite")
}
