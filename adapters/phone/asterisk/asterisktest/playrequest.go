package asterisktest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
)

func (a *Asterisk) play(c *call) (int, any, error) {
	ch, err := a.controlled(c)
	if err != nil {
		return 0, nil, err
	}
	p, err := a.newPlayback(c, "channel:"+ch.id)
	if err != nil {
		return 0, nil, err
	}
	p.channel = ch
	return a.queued(c, p, a.enqueue(ch, p))
}

// queued answers with a playback. When nothing is before it, its first event
// may come before the answer.
func (a *Asterisk) queued(c *call, p *playback, first bool) (int, any, error) {
	answer := p.show()
	if first {
		c.first = p.started
		if a.chance() {
			p.begin()
			answer["state"] = "playing"
		}
	}
	return http.StatusCreated, answer, nil
}

func (a *Asterisk) newPlayback(c *call, target string) (*playback, error) {
	id := c.text("playbackId")
	if len(c.path) > 1 {
		id = c.path[1]
	}
	media := c.list("media")
	switch {
	case len(media) == 0 || slices.Contains(media, ""):
		return nil, refuse(http.StatusInternalServerError, "Failed to queue media for playback")
	case c.number("skipms", 0) < 0:
		return nil, refuse(http.StatusBadRequest, "skipms cannot be negative")
	case c.number("offsetms", 0) < 0:
		return nil, refuse(http.StatusBadRequest, "offsetms cannot be negative")
	}
	p := &playback{
		a: a, id: cmp.Or(id, fmt.Sprintf("playback-%d", a.next("playback"))), target: target, media: media,
		lang: cmp.Or(c.text("lang"), a.language), state: "queued", item: make(chan struct{}), started: make(chan struct{}),
	}
	a.playbacks[p.id] = p
	return p, nil
}

func (a *Asterisk) getPlayback(c *call) (int, any, error) {
	p := a.playbacks[c.path[0]]
	if p == nil {
		return 0, nil, refuse(http.StatusNotFound, "Playback not found")
	}
	return http.StatusOK, p.show(), nil
}

// deletePlayback stops the item that plays; the next one of its list follows.
func (a *Asterisk) deletePlayback(c *call) (int, any, error) {
	p := a.playbacks[c.path[0]]
	switch {
	case p == nil:
		return 0, nil, refuse(http.StatusNotFound, "Playback not found")
	case p.waits():
		p.state = canceled
	case !p.stoppable:
		return 0, nil, refuse(http.StatusInternalServerError, "Could not stop playback")
	default:
		if _, stoppable, _ := a.length(p.media[p.index]); stoppable {
			p.over(Stopped, "done")
		}
	}
	return http.StatusNoContent, nil, nil
}

func (a *Asterisk) controlPlayback(c *call) (int, any, error) {
	operation := c.text("operation")
	switch operation {
	case "":
		return 0, nil, refuse(http.StatusBadRequest, "Missing operation")
	case "restart", "pause", "unpause", "reverse", "forward":
	default:
		return 0, nil, refuse(http.StatusBadRequest, "Invalid operation "+operation)
	}
	p := a.playbacks[c.path[0]]
	switch {
	case p == nil:
		return 0, nil, refuse(http.StatusNotFound, "Playback not found")
	case p.waits() && operation != "restart", p.state == "paused" && operation != "pause" && operation != "unpause":
		return 0, nil, refuse(http.StatusConflict, "Can only "+operation+" while media is playing")
	case p.state == "playing" && !p.stoppable:
		return 0, nil, refuse(http.StatusInternalServerError, "Could not "+operation+" playback")
	}
	p.control(operation)
	return http.StatusNoContent, nil, nil
}
