// Package unreached tells a team's leader of people whom the chat does not
// find. It stands between the flows and the chat, so that a message of any
// flow brings it to light, and no flow has to think of it.
package unreached

import (
	"context"
	"log/slog"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/roster"
	"tebiki/bot/text"
)

// A Chat sends by the chat within.
type Chat struct {
	Within chat.Chat
	Roster *roster.Roster
	Log    *slog.Logger
}

var _ chat.Chat = (*Chat)(nil)

// Send implements chat.Chat. The error is the chat's: whoever sends uses the
// next channel.
func (c *Chat) Send(ctx context.Context, m chat.Message) error {
	err := c.Within.Send(ctx, m)
	if adapters.CodeOf(err) == adapters.NotFound {
		if person, ok := c.Roster.ByChat(m.To); ok {
			c.tell(ctx, person, err)
		}
	}
	return err
}

// tell sends the leader one message for each person: a repetition is the same
// message, which the chat does not send again. The error itself is for the log.
func (c *Chat) tell(ctx context.Context, person roster.Person, reason error) {
	c.Log.Warn("the chat does not find somebody of the roster", "person", person.ID, "address", person.Chat, "err", reason)
	leader, ok := c.Roster.Leader(person.Team)
	if !ok || leader.ID == person.ID {
		return
	}
	p := text.For(leader.Lang, leader.Zone)
	err := c.Within.Send(ctx, chat.Message{
		Key: "unreached/" + person.ID, To: leader.Chat, Lang: p.Lang(),
		Title:    p.Say("unreached.title", "name", person.Name),
		Sections: []chat.Section{{Markdown: p.Markdown("unreached.what", "name", person.Name, "address", person.Chat)}},
	})
	if err != nil {
		c.Log.Warn("a leader does not know yet that the chat misses somebody", "leader", leader.ID, "person", person.ID, "err", err)
	}
}
