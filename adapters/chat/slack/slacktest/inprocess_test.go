package slacktest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"tebiki/adapters/inprocess"
)

// Without a network the workspace is the same, and its time is the bubble's.
func TestWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws := New(t, WithoutNetwork(), WithPeople(User{ID: "UTANAKA"}), WithChannels(Channel{ID: "CINFRA", Members: []string{"UTANAKA", BotUserID}}))
		api := slack.New(BotToken, slack.OptionAPIURL(ws.URL()), slack.OptionHTTPClient(ws.HTTPClient()))
		post := func(ctx context.Context) error {
			_, _, err := api.PostMessageContext(ctx, "CINFRA", text("disk full"))
			return err
		}
		for range 4 {
			if err := post(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		limited, ok := errors.AsType[*slack.RateLimitedError](post(t.Context()))
		if !ok || limited.RetryAfter != time.Second {
			t.Fatalf("the fifth post at once gave %v", limited)
		}
		time.Sleep(10 * time.Second)
		ws.Break("chat.postMessage", 1, Fault{LoseAnswer: true})
		if err := post(t.Context()); !errors.Is(err, inprocess.ErrCut) {
			t.Errorf("a lost answer gave %v", err)
		}
		ws.Break("chat.postMessage", 1, Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if begun := time.Now(); !errors.Is(post(ctx), context.DeadlineExceeded) || time.Since(begun) != time.Minute {
			t.Errorf("it hung for %v", time.Since(begun))
		}
		if n := len(ws.Person("UTANAKA").See("CINFRA")); n != 5 {
			t.Errorf("%d messages are there, want 5", n)
		}
		ws.Expire("CINFRA")
		if n := len(ws.Person("UTANAKA").See("CINFRA")); n != 0 {
			t.Errorf("%d messages are left", n)
		}
	})
}
