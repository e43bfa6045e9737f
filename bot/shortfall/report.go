package shortfall

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/text"
	"tebiki/store"
	"tebiki/store/outbox"
)

const kind = "shortfall"

// What there is to report.
const (
	omitted = "omitted"
	refused = "refused"
	login   = "login"
	denied  = "denied"
	unread  = "unread"
	away    = "away"
)

// A report is the body of a message's item.
type report struct {
	What    string             `json:"what"`
	Ticket  string             `json:"ticket,omitempty"`
	Title   string             `json:"title,omitempty"`
	Omitted []tracker.Omission `json:"omitted,omitempty"`
	Words   string             `json:"words,omitempty"` // the tracker's
}

// Routes lists what is delivered.
func (t *Tracker) Routes() []outbox.Route {
	return []outbox.Route{{Dest: "chat", Kind: kind, Handle: t.deliver}}
}

// tell leaves a message to the leader, unless today there are enough that
// begin alike. That it could not be left is for the
// log, and takes nothing from what the flow does.
func (t *Tracker) tell(ctx context.Context, alike, key string, r report) {
	if !t.first(alike, key) {
		return
	}
	body, err := json.Marshal(r)
	if err == nil {
		err = t.Store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error {
			return outbox.Add(tx, outbox.Item{Dest: "chat", Lane: kind, Kind: kind, Key: key, Created: time.Now(), Body: body})
		})
	}
	if err != nil {
		t.forget(key)
		t.Log.Error("the leader does not hear what the tracker did not take", "what", r.What, "ticket", r.Ticket, "title", r.Title, "err", err)
		return
	}
	t.Outbox.Wake()
}

func (t *Tracker) deliver(ctx context.Context, it outbox.Item) error {
	var r report
	if err := json.Unmarshal(it.Body, &r); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	leader, ok := t.Roster.Leader(t.Team)
	if !ok {
		t.Log.Warn("the tracker does not take everything, and there is no leader to tell", "what", r.What, "ticket", r.Ticket, "words", r.Words)
		return t.Outbox.Settle(ctx, it, nil)
	}
	m := t.message(text.For(leader.Lang, leader.Zone), r)
	m.Key, m.To, m.Sent = it.Key, leader.Chat, it.Created
	if err := t.Chat.Send(ctx, m); err != nil && !adapters.Lasting(err) {
		return err
	} else if err != nil {
		t.Log.Warn("the chat does not take what a leader should know of the tracker", "leader", leader.ID, "what", r.What, "err", err)
	}
	return t.Outbox.Settle(ctx, it, nil)
}

// How much is shown of what comes from outside, in characters.
const maxTitle, maxWords, maxOmitted = 200, 500, 20

func (t *Tracker) message(p text.Printer, r report) chat.Message {
	title := brief.Plain(r.Title, maxTitle)
	m := chat.Message{Lang: p.Lang(), Title: p.Say("shortfall.title."+r.What, "ticket", r.Ticket, "title", title)}
	body := p.Markdown("shortfall."+r.What, "words", brief.Plain(r.Words, maxWords))
	if r.Ticket != "" {
		m.Link = brief.Absolute(t.Site, t.URL(r.Ticket))
	}
	if r.Words != "" && r.What != refused { // which has them in its text
		body = p.Markdown("shortfall.words", "words", brief.Plain(r.Words, maxWords)) + "\n\n" + body
	}
	if len(r.Omitted) > 0 {
		body = lines(p, r.Omitted) + "\n\n" + body
	}
	m.Sections = []chat.Section{{Markdown: body}}
	return m
}

// lines lists what was left out.
func lines(p text.Printer, all []tracker.Omission) string {
	var b strings.Builder
	for _, o := range all[:min(len(all), maxOmitted)] {
		key := "shortfall.line"
		if o.Why == "" {
			key = "shortfall.line.bare"
		}
		line := p.Markdown(key, "field", brief.Plain(o.Field, maxTitle), "value", brief.Plain(o.Value, maxTitle), "words", brief.Plain(o.Why, maxWords))
		b.WriteString("- " + line + "\n")
	}
	if more := len(all) - maxOmitted; more > 0 {
		b.WriteString("- " + p.Markdown("alerts.more", "n", more) + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
