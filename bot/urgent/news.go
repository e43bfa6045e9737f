package urgent

import (
	"context"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/store/outbox"
)

// comment notes news on the ticket and lets the ticket follow: its assignee
// is who acknowledged, and it is open or fixed as the incident is.
func (f *Flow) comment(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	body, err := f.news(ctx, f.printer(&inc), &inc, e)
	if err != nil {
		return err
	}
	err = f.Tracker.Comment(ctx, inc.Ticket, tracker.Comment{Label: label(e.Key), Body: body})
	if err == nil {
		err = f.follow(ctx, &inc, e)
	}
	return f.written(ctx, it, &inc, err, "the tracker refuses news of an incident; it is on the incident's page", "news", e.News)
}

// written settles an item that was to be written on the incident's ticket.
// What the tracker will never take is in the log: trying again is of no use.
func (f *Flow) written(ctx context.Context, it outbox.Item, inc *escalation.Incident, err error, refused string, more ...any) error {
	switch {
	case err == nil:
	case notFound(err):
		return f.abandon(ctx, it, inc, err)
	case !adapters.Lasting(err):
		return err
	default:
		f.Log.Warn(refused, append([]any{"incident", inc.ID, "ticket", inc.Ticket, "err", err}, more...)...)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

func (f *Flow) follow(ctx context.Context, inc *escalation.Incident, e escalation.Effect) error {
	var c tracker.Change
	switch e.News {
	case escalation.NewsAcknowledged:
		person, ok := f.Roster.Person(e.By)
		if !ok {
			return nil
		}
		c.Assignee, c.By = &person.Tracker, person.Tracker
	case escalation.NewsReopened:
		open := tracker.Open
		c.Status = &open
	case escalation.NewsFixed:
		return f.followFix(ctx, inc, e.By)
	default:
		return nil
	}
	_, err := f.Tracker.Change(ctx, inc.Ticket, c)
	return err
}

// followFix fixes the ticket of an incident that a person has ended
// elsewhere. One that was fixed or closed in the tracker stays as it is.
func (f *Flow) followFix(ctx context.Context, inc *escalation.Incident, by string) error {
	t, err := f.Tracker.Ticket(ctx, inc.Ticket)
	if err != nil || t.Status != tracker.Open || inc.Status != escalation.Resolved {
		return err
	}
	person, _ := f.Roster.Person(by)
	fixed := tracker.Fixed
	_, err = f.Tracker.Change(ctx, inc.Ticket, tracker.Change{By: person.Tracker, Status: &fixed})
	return err
}

// news writes the sentence for a comment or a message.
func (f *Flow) news(ctx context.Context, p text.Printer, inc *escalation.Incident, e escalation.Effect) (string, error) {
	what, alert := brief.Headline(&inc.Root), e.Alert
	if e.News == escalation.NewsJoined {
		alert = inc.Members // more may have joined since
	}
	if alert != 0 {
		m, ok, err := f.Core.Alert(ctx, inc.ID, alert)
		if err != nil {
			return "", err
		}
		if ok {
			what = brief.Headline(&m.Alert)
		}
	}
	return p.Markdown("news."+string(e.News), "incident", inc.ID, "what", what, "by", f.Roster.Name(e.By),
		"time", e.At, "n", inc.Members, "bad", inc.Firing, "signals", inc.Signals, "reopened", inc.Reopened), nil
}
