package asterisk

import (
	"context"
	"encoding/json"

	"github.com/CyCoreSystems/ari/v5"
)

// take hands one event to whom it concerns. What cannot be read is counted
// and skipped: newer Asterisks have events that nobody here needs.
func (a *Asterisk) take(ctx context.Context, data []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(data, &head) != nil {
		a.opt.Count("unreadable event")
		return nil
	}
	if !concerns[head.Type] {
		a.unconcerned(head.Type, data)
		return nil
	}
	event, err := ari.DecodeEvent(data)
	if err != nil {
		a.opt.Count("unreadable event")
		a.log.Warn("an event of Asterisk cannot be read; a call may miss it and go on by its deadlines", "type", head.Type, "err", err)
		return nil
	}
	if replaced, ok := event.(*ari.ApplicationReplaced); ok && replaced.Application == a.opt.App {
		return errTaken
	}
	a.deliver(ctx, event)
	return nil
}

// maxKinds is more types of events than any Asterisk has.
const maxKinds = 256

// unconcerned counts an event that nothing waits for, if it is of a type that
// nobody here has heard of: a newer Asterisk may tell something by it that
// another event has told before. The log has each type once. Only the reader
// of the websocket calls it.
func (a *Asterisk) unconcerned(kind string, data []byte) {
	known, seen := a.kinds[kind]
	if !seen {
		_, err := ari.DecodeEvent(data)
		known = err == nil
		if len(a.kinds) < maxKinds {
			a.kinds[kind] = known
		}
		if !known && len(a.kinds) < maxKinds {
			a.log.Info("Asterisk tells events of a type that is not known here; they are skipped", "type", kind)
		}
	}
	if !known {
		a.opt.Count("unknown event")
	}
}

// concerns are the events that anything here waits for.
var concerns = map[string]bool{
	"StasisStart": true, "StasisEnd": true, "ChannelDestroyed": true, "ChannelDtmfReceived": true, "ChannelHangupRequest": true,
	"PlaybackFinished": true, "Dial": true, "RecordingFinished": true, "RecordingFailed": true, "ApplicationReplaced": true,
}
