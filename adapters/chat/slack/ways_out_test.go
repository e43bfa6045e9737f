package slack_test

import (
	"errors"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/chat/slack/slacktest"
)

// What an operator or Slack can do to the bot, done to the workspace itself:
// the error says what to do, its code lets the caller take another way at
// once, and when it is mended the same message comes.
func TestEachTroubleHasAWayOut(t *testing.T) {
	channel, direct := "#infra-jp", "tanaka@example.com"
	for name, c := range map[string]struct {
		to          string
		make, mend  func(*slacktest.Workspace)
		code        adapters.Code
		say, status string
	}{
		"revoked token": {
			direct, func(ws *slacktest.Workspace) { ws.Revoke("token_revoked") }, func(ws *slacktest.Workspace) { ws.Revoke("") },
			adapters.Denied, "install the app again", "the token was revoked",
		},
		"app removed": {
			channel, func(ws *slacktest.Workspace) { ws.Revoke("account_inactive") }, func(ws *slacktest.Workspace) { ws.Revoke("") },
			adapters.Denied, "install the app again", "the app was removed",
		},
		"archived channel": {
			channel, func(ws *slacktest.Workspace) { ws.Archive(infra) }, func(ws *slacktest.Workspace) { ws.Unarchive(infra) },
			adapters.NotFound, "unarchive it, or name another", "",
		},
		"deactivated person, by id": {
			tanaka, func(ws *slacktest.Workspace) { ws.Deactivate(tanaka) }, func(ws *slacktest.Workspace) { ws.Reactivate(tanaka) },
			adapters.NotFound, "deactivated in Slack", "",
		},
		"deactivated person": {
			direct, func(ws *slacktest.Workspace) { ws.Deactivate(tanaka) }, func(ws *slacktest.Workspace) { ws.Reactivate(tanaka) },
			adapters.NotFound, "activated again", "",
		},
		"not in the channel": {
			channel, func(ws *slacktest.Workspace) {
				ws.Remove(infra, slacktest.BotUserID)
				ws.SetScopes("chat:write", "channels:read", "groups:read", "channels:history")
			}, func(ws *slacktest.Workspace) { ws.Invite(infra, slacktest.BotUserID) },
			adapters.NotFound, "invite it with /invite", "",
		},
		"not in a private channel": {
			"#secret", func(*slacktest.Workspace) {}, func(ws *slacktest.Workspace) { ws.Invite("C0SECRET", slacktest.BotUserID) },
			adapters.NotFound, "invite the bot", "",
		},
		"migration": {
			channel, func(ws *slacktest.Workspace) { ws.Revoke("team_added_to_org") }, func(ws *slacktest.Workspace) { ws.Revoke("") },
			adapters.Unavailable, "comes back by itself", "",
		},
		"every call is too many": {
			direct, func(ws *slacktest.Workspace) { ws.Break("*", -1, slacktest.RateLimited(30*time.Second)) }, (*slacktest.Workspace).Mend,
			adapters.Throttled, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, slacktest.WithChannels(
				slacktest.Channel{ID: infra, Name: "infra-jp", Members: []string{tanaka, sato, slacktest.BotUserID}},
				slacktest.Channel{ID: "C0SECRET", Name: "secret", Private: true, Members: []string{tanaka}},
			))
			c.make(w.ws)
			m := chat.Message{Key: "a", To: c.to, Title: "disk full"}
			w.fails(w.s.Send(t.Context(), m), c.code, c.say, "send a message to")
			if got := w.s.Status().Fault; (got != "") != (c.status != "") {
				t.Errorf("the status says %q", got)
			}
			c.mend(w.ws)
			w.s = w.open(nil) // a new token is a new start; nothing that was kept is in its way
			w.send(m)
			w.send(m)
		})
	}
}

// A conversation that was there when the trouble began is treated the same:
// what is remembered of it is no way in.
func TestTroubleAfterTheFirstMessage(t *testing.T) {
	for name, c := range map[string]struct {
		to, say string
		make    func(*slacktest.Workspace)
	}{
		"archived":    {"#infra-jp", "unarchive", func(ws *slacktest.Workspace) { ws.Archive(infra) }},
		"deactivated": {"tanaka@example.com", "activated again", func(ws *slacktest.Workspace) { ws.Deactivate(tanaka) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.send(chat.Message{Key: "a", To: c.to, Title: "disk full"})
			c.make(w.ws)
			w.fails(w.s.Send(t.Context(), chat.Message{Key: "b", To: c.to, Title: "new"}), adapters.NotFound, c.say)
		})
	}
}

// While Slack answers every call with 429, a page is given back after the
// configured wait at the latest, to be tried by phone, however many wait; and
// Slack is left alone for as long as it asked.
func TestAStormOf429HoldsNoPage(t *testing.T) {
	const wait = 300 * time.Millisecond
	w := newWorld(t)
	w.s = w.open(func(o *slack.Options) { o.MaxWait = wait })
	w.ws.Break("*", -1, slacktest.RateLimited(time.Minute))
	errs := make(chan error, 200)
	begun := time.Now()
	for i := range cap(errs) {
		go func() {
			errs <- w.s.Send(t.Context(), chat.Message{Key: time.Duration(i).String(), To: infra, Title: "page", Urgent: i%2 == 0})
		}()
	}
	for range cap(errs) {
		e, _ := errors.AsType[*adapters.Error](<-errs)
		if e == nil || e.Code != adapters.Throttled || e.After < 50*time.Second {
			t.Fatalf("%+v", e)
		}
	}
	if took := time.Since(begun); took > wait+5*time.Second {
		t.Errorf("it took %v", took)
	}
	if n := len(w.ws.Requests()); n > cap(errs) {
		t.Errorf("%d calls were made", n)
	}
}
