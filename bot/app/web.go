package app

import (
	"context"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/console"
)

// buildWeb makes the pages and the API.
func (a *App) buildWeb(ctx context.Context, _ Options) error {
	key, err := a.sessionKey(ctx)
	if err != nil {
		return err
	}
	r := a.cfg.Roster
	a.web, err = web.New(web.Config{
		People:    console.People(r),
		Tickets:   a.tickets,
		Messages:  a.webMessages(),
		Phones:    a.webPhones(),
		Incidents: console.Incidents{Runner: a.runner, Store: a.store, Roster: r, Rules: a.cfg.Rules, Guide: a.guide, URL: a.tracker.URL, Subtickets: a.tracker.Subtickets},
		KnowHow:   a.knowHowPages(),
		Audit:     console.Audit{Log: a.audit},
		OnCall:    console.OnCall{Rules: a.cfg.Rules, Roster: r},
		Servers:   console.Servers{Inventory: a.inventory},
		Mailboxes: a.webMailboxes,
		Intake:    console.Intake{Runner: a.runner, Now: time.Now},
		Webhooks:  webhooks(a.cfg.Webhooks),
		Digest:    a.runDigest,

		KnowHowHook: a.knowHowHook(),
		Recordings:  a.webRecordings(),
		Ready:       a.ready,
		Metrics:     a.metrics(),
		Changes: web.Changes{Tickets: a.watchTickets(), Messages: a.watchMessages(), Phones: a.watchPhones(),
			Incidents: func() <-chan struct{} { return a.runner.Changed(0) }, Mailboxes: a.watchMailboxes()},
		Password: a.cfg.Password.Reveal(), Token: a.cfg.Token.Reveal(), SessionKey: key, Names: a.cfg.Hosts, Log: a.log,
	})
	return err
}

// ready tells why work cannot be done.
func (a *App) ready(context.Context) error { return a.runner.Fault() }

// watchTickets tells open pages of changes; a tracker elsewhere that knows of
// none has pages that are as they were when they were opened.
func (a *App) watchTickets() func() <-chan struct{} {
	if w, ok := a.tracker.(tracker.Waker); ok {
		return w.Changed
	}
	return nil
}

// knowHowPages are the pages of the know-how.
func (a *App) knowHowPages() console.KnowHow {
	return console.KnowHow{Library: a.library, Source: a.library.source, Roster: a.cfg.Roster, Store: a.store, Upkeep: a.upkeep, Log: a.log}
}
