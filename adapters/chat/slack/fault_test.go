package slack_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
	"tebiki/store"
)

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
		if len(got) != 1 || strings.Contains(got[0].Shown, "very long") || !strings.Contains(got[0].Shown, "disk full") || len(got[0].Controls) != 2 {
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
	t.Parallel()
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
