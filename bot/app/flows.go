package app

import (
	"context"
	"time"

	"tebiki/bot/command"
	"tebiki/bot/console"
	"tebiki/bot/digest"
	"tebiki/bot/guide"
	"tebiki/bot/request"
	"tebiki/bot/review"
	"tebiki/bot/shortfall"
	"tebiki/bot/upkeep"
	"tebiki/bot/urgent"
	"tebiki/bot/watch"
	"tebiki/escalation/runner"
	"tebiki/store/outbox"
)

// How much is done at once for each destination, and how long one attempt may
// take. Calls have no limit here: a call ends by its own.
const (
	trackerWorkers = 8
	trackerTimeout = 90 * time.Second // one ticket is several requests, of 20 s each
	chatWorkers    = 16
	chatTimeout    = 10 * time.Second
	requestWorkers = 4
	requestTimeout = 5 * time.Minute
	slowWorkers    = 8 // mostly, they wait for checks
	trackerPoll    = 30 * time.Second
)

// buildFlows makes the flows and the outbox that carries out what they
// decide. Flows need the outbox to settle what they have delivered, and the
// outbox their handlers, so the handlers come through routes.
func (a *App) buildFlows(_ context.Context, o Options) error {
	checks, err := a.buildChecks(o)
	if err != nil {
		return err
	}
	team := a.cfg.RequestTeam
	a.guide = &guide.Guide{KnowHow: a.library.Base, Inventory: a.inventory, ForText: a.library.ForText}
	sf := &shortfall.Tracker{Tracker: a.tracker, Store: a.store, Chat: a.chat, Roster: a.cfg.Roster, Team: team, Site: a.url(), Log: a.log}
	a.tracker = sf
	ur := &urgent.Flow{Core: a.runner, Store: a.store, Tracker: a.tracker, Chat: a.chat, Phone: a.calls, Roster: a.cfg.Roster, Rules: a.cfg.Rules,
		Guide: a.guide, URL: a.url(), Ring: a.cfg.Phone.Ring, Repeat: a.cfg.Phone.Repeat, Log: a.log}
	rq := &request.Flow{Store: a.store, Tracker: a.tracker, Chat: a.chat, Roster: a.cfg.Roster, KnowHow: a.library.Base, Team: team, URL: a.url(), Log: a.log, Checks: checks,
		Rules: a.cfg.Rules, Inventory: a.inventory}
	rv := &review.Flow{Store: a.store, Tracker: a.tracker, Chat: a.chat, Roster: a.cfg.Roster, KnowHow: a.library.Base, Team: team,
		Patient: a.cfg.RemindAfter, URL: a.url(), Log: a.log}
	a.digest = &digest.Flow{Store: a.store, Tracker: a.tracker, Chat: a.chat, Inventory: a.inventory, Roster: a.cfg.Roster, Rules: a.cfg.Rules,
		Guide: a.guide, URL: a.url(), Log: a.log, Kind: a.cfg.Morning.Kind, GoOn: a.cfg.Morning.GoOn}
	a.upkeep = &upkeep.Flow{Store: a.store, Chat: a.chat, Roster: a.cfg.Roster, KnowHow: a.library.Base, Team: team,
		Places: upkeep.Places{Site: a.url(), Ticket: a.tracker.URL}, Log: a.log}

	var routes []outbox.Route
	for _, r := range [][]outbox.Route{ur.Routes(), rq.Routes(), rv.Routes(), a.digest.Routes(), sf.Routes(), a.upkeep.Routes()} {
		routes = append(routes, r...)
	}
	a.outbox = outbox.New(a.store, a.log, a.destinations(routes)...)
	ur.Outbox, rq.Outbox, rv.Outbox, a.digest.Outbox, sf.Outbox, a.upkeep.Outbox = a.outbox, a.outbox, a.outbox, a.outbox, a.outbox, a.outbox

	a.watch = watch.New(a.store, a.tracker, a.trackerEvery(), a.outbox.Wake, a.log, ur, rq, rv, a.digest)
	a.mornings = append(a.upkeep.Works(), a.digest.Work(), rv.Work())
	a.tickets = console.Tickets{Tracker: a.tracker, Roster: a.cfg.Roster, KnowHow: a.library.Base, Requests: rq, Reviews: rv}
	a.handle(&command.Handler{Core: a.runner, Chat: a.chat, Requests: rq, Reviews: rv, Tracker: a.tracker, Inventory: a.inventory, Checks: rq.Checks,
		Tickets: a.tickets, Roster: a.cfg.Roster, Rules: a.cfg.Rules, KnowHow: a.library, Store: a.store, Team: team, URL: a.url(), Now: time.Now, Log: a.log})
	return nil
}

// trackerEvery is how often the tracker is asked for changes.
func (a *App) trackerEvery() time.Duration {
	if a.cfg.Tracker == nil {
		return trackerPoll
	}
	return a.cfg.Tracker.Every
}

func (a *App) destinations(routes []outbox.Route) []outbox.Destination {
	dest := func(name string, workers int, timeout time.Duration) outbox.Destination {
		return outbox.Destination{Name: name, Workers: workers, Timeout: timeout, Handle: patiently(outbox.Handle(name, routes))}
	}
	return []outbox.Destination{
		dest(runner.Tracker, trackerWorkers, trackerTimeout),
		dest(runner.Chat, chatWorkers, a.chatTime()),
		dest(runner.Phone, a.cfg.Phone.Lines, 0),
		dest(request.Dest, requestWorkers, requestTimeout),
		dest(request.Slow, slowWorkers, requestTimeout),
	}
}
