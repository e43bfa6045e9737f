package asterisktest

import (
	"time"
)

// A playback is a list of media for a channel or a bridge.
type playback struct {
	a          *Asterisk
	id, target string
	lang       string
	media      []string
	index      int
	state      string
	stoppable  bool // stays true once an item was
	channel    *channel
	bridge     *bridge
	heard      []*hearing // what plays now, of everybody who hears it
	begun      time.Time
	left       time.Duration // of what plays, when it is paused
	item       chan struct{} // closed when the item ends early
	started    chan struct{} // closed when the first item began
}

// show is a playback as ARI shows it.
func (p *playback) show() obj {
	o := obj{"id": p.id, "media_uri": p.media[p.index], "target_uri": p.target, "language": p.lang, "state": p.state}
	if p.state == canceled {
		o["state"] = "done"
	}
	if p.index+1 < len(p.media) {
		o["next_media_uri"] = p.media[p.index+1]
	}
	return o
}

func (p *playback) tell(kind string) {
	more := obj{"playback": p.show()}
	if p.bridge != nil {
		p.a.emitBridge(p.bridge, kind, more)
		return
	}
	p.a.emit(p.channel, kind, more)
}

func (p *playback) waits() bool { return p.state == "queued" || p.state == canceled }

// canceled is the state, not shown, of what was stopped before it began: that
// is told when its turn comes.
const canceled = "canceled"

// begin is the turn of this playback. The lock is held.
func (p *playback) begin() {
	if p.state == canceled {
		p.finish("done")
		return
	}
	p.next()
	shut(p.started)
}

// next plays the item of the list whose turn it is.
func (p *playback) next() {
	p.state = "playing"
	p.tell("PlaybackStarted")
	media := p.media[p.index]
	length, stoppable, err := p.a.length(media)
	p.stoppable = p.stoppable || stoppable
	p.begun, p.left = time.Now(), length
	p.heard = nil
	for _, l := range p.listeners() {
		p.heard = append(p.heard, l.hear(media))
		if err == nil {
			l.firstAudio()
		}
	}
	switch {
	case err != nil:
		p.missing(err)
	case length != endless:
		p.goOn(p.a.shortened(length))
	}
}

func (p *playback) listeners() []*line {
	if p.bridge != nil {
		return p.bridge.lines()
	}
	return []*line{p.channel.line}
}

func (p *playback) goOn(d time.Duration) {
	p.begun = time.Now()
	p.a.later(d, p.item, func() { p.over(Finished, "done") })
}

// missing is an item that cannot be played.
func (p *playback) missing(err error) {
	if err != errSilent {
		p.over(Missing, "failed")
		return
	}
	for _, h := range p.heard {
		h.end(Missing)
	}
	if p.index+1 < len(p.media) {
		p.index++
		p.next()
		return
	}
	p.drop()
}

// over ends what plays. In a list the next item follows, unless it was the
// call that ended.
func (p *playback) over(how How, state string) {
	shut(p.item)
	p.item = make(chan struct{})
	for _, h := range p.heard {
		h.end(how)
	}
	if how != CutOff && p.index+1 < len(p.media) {
		p.state = "continuing"
		p.tell("PlaybackContinuing")
		p.index++
		p.next()
		return
	}
	p.finish(state)
}

func (p *playback) finish(state string) {
	p.state = state
	p.tell("PlaybackFinished")
	p.drop()
}

func (p *playback) cutOff() { p.over(CutOff, "failed") }

// drop forgets a playback without a word.
func (p *playback) drop() {
	delete(p.a.playbacks, p.id)
	shut(p.item)
	shut(p.started)
	if p.channel != nil {
		p.a.dequeue(p.channel, p)
	}
}

// shut closes a channel that may be closed already. The lock is held.
func shut(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// control moves within what plays; a tone has nowhere to go.
func (p *playback) control(operation string) {
	if p.left == endless || p.waits() {
		return
	}
	const skip = 3 * time.Second
	played := p.left
	if p.state == "playing" {
		p.left = max(0, p.left-time.Duration(float64(time.Since(p.begun))*p.a.speed))
		played -= p.left
		shut(p.item)
		p.item = make(chan struct{})
	}
	switch operation {
	case "pause":
		p.state = "paused"
		return
	case "unpause":
		p.state = "playing"
	case "restart":
		p.left += played
	case "reverse":
		p.left += min(skip, played)
	case "forward":
		p.left = max(0, p.left-skip)
	}
	p.goOn(p.a.shortened(p.left))
}
