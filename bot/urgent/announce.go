package urgent

import (
	"context"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/store/outbox"
)

// announce brings the team's channel up to date: one message for each
// incident that says how things stand now, and in its thread what happened.
// A channel that cannot be had is for the log: people were paged by their own
// messages.
func (f *Flow) announce(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	team := f.team(&inc)
	if team.Channel == "" {
		return f.Outbox.Settle(ctx, it, nil)
	}
	happened, err := f.happened(ctx, e)
	if err != nil {
		return err
	}
	_, gone, err = TicketGone(ctx, f.Store, inc.ID)
	if err != nil {
		return err
	}
	messages := []chat.Message{f.announcement(&inc, gone, team)}
	if len(happened) > 0 {
		messages = append(messages, f.chapter(e, team, happened))
	}
	for _, m := range messages {
		switch err := f.Chat.Send(ctx, m); {
		case err == nil:
		case !adapters.Lasting(err):
			return err
		default:
			f.Log.Warn("an incident is not in its team's channel", "incident", inc.ID, "channel", team.Channel, "err", err)
			return f.Outbox.Settle(ctx, it, nil)
		}
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// happened reads the lines of the history that the effect is about.
func (f *Flow) happened(ctx context.Context, e escalation.Effect) (out []escalation.Line, err error) {
	all, err := f.Core.History(ctx, e.Incident)
	for _, l := range all {
		if e.From <= l.N && l.N <= e.To {
			out = append(out, l)
		}
	}
	return out, err
}

// announcement is the message about an incident in its team's channel. The
// know-how is a click away: a channel is read by many who need not act.
func (f *Flow) announcement(inc *escalation.Incident, ticketGone bool, team roster.Team) chat.Message {
	p := text.For(team.Lang, team.Zone)
	standing := f.standing(p, inc, ticketGone)
	if next, ok := f.Rules.NextPage(inc); ok {
		standing += "\n\n" + p.Markdown("standing.next."+string(next.Channel), "name", f.Roster.Name(next.Person), "time", next.At)
	}
	m := f.head(p, inc, team.Channel, standing)
	m.Buttons = f.teamButtons(p, inc)
	return m
}

// teamButtons are those of the person's message, and what only others want:
// to call whose turn it is when this cannot wait, and to take it over.
func (f *Flow) teamButtons(p text.Printer, inc *escalation.Incident) []chat.Button {
	out, id := buttons(p, inc), inc.ID.String()
	switch {
	case inc.Status == escalation.Open && inc.Now != "":
		out = append(out, chat.Button{ID: ButtonCall, Value: id, Label: p.Say("button.call", "name", f.Roster.Name(inc.Now))})
	case inc.Status == escalation.Acknowledged:
		out = append(out, chat.Button{ID: ButtonAck, Value: id, Label: p.Say("button.take")})
	}
	return out
}

// maxLine is how many characters of a line are told: an alert's summary may
// be of any length.
const maxLine = 300

// chapter is what happened, in the thread of the announcement.
func (f *Flow) chapter(e escalation.Effect, team roster.Team, lines []escalation.Line) chat.Message {
	p := text.For(team.Lang, team.Zone)
	m := chat.Message{Key: e.Key, To: team.Channel, Thread: MessageKey(e.Incident), Lang: p.Lang(), Sent: e.At}
	var list strings.Builder
	for i, l := range lines {
		sentence := brief.Plain(p.Clock(l.At)+" "+brief.Line(p, f.Roster, l), maxLine)
		if i == 0 {
			m.Title = sentence
			continue
		}
		list.WriteString("- " + chat.Line(sentence) + "\n")
	}
	if list.Len() > 0 {
		m.Sections = []chat.Section{{Markdown: list.String()}}
	}
	return m
}
