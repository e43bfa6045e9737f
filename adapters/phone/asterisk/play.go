package asterisk

import (
	"context"
	"strings"
	"time"

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

// heardTime is what of a piece somebody has heard something of.
const heardTime = time.Second

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
