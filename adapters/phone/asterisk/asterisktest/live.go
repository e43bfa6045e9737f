package asterisktest

import (
	"strings"
	"time"
)

// live is what the person does on the line.
func (l *line) live() {
	if l.far != nil && !l.inbound {
		// The dialplan's Answer waits for the first audio, but not for long.
		timer := time.NewTimer(l.a.shortened(500 * time.Millisecond))
		defer timer.Stop()
		select {
		case <-l.audio:
		case <-timer.C:
		case <-l.over:
			return
		case <-l.a.done:
			return
		}
	}
	for _, s := range l.script.Then {
		if !l.act(s) {
			return
		}
	}
	if len(l.script.Then) == 0 {
		l.do(l.step("Wait", "3600"))
	}
}

// act takes one step, and tells whether the call goes on.
func (l *line) act(s Step) bool {
	if s.Hear != "" && !l.listen(s.Hear) {
		return false
	}
	if s.After > 0 && !(l.do(l.step("Wait", seconds(s.After))) && l.wait(s.After)) {
		return false
	}
	switch {
	case s.HangUp:
		l.do(func() { l.personHangsUp(16) })
		return false
	case s.Key != "":
		if !l.do(l.step("SendDTMF", s.Key)) {
			return false
		}
		for _, key := range s.Key {
			if !l.press(string(key)) {
				return false
			}
		}
	case s.Say > 0:
		return l.speak(s.Say)
	}
	return true
}

// listen waits until something was played to its end.
func (l *line) listen(name string) bool {
	for {
		var heard bool
		var stirs chan struct{}
		if !l.do(func() { heard, stirs = l.finished(name), l.stirs }) {
			return false
		}
		if heard {
			return true
		}
		select {
		case <-stirs:
		case <-l.over:
		case <-l.a.done:
			return false
		}
	}
}

// finished tells whether something was played to its end that the script has
// not waited for before. The lock is held.
func (l *line) finished(name string) bool {
	for i := l.listened; i < len(l.heard); i++ {
		if h := l.heard[i]; h.How == Finished && strings.Contains(h.Media, name) {
			l.listened = i + 1
			return true
		}
	}
	return false
}

// press is one key: silence, the tone, and silence.
func (l *line) press(key string) bool {
	a := l.a
	return l.wait(a.shortened(200*time.Millisecond)) &&
		l.do(func() { l.keyed(key) }) &&
		l.wait(a.shortened(250*time.Millisecond))
}

// keyed is a key that has come. The lock is held.
func (l *line) keyed(key string) {
	l.a.tell(l.near, "ChannelDtmfReceived", obj{"digit": key, "duration_ms": 100})
	if r := l.near.recording; r != nil {
		r.key(key)
	}
}

func (l *line) speak(d time.Duration) bool {
	going := l.do(func() {
		l.step("Playback", "speech")()
		l.speaking = true
		if l.near.recording != nil {
			l.near.recording.voice(true)
		}
	})
	return going && l.wait(d) && l.do(func() {
		l.speaking = false
		if l.near.recording != nil {
			l.near.recording.voice(false)
		}
	})
}
