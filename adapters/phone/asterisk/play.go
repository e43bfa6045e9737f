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
		l.a.opt.Count("prompt failed")
		l.a.log.Warn("a prompt cannot be played; it is said another way", "channel", l.id, "media", strings.Join(media, " "))
	}
	return stop{done: true}
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
	status, err := l.a.request(ctx, http.MethodPost, "/channels/"+url.PathEscape(l.id)+"/play/"+url.PathEscape(id), map[string]any{"media": media}, nil)
	switch {
	case gone(status, err):
		return l.last(ctx, keys), false
	case err != nil:
		return l.afterFailure(ctx, keys)
	}
	until, endless := time.Now().Add(pieceTime), strings.HasPrefix(media, "tone:")
	if endless {
		until = time.Now().Add(toneTime)
	}
	for {
		e, what, news := l.wait(ctx, until)
		if what == event {
			if f, ok := e.(*ari.PlaybackFinished); ok && f.Playback.ID == id {
				if f.Playback.State == "failed" {
					return l.afterFailure(ctx, keys)
				}
				return stop{done: true}, false
			}
			s := l.heard(e)
			if s.key != "" && !keys || s.key == "" && !s.down {
				continue
			}
			if s.key != "" {
				l.silence(ctx, id)
			}
			return s, false
		}
		l.silence(ctx, id)
		if what == late {
			return stop{done: endless}, !endless
		}
		return stop{what: what, news: news}, false
	}
}

// silence stops a piece. That it is over already is no fault.
func (l *leg) silence(ctx context.Context, playback string) {
	_, _ = l.a.request(context.WithoutCancel(ctx), http.MethodDelete, "/playbacks/"+url.PathEscape(playback), nil, nil)
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
// did.
func (l *leg) last(ctx context.Context, keys bool) stop {
	until := time.Now().Add(200 * time.Millisecond)
	for {
		e, what, _ := l.wait(ctx, until)
		if what != event {
			return stop{down: true}
		}
		if s := l.heard(e); s.down || s.key != "" && keys {
			return s
		}
	}
}
