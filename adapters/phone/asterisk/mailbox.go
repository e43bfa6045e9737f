package asterisk

import (
	"context"
	"strings"
	"sync"

	"github.com/CyCoreSystems/ari/v5"
)

// A mailbox holds the events of one channel in their order. It has no bound:
// a channel lasts for minutes, and only events that are waited for come here.
type mailbox struct {
	mu     sync.Mutex
	events []ari.Event
	ready  chan struct{} // has a token when there are events
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

func (b *mailbox) put(e ari.Event) {
	b.mu.Lock()
	b.events = append(b.events, e)
	b.mu.Unlock()
	b.nudge()
}

func (b *mailbox) nudge() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// take gives the oldest event; nil when there is none.
func (b *mailbox) take() ari.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.events) == 0 {
		return nil
	}
	e := b.events[0]
	if b.events = b.events[1:]; len(b.events) > 0 {
		b.nudge()
	}
	return e
}

// open gives the mailbox of a channel that is about to be there: events may
// come before the answer to the request that made it.
func (a *Asterisk) open(channel string) *mailbox {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := newMailbox()
	a.boxes[channel] = b
	delete(a.condemned, channelPath(channel)) // somebody cares for it now
	return b
}

func (a *Asterisk) shut(channel string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.boxes, channel)
}

// deliver puts an event into the mailbox of its channel or, with a Local
// channel, of the near leg: the far one tells why nobody was reached. A
// channel that nobody here has made is somebody who calls in.
func (a *Asterisk) deliver(ctx context.Context, e ari.Event) {
	for _, id := range channelsOf(e) {
		b, condemned := a.boxOf(id)
		if condemned {
			a.wantSweeper()
		}
		if b != nil {
			b.put(e)
		}
		if condemned || b != nil {
			return
		}
	}
	if start, ok := e.(*ari.StasisStart); ok && start.Channel.ID != "" && len(start.Args) > 0 && start.Args[0] == inbound {
		a.receive(ctx, start)
	}
}

// boxOf gives the mailbox of a channel, and tells whether the channel must
// not be.
func (a *Asterisk) boxOf(id string) (b *mailbox, condemned bool) {
	near, _ := strings.CutSuffix(id, farLeg)
	a.mu.Lock()
	defer a.mu.Unlock()
	_, condemned = a.condemned[channelPath(near)]
	if b := a.boxes[id]; b != nil {
		return b, condemned
	}
	return a.boxes[near], condemned
}

// farLeg ends the id of the other leg of a Local channel.
const farLeg = ";2"

// channelsOf names the channels that an event is about.
func channelsOf(e ari.Event) []string {
	switch e := e.(type) {
	case *ari.StasisStart:
		return []string{e.Channel.ID}
	case *ari.StasisEnd:
		return []string{e.Channel.ID}
	case *ari.ChannelDestroyed:
		return []string{e.Channel.ID}
	case *ari.ChannelDtmfReceived:
		return []string{e.Channel.ID}
	case *ari.ChannelHangupRequest:
		return []string{e.Channel.ID}
	case *ari.PlaybackFinished:
		return []string{strings.TrimPrefix(e.Playback.TargetURI, "channel:")}
	case *ari.Dial:
		return []string{e.Peer.ID, e.Caller.ID}
	case *ari.RecordingFinished:
		return []string{strings.TrimPrefix(e.Recording.TargetURI, "channel:")}
	case *ari.RecordingFailed:
		return []string{strings.TrimPrefix(e.Recording.TargetURI, "channel:")}
	}
	return nil
}
