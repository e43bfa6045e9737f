package asterisktest

import (
	"time"

	"tebiki/adapters/fake"
)

// A Trouble is something that goes wrong with an event.
type Trouble struct {
	Lose  bool          // it never comes
	Times int           // it comes so often; 0 is once
	Delay time.Duration // it and all that follow come so much later
}

// Disturb lets the next n events of a type, or of any after "*", meet t. A
// negative n is until Mend.
func (a *Asterisk) Disturb(event string, n int, t Trouble) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trouble.Add(event, n, t)
}

// nextTrouble gives what an event meets. The lock is held.
func (a *Asterisk) nextTrouble(event string) Trouble {
	if t := a.trouble.Next(func(pattern string) bool { return fake.Named(pattern, event) }); t != nil {
		return *t
	}
	return Trouble{}
}

// SendRaw sends a frame as it is to all websockets: malformed ones too.
func (a *Asterisk) SendRaw(frame string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, app := range a.apps {
		app.socket.send([]byte(frame), Trouble{})
	}
}

// SendEvent sends an event of any type to all websockets: unknown ones too.
// What every event has is added.
func (a *Asterisk) SendEvent(kind string, more map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ev := event(kind, more)
	for _, app := range a.apps {
		app.tell(a, ev)
	}
	a.keep(&Entry{At: time.Now(), Kind: Event, Event: kind, Body: asText(ev)})
}

// SendUnknown sends, to all websockets, what Asterisk 22 may send and what
// client libraries made for older ones do not know: such event types, known
// types with new and with missing fields, and frames that are no JSON.
func (a *Asterisk) SendUnknown() {
	a.SendEvent("ChannelToneDetected", obj{"channel": obj{"id": "unknown-1", "name": "PJSIP/unknown-00000000", "state": "Up"}})
	a.SendEvent("ChannelTransfer", obj{"state": "channel_progress", "refer_to": obj{"requested_destination": obj{}}})
	a.SendEvent("ApplicationRegistered", nil)
	a.SendEvent("ApplicationUnregistered", nil)
	a.SendEvent("CallBroadcast", obj{"channel": nil})
	a.SendEvent("StasisStart", nil) // without a channel
	a.SendEvent("PlaybackFinished", obj{"playback": obj{"id": 7, "state": []string{"done"}}})
	a.SendEvent("DeviceStateChanged", obj{"device_state": obj{"name": "x", "state": "INUSE", "added_later": true}})
	for _, frame := range []string{"", "null", "[]", "{", "17", `"text"`, `{"type":7}`, `{"type":null}`, `{"no":"type"}`, "\x00\xff\xfe", "<html>502</html>"} {
		a.SendRaw(frame)
	}
}
