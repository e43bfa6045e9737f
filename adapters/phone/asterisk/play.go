package asterisk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
)

// speaking is something to be said, made audible.
type speaking struct {
	lang  string
	say   []phone.Sentence
	media []string
}

// and is one after the other.
func (s speaking) and(then speaking) speaking {
	return speaking{s.lang, append(s.say[:len(s.say):len(s.say)], then.say...), append(s.media[:len(s.media):len(s.media)], then.media...)}
}

// speak makes sentences audible; by a tone when nothing speaks.
func (a *Asterisk) speak(ctx context.Context, lang string, say []phone.Sentence) speaking {
	return speaking{lang, say, a.audible(ctx, a.opt.Voice, lang, say)}
}

func (a *Asterisk) audible(ctx context.Context, v speech.Voice, lang string, say []phone.Sentence) []string {
	if len(say) == 0 {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, speakTime)
	defer cancel()
	media, err := v.Speak(limited, lang, say)
	if err == nil && len(media) > 0 {
		return media
	}
	a.opt.Count("speech failed")
	if ctx.Err() == nil {
		a.log.Warn("sentences cannot be spoken; a tone is heard instead", "lang", lang, "err", err)
	}
	return []string{speech.Tone}
}

// toneTime is how long a tone is heard, which has no end of its own.
const toneTime = 2 * time.Second

// play plays pieces one after the other: so one request stops it. A key stops
// it when keys count. What cannot be played on a line that is alive is said by
// the spare voice, then by a tone, and then the menu goes on in silence.
func (l *leg) play(ctx context.Context, s speaking, keys bool) stop {
	for try := range 3 {
		media := s.media
		switch try {
		case 1:
			media = l.a.audible(ctx, l.a.opt.Spare, s.lang, s.say)
		case 2:
			media = []string{speech.Tone}
		}
		stopped, failed := l.playAll(ctx, media, keys)
		if !failed {
			return stopped
		}
		if s := l.interrupted(ctx); s.what != event {
			return s
		}
		l.mute = true
		l.a.opt.Count("prompt failed")
		l.a.log.Warn("a prompt cannot be played; it is said another way", "channel", l.id, "media", strings.Join(media, " "))
	}
	return stop{done: true}
}

// interrupted tells what makes it useless to play anything else.
func (l *leg) interrupted(ctx context.Context) (s stop) {
	if up, times, _, _ := l.a.link.state(); !up || times != l.times {
		s.what = broken
	}
	if ctx.Err() != nil {
		s.what = ended
	}
	return s
}

func (l *leg) playAll(ctx context.Context, media []string, keys bool) (s stop, failed bool) {
	for _, piece := range media {
		if s, failed = l.playPiece(ctx, piece, keys); failed || !s.done {
			return s, failed
		}
	}
	return stop{done: true}, false
}

// playPiece plays one piece to its end.
func (l *leg) playPiece(ctx context.Context, media string, keys bool) (s stop, failed bool) {
	l.pieces++
	id := fmt.Sprintf("%s-p%d-%d", l.id, l.times, l.pieces)
	if !l.begin(ctx, id, media) {
		return l.afterFailure(ctx, keys)
	}
	until, endless := time.Now().Add(pieceTime), strings.HasPrefix(media, "tone:")
	if endless {
		until = time.Now().Add(toneTime)
	}
	for {
		e, what, news := l.wait(ctx, soon(lookEvery, until))
		switch what {
		case event:
			if f, ok := e.(*ari.PlaybackFinished); ok && f.Playback.ID == id {
				return l.afterPiece(ctx, f.Playback.State, keys)
			}
			if s := l.heard(e); s.down || s.key != "" && keys {
				l.hush(ctx, id, s)
				return s, false
			}
		case late:
			switch {
			case endless:
				l.silence(ctx, id)
				return l.afterPiece(ctx, "done", keys)
			case !time.Now().Before(until):
				l.silence(ctx, id)
				return l.afterFailure(ctx, keys)
			case l.over(ctx, id):
				return l.afterLost(ctx, keys)
			}
		case told:
			l.silence(ctx, id)
			return stop{what: what, news: news}, false
		default: // the call ends, or is asked for
			return stop{what: what}, false
		}
	}
}

// begin asks for a piece. One whose request broke plays perhaps, and what
// comes next waits for it, if it is a tone for ever: it is asked for, and if
// nothing is known of it, stopped before the next one.
func (l *leg) begin(ctx context.Context, id, media string) bool {
	for _, playback := range l.unknown {
		l.silence(ctx, playback)
	}
	l.unknown = nil
	status, err := l.a.request(ctx, http.MethodPost, channelPath(l.id)+"/play/"+url.PathEscape(id), map[string]any{"media": media}, nil)
	if err == nil || status != 0 && status < http.StatusInternalServerError {
		return err == nil
	}
	plays, err := l.a.there(ctx, "/playbacks/"+url.PathEscape(id))
	if err != nil {
		l.unknown = append(l.unknown, id)
	}
	return plays
}

// hush stops a piece for a key; a line that is down is silent.
func (l *leg) hush(ctx context.Context, playback string, s stop) {
	if !s.down {
		l.spoke = true
		l.silence(ctx, playback)
	}
}

// silence stops a piece. That it is over already is no fault, nor that digits
// and numbers cannot be stopped: what follows waits for them, and keys do not.
func (l *leg) silence(ctx context.Context, playback string) {
	_, _ = l.a.request(context.WithoutCancel(ctx), http.MethodDelete, "/playbacks/"+url.PathEscape(playback), nil, nil)
}

// over asks whether a piece is over, of which no event told the end.
func (l *leg) over(ctx context.Context, playback string) bool {
	there, err := l.a.there(ctx, "/playbacks/"+url.PathEscape(playback))
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
