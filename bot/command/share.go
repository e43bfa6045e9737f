package command

import (
	"fmt"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/knowhow"
)

// ButtonShare shows everybody in a channel what only one person was answered.
// Its value is the component and the channel.
const ButtonShare = "share"

// shareButton is offered where others read.
func (c *call) shareButton(e *knowhow.Entry) []chat.Button {
	if c.channel == "" {
		return nil
	}
	return []chat.Button{{ID: ButtonShare, Value: e.Name + " " + c.channel, Label: c.p.Say("button.share")}}
}

// share posts a component's know-how in a channel, in the language of who
// shows it. Pressed twice within a minute it is one message.
func (c *call) share(value string) (chat.Reply, error) {
	component, channel, _ := strings.Cut(value, " ")
	base := c.KnowHow.Base()
	e, ok := base.Entry(component)
	if !ok || channel == "" {
		return say(c.p.Say("reply.nobutton")), nil
	}
	m := chat.Message{
		Key: fmt.Sprintf("share/%s/%s/%d", e.Name, c.person.ID, c.Now().Truncate(time.Minute).Unix()), To: channel, Lang: c.p.Lang(), Sent: c.Now(),
		Title: c.p.Say("share.title", "name", c.person.Name, "title", e.Title.In(c.p.Lang())), Link: brief.EntryPage(c.URL, e.Name),
		Sections: brief.Entry(c.p, c.Roster, base, e, c.URL),
	}
	switch err := c.Chat.Send(c.ctx, m); {
	case err == nil:
		return say(c.p.Say("did.shared")), nil
	case adapters.Lasting(err):
		return say(c.p.Say("reply.noshare")), err
	default:
		return c.trouble(), err
	}
}
