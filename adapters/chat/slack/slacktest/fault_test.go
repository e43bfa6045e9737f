package slacktest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestFaults(t *testing.T) {
	ws := team(t)
	api := ws.client()
	try := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, _, err := api.PostMessageContext(ctx, "CINFRA", text("hello"))
		return err
	}
	for _, c := range []struct {
		name  string
		fault Fault
		says  string
	}{
		{"an error", Fault{Code: "fatal_error"}, "fatal_error"},
		{"5xx", Fault{Status: 503}, "503"},
		{"garbage", Garbage(), "invalid character '<'"},
		{"hanging", Fault{Hang: true}, "deadline exceeded"},
		{"slow", Fault{Delay: time.Second}, "deadline exceeded"},
		{"cut", Fault{Cut: true}, "EOF"},
		{"429", RateLimited(7 * time.Second), "retry after 7s"},
	} {
		ws.Break("chat.postMessage", 1, c.fault)
		if err := try(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", c.name, err, c.says)
		}
		if n := len(ws.Person("USATO").See("CINFRA")); n != 0 {
			t.Errorf("%s: there are %d messages", c.name, n)
		}
	}
	ws.Break("*", -1, Fault{LoseAnswer: true})
	if err := try(); err == nil {
		t.Error("a lost answer came")
	}
	if _, err := api.AuthTest(); err == nil {
		t.Error("a lost answer came to another method")
	}
	if n := len(ws.Person("USATO").See("CINFRA")); n != 1 {
		t.Errorf("after a lost answer there are %d messages, want 1", n)
	}
	ws.Mend()
	if err := try(); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestFaultsAreMetInTheirOrder(t *testing.T) {
	ws := team(t)
	ws.Break("auth.test", 2, Fault{Code: "first"})
	ws.Break("auth.test", 1, Fault{Code: "second"})
	for _, code := range []string{"first", "first", "second", ""} {
		_, err := ws.client().AuthTest()
		wants(t, "auth.test", err, code)
	}
}

func TestRetryingClientMeets429Once(t *testing.T) {
	t.Parallel()
	ws := team(t)
	ws.Break("chat.postMessage", 1, RateLimited(0))
	api := slack.New(BotToken, slack.OptionAPIURL(ws.URL()), slack.OptionRetry(2))
	if _, _, err := api.PostMessage("CINFRA", text("hello")); err != nil {
		t.Errorf("with retries: %v", err)
	}
	var limited *slack.RateLimitedError
	ws.Break("chat.postMessage", 1, RateLimited(0))
	if _, _, err := ws.client().PostMessage("CINFRA", text("hello")); !errors.As(err, &limited) {
		t.Errorf("without: %v", err)
	}
}
