package runner

import (
	"encoding/json"
	"fmt"

	"tebiki/escalation"
	"tebiki/store/outbox"
)

// The destinations of effects.
const (
	Tracker = "tracker"
	Chat    = "chat"
	Phone   = "phone"
)

// itemsOf gives the effects the form in which they wait to be delivered.
//
// An incident's news in chat share a lane, so that they come in order; so do
// its changes to tickets, whose sub-tickets need the ticket. Its pages in
// chat have a lane of their own: a page that cannot be sent must be known at
// once, not after the news before it, and a channel that takes nothing must
// not hold up what people are told. Calls are in the lane of their person,
// who has one ear. When lines or the chat's time are scarce the graver pages go
// first.
func itemsOf(effects []escalation.Effect) ([]outbox.Item, error) {
	items := make([]outbox.Item, len(effects))
	for i, e := range effects {
		body, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encode the effect %s: %w", e.Key, err)
		}
		it := outbox.Item{Dest: Tracker, Lane: e.Incident.String(), Kind: string(e.Kind), Key: e.Key, Created: e.At, Body: body}
		switch {
		case e.Kind == escalation.Reach && e.Channel == escalation.Phone:
			it.Dest, it.Lane, it.Urgent, it.Weight = Phone, e.Person, true, uint8(e.Gravity)
		case e.Kind == escalation.Reach:
			it.Dest, it.Lane, it.Urgent, it.Weight = Chat, it.Lane+"/page", true, uint8(e.Gravity)
		case e.Kind == escalation.Announce:
			it.Dest, it.Lane = Chat, it.Lane+"/team"
		case e.Kind == escalation.Tell || e.Kind == escalation.Refresh:
			it.Dest = Chat
		}
		items[i] = it
	}
	return items, nil
}
