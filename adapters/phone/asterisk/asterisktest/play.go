package asterisktest

import (
	"slices"
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
	heard      []*Heard // what plays now, of everybody who hears it
	begun      time.Time
	left       time.Duration // of what plays, when it is paused
	item       chan struct{} // closed when the item ends early
	started    chan struct{} // closed when the first item began
}

// show is a playback as ARI shows it.
func (p *playback) show() obj {
	o := obj{"id": p.id, "media_uri": p.media[p.index], "target_uri": p.target, "language": p.lang, "state": p.state}
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

// schedule lets a playback begin that is the first of its queue.
func (a *Asterisk) schedule(p *playback) {
	a.later(reaction, p.item, func() {
		if p.state == "queued" {
			p.begin()
		}
	})
}

// startNow begins at once unless something is before it.
func (p *playback) startNow() bool {
	if p.channel != nil && p.channel.queue[0] != p {
		return false
	}
	p.begin()
	return true
}

// begin plays the item of the list whose turn it is. The lock is held.
func (p *playback) begin() {
	p.state = "playing"
	p.tell("PlaybackStarted")
	select {
	case <-p.started:
	default:
		close(p.started)
	}
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
		p.begin()
		return
	}
	p.drop()
	p.nextInQueue()
}

// over ends what plays. In a list the next item follows, unless it was the
// call that ended.
func (p *playback) over(how How, state string) {
	close(p.item)
	p.item = make(chan struct{})
	for _, h := range p.heard {
		h.end(how)
	}
	if how != CutOff && p.index+1 < len(p.media) {
		p.state = "continuing"
		p.tell("PlaybackContinuing")
		p.index++
		p.begin()
		return
	}
	p.state = state
	p.tell("PlaybackFinished")
	p.drop()
	if how != CutOff {
		p.nextInQueue()
	}
}

// drop forgets a playback without a word.
func (p *playback) drop() {
	delete(p.a.playbacks, p.id)
	select {
	case <-p.item:
	default:
		close(p.item)
	}
	select {
	case <-p.started:
	default:
		close(p.started)
	}
	if p.channel != nil {
		p.channel.queue = slices.DeleteFunc(p.channel.queue, func(other *playback) bool { return other == p })
	}
}

func (p *playback) nextInQueue() {
	if p.channel != nil && len(p.channel.queue) > 0 {
		p.a.schedule(p.channel.queue[0])
	}
}

// silence ends everything that plays or records on a channel that ends.
func (a *Asterisk) silence(c *channel) {
	if len(c.queue) > 0 && c.queue[0].state != "queued" {
		c.queue[0].over(CutOff, "failed")
	}
	for len(c.queue) > 0 { // Asterisk says nothing of those that waited
		c.queue[0].drop()
	}
	if c.recording != nil {
		c.recording.finish()
	}
}

// control moves within what plays; a tone has nowhere to go.
func (p *playback) control(operation string) {
	if p.left == endless || p.state == "queued" {
		return
	}
	const skip = 3 * time.Second
	played := p.left
	if p.state == "playing" {
		p.left = max(0, p.left-time.Duration(float64(time.Since(p.begun))*p.a.speed))
		played -= p.left
		close(p.item)
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
