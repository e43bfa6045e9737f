package slack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestFaultsSayWhatToDo(t *testing.T) {
	for _, c := range []struct {
		method, code string
		want         adapters.Code
		say          string
	}{
		{"chat.postMessage", "token_revoked", adapters.Denied, "install the app again"},
		{"chat.postMessage", "invalid_auth", adapters.Denied, "install the app again"},
		{"chat.postMessage", "account_inactive", adapters.Denied, "install the app again"},
		{"chat.postMessage", "missing_scope", adapters.Denied, "add it under"},
		{"chat.postMessage", "team_access_not_granted", adapters.Denied, "administrator of the organisation"},
		{"chat.postMessage", "org_login_required", adapters.Unavailable, "moving"},
		{"chat.postMessage", "team_added_to_org", adapters.Unavailable, "moving"},
		{"chat.postMessage", "migration_in_progress", adapters.Unavailable, "moving"},
		{"chat.postMessage", "is_archived", adapters.NotFound, "unarchive"},
		{"chat.postMessage", "restricted_action", adapters.NotFound, "who can post"},
		{"chat.postMessage", "something_new", adapters.Unavailable, "something_new"},
		{"conversations.open", "user_disabled", adapters.NotFound, "deactivated"},
		{"conversations.open", "user_not_found", adapters.NotFound, "roster"},
		{"users.lookupByEmail", "users_not_found", adapters.NotFound, "roster"},
		{"users.lookupByEmail", "missing_scope", adapters.Denied, "add it under"},
		{"conversations.list", "missing_scope", adapters.Denied, "add it under"},
	} {
		t.Run(c.method+" "+c.code, func(t *testing.T) {
			w := newWorld(t)
			w.ws.Break(c.method, -1, slacktest.Fault{Code: c.code})
			to := "tanaka@example.com"
			if c.method == "conversations.list" {
				to = "#infra-jp"
			}
			m := chat.Message{Key: "a", To: to, Title: "hello"}
			w.fails(w.s.Send(t.Context(), m), c.want, c.say, "send a message to")
			w.ws.Mend()
			w.send(m)
			if n := strings.Count(fmt.Sprint(w.sees(tanaka), w.sees("#infra-jp")), "hello"); n == 0 {
				t.Error("the message did not come when the fault was mended")
			}
		})
	}
}

func TestUnknownAddresses(t *testing.T) {
	w := newWorld(t)
	for _, to := range []string{"", "\x00", "tanaka", "#", "#nowhere", "U0NOBODY", "nobody@example.com", "C0NOWHERE", "\xff", strings.Repeat("x", 5000)} {
		err := w.s.Send(t.Context(), chat.Message{Key: "a", To: to, Title: "hello"})
		w.fails(err, adapters.NotFound)
		if len(err.Error()) > 700 {
			t.Errorf("%.20q: the error has %d bytes", to, len(err.Error()))
		}
	}
}

func TestATooLongMessageGoesOutShortened(t *testing.T) {
	for _, code := range []string{"msg_too_long", "msg_blocks_too_long", "invalid_blocks"} {
		w := newWorld(t)
		w.ws.Break("chat.postMessage", 1, slacktest.Fault{Code: code})
		m := note("a", "disk full")
		m.Link, m.Sections = "https://tebiki.example/i/1", []chat.Section{{Markdown: "very long"}}
		m.Buttons = []chat.Button{{ID: "ack", Value: "1", Label: "Acknowledge"}}
		w.send(m)
		got := w.sees(tanaka)
		if len(got) != 1 || strings.Contains(got[0].Shown, "very long") || !strings.Contains(got[0].Shown, "disk full") || len(got[0].Controls) != 1 {
			t.Errorf("%s: tanaka sees %+v", code, got)
		}
	}
}

// A 429 storm delays no page: after the configured wait the caller is told,
// and takes the next channel.
func TestThrottledIsSaidInTime(t *testing.T) {
	w := newWorld(t)
	w.s = w.open(func(o *slack.Options) { o.MaxWait = 50 * time.Millisecond })
	w.ws.Break("chat.postMessage", 1, slacktest.RateLimited(30*time.Second))
	begun := time.Now()
	err := w.s.Send(t.Context(), note("a", "page"))
	w.fails(err, adapters.Throttled)
	var e *adapters.Error
	if !errors.As(err, &e) || e.After < 25*time.Second || time.Since(begun) > 5*time.Second {
		t.Errorf("%v came after %v with After %v", err, time.Since(begun), e.After)
	}
	w.fails(w.s.Send(t.Context(), note("b", "page")), adapters.Throttled)
	w.send(chat.Message{Key: "a", To: sato, Title: "somebody else's messages go on"})
	if n := len(w.ws.Requests("chat.postMessage")); n != 2 {
		t.Errorf("%d posts were tried while Slack had asked to wait", n)
	}
}

// A short Retry-After is waited for.
func TestAShortPauseIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.ws.Break("chat.postMessage", 1, slacktest.RateLimited(time.Second))
	w.send(note("a", "page"))
	if got := w.s.Status(); got.Throttled != 1 || got.Posted != 1 {
		t.Errorf("%+v", got)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	_, err := slack.New(slack.Options{})
	for _, want := range []string{"store", "xoxb-", "xapp-"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not speak of %q", err, want)
		}
	}
	_, err = slack.New(slack.Options{BotToken: "xoxb-1", Store: store.NewMemory(), Mode: slack.HTTP})
	if err == nil || !strings.Contains(err.Error(), "signing secret") {
		t.Error(err)
	}
}
