package asterisk

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// inbound is the argument with which the dialplan sends callers here.
const inbound = "inbound"

// How patient somebody who has called in is with us, and we with them.
const (
	keyTime  = 6 * time.Second // between two keys, and after a question
	idleTime = 5 * time.Second // of silence, which ends a recording
)

// SetAnswerer implements phone.Receiver. Without one callers are hung up.
func (a *Asterisk) SetAnswerer(answerer phone.Answerer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answerer = answerer
}

// receive answers a caller, in a goroutine that Run waits for.
func (a *Asterisk) receive(ctx context.Context, start *ari.StasisStart) {
	a.mu.Lock()
	answerer := a.answerer
	a.mu.Unlock()
	l := &line{leg: leg{a: a, id: start.Channel.ID}}
	if start.Channel.Caller != nil {
		l.number = start.Channel.Caller.Number
	}
	_, l.times, _, _ = a.link.state()
	l.box = a.open(l.id)
	a.opt.Count("call in")
	a.callers.Go(func() {
		defer a.shut(l.id)
		if answerer == nil {
			a.log.Warn("somebody calls in, and nobody is configured to answer", "caller", l.number)
		} else if _, err := a.request(ctx, http.MethodPost, "/channels/"+url.PathEscape(l.id)+"/answer", nil, nil); err != nil {
			a.log.Warn("a caller cannot be answered", "caller", l.number, "err", err)
		} else {
			answerer.Answer(ctx, l)
		}
		l.end(ctx, phone.Result{})
	})
}

// A line is somebody who has called in.
type line struct {
	leg
	number string
	down   bool // they have hung up
}

var _ phone.Line = (*line)(nil)

// ID implements phone.Line.
func (l *line) ID() string { return l.id }

// Caller implements phone.Line.
func (l *line) Caller() string { return l.number }

// Say implements phone.Line.
func (l *line) Say(ctx context.Context, lang string, say []phone.Sentence) error {
	if l.down {
		return phone.ErrHungUp
	}
	s := l.play(ctx, l.a.speak(ctx, lang, say), false)
	return l.stopped(ctx, s)
}

// stopped gives the error of what ended something; nil when it was heard.
func (l *line) stopped(ctx context.Context, s stop) error {
	switch {
	case s.down:
		l.down = true
		return phone.ErrHungUp
	case s.done || s.key != "" || s.what == late:
		return nil
	case s.what == ended:
		return ctx.Err()
	}
	if r := l.recover(ctx); r.Outcome != "" {
		l.down = true
		return phone.ErrHungUp
	}
	return nil
}

// Ask implements phone.Line.
func (l *line) Ask(ctx context.Context, lang string, q phone.Question) (string, error) {
	if l.down {
		return "", phone.ErrHungUp
	}
	say := l.a.speak(ctx, lang, q.Say)
	for range q.Repeat + 1 {
		s := l.play(ctx, say, true)
		if s.done {
			s = l.listen(ctx, time.Now().Add(keyTime))
		}
		if s.key != "" {
			return l.collect(ctx, s.key, q)
		}
		if err := l.stopped(ctx, s); err != nil {
			return "", err
		}
	}
	return "", nil
}

// collect takes the keys that follow the first one.
func (l *line) collect(ctx context.Context, keys string, q phone.Question) (string, error) {
	for {
		if q.Hash && strings.HasSuffix(keys, "#") {
			return strings.TrimSuffix(keys, "#"), nil
		}
		if len(keys) >= max(1, q.Keys) {
			return keys, nil
		}
		s := l.listen(ctx, time.Now().Add(keyTime))
		if s.key != "" {
			keys += s.key
			continue
		}
		return keys, l.stopped(ctx, s)
	}
}

// Record implements phone.Line.
func (l *line) Record(ctx context.Context, limit time.Duration) (phone.Recording, error) {
	if l.down {
		return phone.Recording{}, phone.ErrHungUp
	}
	name := channelID("recording " + l.id)
	_, err := l.a.request(ctx, http.MethodPost, "/channels/"+url.PathEscape(l.id)+"/record", map[string]any{
		"name": name, "format": "wav", "maxDurationSeconds": int(limit / time.Second), "maxSilenceSeconds": int(idleTime / time.Second),
		"ifExists": "overwrite", "beep": true, "terminateOn": "any",
	}, nil)
	if err != nil {
		return phone.Recording{}, err
	}
	began := time.Now()
	until := began.Add(limit + idleTime + requestTime)
	for finished := false; !finished; {
		e, what, _ := l.wait(ctx, until)
		switch e := e.(type) {
		case *ari.RecordingFinished:
			finished = e.Recording.Name == name
		case *ari.RecordingFailed:
			return phone.Recording{}, &adapters.Error{Op: "record a caller", Code: adapters.Unavailable, Err: errRecording(e.Recording.Cause)}
		default:
			l.down = l.down || l.heard(e).down
			finished = l.down || what != event && what != broken
			if what == broken && l.recover(ctx).Outcome != "" {
				l.down, finished = true, true
			}
		}
	}
	if ctx.Err() != nil {
		return phone.Recording{}, ctx.Err()
	}
	return l.fetch(ctx, name, time.Since(began))
}

type errRecording string

func (e errRecording) Error() string { return "Asterisk could not record: " + string(e) }

// fetch gives a recording that is over, and deletes it at Asterisk once it
// was read. After a hangup it may take a moment to be there.
func (l *line) fetch(ctx context.Context, name string, lasted time.Duration) (phone.Recording, error) {
	path := "/recordings/stored/" + url.PathEscape(name)
	for try := 0; ; try++ {
		wav, err := l.a.file(ctx, path+"/file")
		if err == nil {
			_, _ = l.a.request(context.WithoutCancel(ctx), http.MethodDelete, path, nil, nil) // what stays takes room, no more
			return phone.Recording{Duration: lasted, WAV: io.NopCloser(bytes.NewReader(wav))}, nil
		}
		if adapters.CodeOf(err) != adapters.NotFound || try == 5 {
			return phone.Recording{}, err
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return phone.Recording{}, err
		}
	}
}
