package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"
)

// A piece is one medium as it is played. An endless one has no end of its
// own, and what comes next would wait for it for ever.
type piece struct {
	id      string
	endless bool
}

func (p piece) path() string { return "/playbacks/" + url.PathEscape(p.id) }

// until is when it is over at the latest.
func (p piece) until() time.Time {
	if p.endless {
		return time.Now().Add(toneTime)
	}
	return time.Now().Add(pieceTime)
}

// playPiece plays one piece to its end.
func (l *leg) playPiece(ctx context.Context, media string, keys bool) (s stop, failed bool) {
	l.pieces++
	p := piece{fmt.Sprintf("%s-p%d-%d", l.id, l.times, l.pieces), strings.HasPrefix(media, "tone:")}
	l.begun = time.Now()
	if !l.begin(ctx, p, media) {
		return l.afterFailure(ctx, keys)
	}
	for until := p.until(); ; {
		e, what, news := l.wait(ctx, soon(lookEvery, until))
		switch what {
		case event:
			if f, ok := e.(*ari.PlaybackFinished); ok && f.Playback.ID == p.id {
				return l.afterPiece(ctx, f.Playback.State, keys)
			}
			if s := l.heard(e); s.down || s.key != "" && keys {
				l.hush(ctx, p, s)
				return s, false
			}
		case late:
			switch {
			case p.endless:
				l.silence(ctx, p)
				return l.afterPiece(ctx, "done", keys)
			case !time.Now().Before(until):
				l.silence(ctx, p)
				return l.afterFailure(ctx, keys)
			case l.over(ctx, p):
				return l.afterLost(ctx, keys)
			}
			l.stopTones(ctx)
		case told:
			l.silence(ctx, p)
			return stop{what: what, news: news}, false
		default: // the call ends, or is looked for
			l.mayPlay(p)
			return stop{what: what}, false
		}
	}
}

// begin asks for a piece. One whose request broke plays perhaps: it is asked
// for. Tones that play perhaps are stopped before.
func (l *leg) begin(ctx context.Context, p piece, media string) bool {
	l.stopTones(ctx)
	status, err := l.a.request(ctx, http.MethodPost, channelPath(l.id)+"/play/"+url.PathEscape(p.id), map[string]any{"media": media}, nil)
	if err == nil || status != 0 && status < http.StatusInternalServerError {
		return err == nil
	}
	plays, err := l.a.there(ctx, p.path())
	if err != nil {
		l.mayPlay(p)
	}
	return plays
}

// mayPlay remembers a piece of which nobody knows whether it plays.
func (l *leg) mayPlay(p piece) {
	if p.endless {
		l.tones = append(l.tones, p.id)
	}
}

// stopTones stops what may play for ever; what cannot be stopped now is later.
func (l *leg) stopTones(ctx context.Context) {
	tones := l.tones
	l.tones = nil
	for _, id := range tones {
		l.silence(ctx, piece{id, true})
	}
}

// hush stops a piece for a key; a line that is down is silent.
func (l *leg) hush(ctx context.Context, p piece, s stop) {
	if s.down {
		l.cutOff()
		return
	}
	l.spoke = true
	l.silence(ctx, p)
}

// cutOff is for a piece that did not come to its end. What cannot be played
// ends at once; of what went on for a while something was heard.
func (l *leg) cutOff() { l.spoke = l.spoke || time.Since(l.begun) >= heardTime }

// silence stops a piece. That it is over already is no fault, nor that digits
// and numbers cannot be stopped: what follows waits for them, and keys do not.
func (l *leg) silence(ctx context.Context, p piece) {
	if !l.a.gone(ctx, p.path()) {
		l.mayPlay(p)
	}
}

// over asks whether a piece is over, of which no event told the end.
func (l *leg) over(ctx context.Context, p piece) bool {
	there, err := l.a.there(ctx, p.path())
	return err == nil && !there
}

func (l *leg) afterPiece(ctx context.Context, state string, keys bool) (s stop, failed bool) {
	if state == "failed" {
		return l.afterFailure(ctx, keys)
	}
	l.spoke = true
	return stop{done: true}, false
}

// afterLost is for a piece whose end was not told: it was played, unless the
// line was hung up.
func (l *leg) afterLost(ctx context.Context, keys bool) (s stop, failed bool) {
	if s, failed = l.afterFailure(ctx, keys); failed {
		return l.afterPiece(ctx, "done", keys)
	}
	return s, false
}

// afterFailure tells a sound that could not be played from a line that was
// hung up: both end a piece as failed. A key that came meanwhile counts.
func (l *leg) afterFailure(ctx context.Context, keys bool) (s stop, failed bool) {
	l.cutOff()
	_, there, err := l.a.channel(ctx, l.id)
	if err == nil && !there {
		return l.last(ctx, keys), false
	}
	return stop{}, true
}

// last gives the key that somebody pressed before they hung up, or that they
// did. It was perhaps Asterisk that ended, and everything with it.
func (l *leg) last(ctx context.Context, keys bool) stop {
	until := time.Now().Add(lastWord)
	for {
		e, what, _ := l.wait(ctx, until)
		switch {
		case what == broken:
			return stop{what: broken}
		case what != event:
			return stop{down: true}
		}
		if s := l.heard(e); s.down || s.key != "" && keys {
			return s
		}
	}
}
