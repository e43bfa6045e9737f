package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/jira"
	"tebiki/adapters/tracker/local"
	"tebiki/adapters/tracker/redmine"
	"tebiki/adapters/tracker/remote"
	"tebiki/bot/config"
	"tebiki/store"
	"tebiki/store/outbox"
)

// firstLook is how long the start waits for the tracker: one that is away must
// keep nobody from being paged. What changes from then on is read when it is
// there.
const firstLook = 5 * time.Second

// pace is how long a tracker is left alone between two searches for changes,
// however often its webhooks tell of some.
const pace = time.Second

// buildTracker makes the tracker that the configuration names; Tebiki's own
// when it names none.
func (a *App) buildTracker(transport http.RoundTripper) error {
	if a.cfg.Tracker == nil {
		a.tracker = local.New(a.store, "")
		return nil
	}
	t, err := openTracker(a.cfg, a.store, transport, a.log)
	if err != nil {
		return fmt.Errorf("set up the tracker: %w", err)
	}
	a.tracker = t
	if j, ok := t.(*jira.Jira); ok && a.cfg.Tracker.WebhookSecret.IsSet() {
		return a.listenToTracker(j)
	}
	return nil
}

// Remote is a tracker elsewhere.
type Remote interface {
	tracker.Tracker
	tracker.Doctor
}

// OpenTracker makes the adapter of the configuration's tracker elsewhere. It
// calls nothing yet.
func OpenTracker(cfg *config.Config, st store.Store, log *slog.Logger) (Remote, error) {
	return openTracker(cfg, st, nil, log)
}

func openTracker(cfg *config.Config, st store.Store, transport http.RoundTripper, log *slog.Logger) (Remote, error) {
	if transport == nil {
		var err error
		if transport, err = remote.Transport(cfg.Tracker.CA); err != nil {
			return nil, err
		}
	}
	if cfg.Tracker.Kind == config.Redmine {
		return redmine.New(redmineOptions(cfg.Tracker, st, transport, log))
	}
	return jira.New(jiraOptions(cfg, st, transport, log))
}

func redmineOptions(c *config.Tracker, st store.Store, transport http.RoundTripper, log *slog.Logger) redmine.Options {
	return redmine.Options{
		Address: c.URL, Key: c.Token.Reveal(), Project: c.Project, Store: st, Transport: transport, Log: log,
		TicketType: c.Type, SubticketType: c.Subtype, Statuses: statuses(c.Statuses), Priorities: priorities(c.Priorities),
		Fields: c.Fields, Values: c.Defaults, LabelField: c.LabelField, Fallback: c.Component, Format: redmine.Format(c.Format), Since: c.Since,
	}
}

func jiraOptions(cfg *config.Config, st store.Store, transport http.RoundTripper, log *slog.Logger) jira.Options {
	c := cfg.Tracker
	o := jira.Options{
		URL: c.URL, Project: c.Project, Mail: c.Mail, Token: c.Token.Reveal(), Store: st, Transport: transport, Log: log,
		Type: c.Type, SubType: c.Subtype, LinkType: c.Link, Component: c.Component, Fields: c.Fields, Defaults: c.Defaults, OnMove: c.OnMove,
		Statuses: statuses(c.Statuses), Priorities: priorities(c.Priorities), Since: c.Since, Secret: c.WebhookSecret.Reveal(),
		Pace: min(pace, c.Every),
	}
	for _, p := range cfg.Roster.People() {
		o.People = append(o.People, p.Tracker)
	}
	return o
}

func statuses(in map[string][]string) map[tracker.Status][]string {
	out := map[tracker.Status][]string{}
	for s, names := range in {
		out[tracker.Status(s)] = names
	}
	return out
}

func priorities(in map[string]string) map[tracker.Priority]string {
	out := map[tracker.Priority]string{}
	for p, name := range in {
		out[tracker.Priority(p)] = name
	}
	return out
}

// listenToTracker takes an address of its own: webhooks may come from the
// internet, where the console has no business.
func (a *App) listenToTracker(events http.Handler) error {
	ln, err := net.Listen("tcp", a.cfg.Tracker.Listen)
	if err != nil {
		return fmt.Errorf("take the tracker's webhooks on %s: %w: correct tracker.listen", a.cfg.Tracker.Listen, err)
	}
	a.trackerDoor, a.trackerEvents = ln, events
	a.closeLater(ln)
	return nil
}

// beginWatch marks from where on changes are read. A tracker that is away is
// asked again by the watch.
func (a *App) beginWatch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	err := a.watch.Begin(ctx)
	var away *adapters.Error
	if errors.As(err, &away) || errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("the tracker is away; paging goes on, and tickets follow", "err", err)
		return nil
	}
	return err
}

// patiently tells the outbox how long a tracker asks to be left alone.
func patiently(handle outbox.Handler) outbox.Handler {
	return func(ctx context.Context, it outbox.Item) error {
		err := handle(ctx, it)
		var e *adapters.Error
		if errors.As(err, &e) && e.Code == adapters.Throttled && e.After > 0 {
			return outbox.Error{Err: err, After: e.After, Pause: true}
		}
		return err
	}
}
