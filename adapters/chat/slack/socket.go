package slack

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	sdk "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"tebiki/adapters"
)

const (
	slowRetry  = 2 * time.Minute  // when only an administrator can help
	quickRetry = 5 * time.Second  // when the connection was given up
	maxBackoff = 30 * time.Second // slack-go would go on to five minutes
	ackTime    = 2500 * time.Millisecond
)

// Run takes what people do until ctx ends, and then waits for what is under
// way. By Socket Mode it keeps the connection, whatever happens to it; by
// HTTP it only checks the token, for the requests come to HTTP.
func (s *Slack) Run(ctx context.Context) error {
	defer s.quick.stop()
	defer s.crew.stop()
	var forgetting sync.WaitGroup
	forgetting.Go(func() { s.forgetOld(ctx) })
	defer forgetting.Wait()
	try := s.connect
	if s.opt.Mode == HTTP {
		try = s.greet
	}
	for ctx.Err() == nil {
		pause := s.judge(ctx, try(ctx))
		timer := time.NewTimer(pause + rand.N(pause/4+1))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	s.connected(false, "")
	return nil
}

// judge says in log and status what an administrator must do, and how long
// to wait before the next try.
func (s *Slack) judge(ctx context.Context, err error) time.Duration {
	if err == nil || ctx.Err() != nil {
		return quickRetry
	}
	f := explain(err)
	if s.opt.Mode == Socket {
		f = explainSocket(err)
	}
	if f.code == adapters.Denied {
		s.connected(false, f.what)
		s.log.Error("slack: not connected", "what to do", f.what, "error", f.cause)
		return slowRetry
	}
	s.connected(false, "")
	s.log.Warn("slack: not connected, trying again", "error", f)
	return quickRetry
}

// explainSocket reads an error of opening a connection: there it is about the
// app's token, or its settings.
func explainSocket(err error) *fault {
	var status sdk.StatusCodeError
	switch {
	case errors.As(err, &status) && status.Code == http.StatusNotFound:
		return &fault{code: adapters.Denied, what: "Slack offers no connection: switch on \"Socket Mode\" for the app", cause: err}
	case is(err, "invalid_auth", "not_authed", "not_allowed_token_type", "missing_scope", "token_revoked", "account_inactive"):
		return &fault{code: adapters.Denied, cause: err,
			what: "Slack does not take the app token: make one with the scope connections:write under \"Basic Information\", \"App-Level Tokens\" of the app"}
	}
	return explain(err)
}

// greet checks the token, then waits.
func (s *Slack) greet(ctx context.Context) error {
	if _, err := s.whoami(ctx); err != nil {
		return err
	}
	s.connected(true, "")
	<-ctx.Done()
	return nil
}

// connect keeps connections until one cannot be had.
func (s *Slack) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	client := socketmode.New(s.api, socketmode.OptionReadLimit(4<<20))
	var reading sync.WaitGroup
	reading.Go(func() { s.read(ctx, cancel, client) })
	err := client.RunContext(ctx)
	cancel()
	reading.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// read hands on what comes. It never waits for a handler: while it did, the
// server's pings would go unanswered.
func (s *Slack) read(ctx context.Context, giveUp context.CancelFunc, client *socketmode.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-client.Events:
			s.socketEvent(ctx, giveUp, client, e)
		}
	}
}

func (s *Slack) socketEvent(ctx context.Context, giveUp context.CancelFunc, client *socketmode.Client, e socketmode.Event) {
	switch e.Type {
	case socketmode.EventTypeHello:
		s.connected(true, "")
	case socketmode.EventTypeConnecting:
		s.connected(false, "")
	case socketmode.EventTypeConnectionError:
		if failed, ok := e.Data.(*sdk.ConnectionErrorEvent); ok && failed.Backoff > maxBackoff {
			giveUp()
		}
	case socketmode.EventTypeErrorWriteFailed:
		s.log.Debug("slack: an acknowledgement was not sent; Slack repeats the envelope")
	case socketmode.EventTypeErrorBadMessage:
		if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
			s.badEnvelope(ctx, client, bad)
		}
	case socketmode.EventTypeEventsAPI, socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive:
		s.envelope(ctx, client, e.Request)
	}
}

// badEnvelope takes what slack-go could not read: mostly an event of a newer
// Slack, which our own reading may understand or leave alone.
func (s *Slack) badEnvelope(ctx context.Context, client *socketmode.Client, bad *socketmode.ErrorBadMessage) {
	var r socketmode.Request
	if err := json.Unmarshal(bad.Message, &r); err != nil || r.EnvelopeID == "" {
		s.count(func(st *Status) { st.Malformed++ })
		s.log.Debug("slack: unreadable frame", "error", bad.Cause)
		return
	}
	s.envelope(ctx, client, &r)
}

func (s *Slack) envelope(ctx context.Context, client *socketmode.Client, r *socketmode.Request) {
	begun := time.Now()
	ack := func(payload any) {
		ctx, cancel := context.WithTimeout(ctx, ackTime)
		defer cancel()
		if err := client.AckCtx(ctx, r.EnvelopeID, payload); err != nil {
			s.log.Warn("slack: cannot acknowledge", "error", err)
			return
		}
		s.acknowledged(begun)
	}
	s.take(incoming{kind: r.Type, id: r.EnvelopeID, payload: r.Payload}, ack)
}

// acknowledged counts what took long enough to be noticed.
func (s *Slack) acknowledged(begun time.Time) {
	if time.Since(begun) > 300*time.Millisecond {
		s.count(func(st *Status) { st.Late++ })
	}
}
