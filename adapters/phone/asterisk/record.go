package asterisk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech/wave"
)

// Record implements phone.Line.
func (l *line) Record(ctx context.Context, limit time.Duration) (phone.Recording, error) {
	if l.down {
		return phone.Recording{}, phone.ErrHungUp
	}
	l.pieces++
	name := fmt.Sprintf("%s-%d", channelID("recording "+l.id), l.pieces)
	status, err := l.a.request(ctx, http.MethodPost, channelPath(l.id)+"/record", map[string]any{
		"name": name, "format": "wav", "maxDurationSeconds": max(1, int(limit/time.Second)), "maxSilenceSeconds": int(idleTime / time.Second),
		"ifExists": "overwrite", "beep": true, "terminateOn": "any",
	}, nil)
	if err != nil {
		return phone.Recording{}, l.unrecorded(ctx, status, err)
	}
	talked, err := l.recorded(ctx, name, time.Now().Add(limit+idleTime+requestTime))
	if err != nil {
		return phone.Recording{}, err
	}
	return l.fetch(ctx, name, talked)
}

// noFolder is what to do when Asterisk cannot record. The Debian package makes
// no folder for it.
const noFolder = "see whether the folder recording is in Asterisk's spool directory and is Asterisk's: install -d -o asterisk -g asterisk /var/spool/asterisk/recording"

// unrecorded gives the error of a recording that did not begin: the caller may
// have gone.
func (l *line) unrecorded(ctx context.Context, status int, err error) error {
	if _, there, asked := l.a.channel(ctx, l.id); asked == nil && !there {
		l.down = true
		return phone.ErrHungUp
	}
	if status == http.StatusInternalServerError {
		return fmt.Errorf("%w: %s", err, noFolder)
	}
	return err
}

// recorded waits until a recording is over, and gives how long Asterisk says
// that somebody talked; 0 when it does not say so.
func (l *line) recorded(ctx context.Context, name string, until time.Time) (talked time.Duration, err error) {
	for {
		e, what, _ := l.wait(ctx, soon(lookEvery, until))
		switch e := e.(type) {
		case *ari.RecordingFinished:
			if e.Recording.Name == name {
				return time.Duration(e.Recording.Talking), nil
			}
		case *ari.RecordingFailed:
			if e.Recording.Name == name {
				return 0, &adapters.Error{Op: "record a caller", Code: adapters.Unavailable, Err: fmt.Errorf("Asterisk could not: %s", e.Recording.Cause)}
			}
		default:
			if l.down = l.down || l.heard(e).down; l.down {
				return 0, nil // what was said until then is kept
			}
		}
		live := "/recordings/live/" + url.PathEscape(name)
		switch what {
		case ended: // what was said stays at Asterisk
			_, _ = l.a.request(context.WithoutCancel(ctx), http.MethodPost, live+"/stop", nil, nil)
			l.a.log.Warn("a recording was broken off; what was said is kept at Asterisk", "recording", name, "caller", l.number)
			return 0, ctx.Err()
		case broken:
			if l.vanished(ctx) {
				l.down = true // what was said is perhaps there
				return 0, nil
			}
		case late:
			if !time.Now().Before(until) {
				_, _ = l.a.request(ctx, http.MethodPost, live+"/stop", nil, nil) // fetch tells whether it ended
				return 0, nil
			}
			if going, err := l.a.there(ctx, live); err == nil && !going {
				return 0, nil
			}
		}
	}
}

// fetch gives a recording that is over, and deletes it at Asterisk once it
// was read. After a hangup it may take a moment to be there. What cannot be
// had stays at Asterisk.
func (l *line) fetch(ctx context.Context, name string, talked time.Duration) (phone.Recording, error) {
	path := "/recordings/stored/" + url.PathEscape(name)
	until := time.Now().Add(fetchTime)
	for pause := 200 * time.Millisecond; ; pause *= 2 {
		wav, err := l.a.file(ctx, path+"/file")
		if err == nil && !bytes.HasPrefix(wav, []byte("RIFF")) {
			err = &adapters.Error{Op: "fetch a recording", Code: adapters.Unavailable, Err: errors.New("what Asterisk gave is no WAV")}
		}
		if err == nil {
			_, _ = l.a.request(context.WithoutCancel(ctx), http.MethodDelete, path, nil, nil) // what stays takes room, no more
			return phone.Recording{Duration: spoken(wav, talked), WAV: io.NopCloser(bytes.NewReader(wav))}, nil
		}
		none := adapters.CodeOf(err) == adapters.NotFound
		if none && l.down && pause > time.Second {
			return phone.Recording{}, phone.ErrHungUp // before a word was said
		}
		if time.Now().Add(pause).After(until) || adapters.Sleep(ctx, pause) != nil {
			return phone.Recording{}, fmt.Errorf("the recording %s may be found at Asterisk: %w", name, err)
		}
	}
}

const (
	// toldTalk is the least that means something of what Asterisk tells of a
	// talk. It counts whole seconds and takes off a fifth of one less silence
	// than there was, so that of silence alone it may tell one second.
	toldTalk = 2 * time.Second
	word     = 300 * time.Millisecond // the shortest of which somebody can make anything
)

// spoken is how long a recording is in which somebody speaks, and 0 of one in
// which nobody does. Asterisk's word for it is taken, or else that of the
// samples: its event may be lost, and it tells nothing of a single word. The
// duration that Asterisk gives is none: it was 0 for one of 3.5 s.
func spoken(wav []byte, talked time.Duration) time.Duration {
	sound, err := wave.Decode(wav)
	switch {
	case err != nil && len(wav) <= wavHead: // it has no samples
		return 0
	case err != nil: // who can listen to it will know what it says
		return time.Duration(len(wav)-wavHead) * time.Second / (2 * wave.PhoneRate)
	case talked < toldTalk && sound.Voiced() < word:
		return 0
	}
	return sound.Duration()
}

// wavHead is how long the head of a WAV is that has nothing else but samples.
const wavHead = 44
