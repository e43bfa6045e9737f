package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack"
	"tebiki/adapters/web"
	"tebiki/bot/config"
	"tebiki/bot/console"
	"tebiki/bot/roster"
	"tebiki/bot/unreached"
	"tebiki/store"

	chatconsole "tebiki/adapters/chat/console"
)

// buildChat makes the chat that the configuration names; the console's own
// when it names none.
func (a *App) buildChat() error {
	if a.cfg.Slack == nil {
		a.messages = chatconsole.New(a.store)
		a.chat = a.messages
		return nil
	}
	opt := SlackOptions(a.cfg, a.store)
	opt.Log = a.log
	s, err := slack.New(opt)
	if err != nil {
		return fmt.Errorf("set up Slack: %w", err)
	}
	a.slack = s
	a.chat = &unreached.Chat{Within: s, Roster: a.cfg.Roster, Log: a.log}
	if a.cfg.Slack.HTTP {
		return a.listenToSlack()
	}
	return nil
}

// SlackOptions are the adapter's, from the configuration's.
func SlackOptions(cfg *config.Config, st store.Store) slack.Options {
	c := cfg.Slack
	team, _ := cfg.Roster.Team(cfg.RequestTeam)
	opt := slack.Options{
		Lang:     team.Lang,
		BotToken: c.BotToken.Reveal(), AppToken: c.AppToken.Reveal(), SigningSecret: c.SigningSecret.Reveal(),
		APIURL: c.API, MaxWait: c.Wait, Keep: cfg.Retain, Mode: slack.Socket, Store: st, Opens: []string{"/request"},
		Knows: func(address string) bool { _, ok := cfg.Roster.ByChat(address); return ok },
	}
	if c.HTTP {
		opt.Mode = slack.HTTP
	}
	return opt
}

// listenToSlack takes an address of its own: Slack's requests come from the
// internet, where the console has no business.
func (a *App) listenToSlack() error {
	ln, err := net.Listen("tcp", a.cfg.Slack.Listen)
	if err != nil {
		return fmt.Errorf("take Slack's requests on %s: %w: correct slack.listen", a.cfg.Slack.Listen, err)
	}
	a.slackDoor = ln
	a.closeLater(ln)
	return nil
}

// runSlack takes what people do in Slack until ctx ends.
func (a *App) runSlack(ctx context.Context) error {
	if a.slackDoor == nil {
		return a.slack.Run(ctx)
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.slack.Run(run) }()
	err := answer(ctx, a.slackDoor, a.slack.HTTP())
	stop()
	return errors.Join(err, <-ended)
}

// answer serves what comes in from a vendor until ctx ends. What is cut off
// then they send again.
func answer(ctx context.Context, ln net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served: // nobody asked it to
		return err
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), Drain/4)
	defer cancel()
	err := srv.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) {
		err = srv.Close()
	}
	<-served
	return err
}

// readAlong tells whether a team has a channel for its incidents.
func readAlong(r *roster.Roster) bool {
	return slices.ContainsFunc(r.Teams(), func(t roster.Team) bool { return t.Channel != "" })
}

// chatTime is how long one delivery may take: with Slack as long as its rate
// limits are waited for besides.
func (a *App) chatTime() time.Duration {
	if a.cfg.Slack == nil {
		return chatTimeout
	}
	return a.cfg.Slack.Wait + chatTimeout
}

// handle gives the chat whoever answers it.
func (a *App) handle(h chat.Handler) {
	if a.slack != nil {
		a.slack.SetHandler(h)
		return
	}
	a.messages.SetHandler(h)
}

// webMessages are the pages of the console's own chat; none where people
// chat elsewhere.
func (a *App) webMessages() web.Messages {
	if a.messages == nil {
		return nil
	}
	return console.Messages{Chat: a.messages, Roster: a.cfg.Roster}
}

func (a *App) watchMessages() func() <-chan struct{} {
	if a.messages == nil {
		return nil
	}
	return a.messages.Watch
}
