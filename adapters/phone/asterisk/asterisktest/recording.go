package asterisktest

import (
	"strings"
	"time"
)

// A recording is one that goes on.
type recording struct {
	a            *Asterisk
	channel      *channel
	name, format string
	state        string
	ifExists     string
	ends         string        // keys that end it
	quiet        time.Duration // silence that ends it; 0 is none
	most         time.Duration // it lasts at most; 0 is no limit
	beep         time.Duration // the tone before it
	started      chan struct{} // closed when it began
	begun        time.Time
	spoke        time.Time // the person began to speak
	talk         time.Duration
	paused       chan struct{} // closed when silence ended
	done         chan struct{}
}

func (r *recording) show() obj {
	return obj{"name": r.name, "format": r.format, "state": r.state, "target_uri": "channel:" + r.channel.id}
}

func (r *recording) waits() bool { return r.state == "queued" }

// begin records, after the beep. The lock is held.
func (r *recording) begin() {
	r.state = "recording"
	r.channel.recording = r
	defer shut(r.started)
	r.a.emit(r.channel, "RecordingStarted", obj{"recording": r.show()})
	var tone *hearing
	if r.beep > 0 {
		tone = r.channel.line.hear("beep")
	}
	r.a.later(r.a.shortened(r.beep), r.done, func() {
		tone.end(Finished)
		r.begun = time.Now()
		r.voice(r.channel.line.speaking)
		if r.most > 0 {
			r.a.later(r.a.shortened(r.most), r.done, r.finish)
		}
	})
}

// voice is the person who begins to speak, or falls silent.
func (r *recording) voice(speaks bool) {
	if r.begun.IsZero() {
		return
	}
	if r.paused != nil {
		close(r.paused)
		r.paused = nil
	}
	if !r.spoke.IsZero() {
		r.talk += time.Since(r.spoke)
		r.spoke = time.Time{}
	}
	switch {
	case speaks:
		r.spoke = time.Now()
	case r.quiet > 0:
		r.paused = make(chan struct{})
		quiet := r.paused
		r.a.later(r.a.shortened(r.quiet), r.done, func() {
			select {
			case <-quiet: // somebody spoke
			default:
				r.finish()
			}
		})
	}
}

func (r *recording) key(key string) {
	if strings.Contains(r.ends, key) {
		r.finish()
	}
}

// length is how much sound arrived. A dialplan sends none while its person is
// silent; a telephone always does.
func (r *recording) length() time.Duration {
	if r.begun.IsZero() {
		return 0
	}
	if l := r.channel.line; l.far != nil || !strings.Contains(r.channel.name, "/") {
		return r.talk
	}
	return time.Since(r.begun)
}

// finish ends a recording and stores it: also when its call has ended.
func (r *recording) finish() {
	if !r.spoke.IsZero() {
		r.voice(false)
	}
	r.cancel()
	length := time.Duration(float64(r.length()) * r.a.speed)
	sound := WAV(length)
	if old := r.a.stored[r.name]; old != nil && r.ifExists == "append" {
		before, err := wavLength(old.WAV)
		if err == nil {
			sound = WAV(before + length)
		}
	}
	r.a.stored[r.name] = &Recording{Name: r.name, Format: r.format, WAV: sound}
	r.state = "done"
	shown := r.show()
	shown["duration"] = int(length.Seconds())
	if r.quiet > 0 {
		talked := int(r.talk.Seconds() * r.a.speed)
		shown["talking_duration"], shown["silence_duration"] = talked, int(length.Seconds())-talked
	}
	r.a.emit(r.channel, "RecordingFinished", obj{"recording": shown})
}

func (r *recording) cutOff() { r.finish() }
func (r *recording) drop()   { r.cancel() }

// cancel forgets a recording without a word.
func (r *recording) cancel() {
	shut(r.done)
	shut(r.started)
	delete(r.a.recordings, r.name)
	if r.channel.recording == r {
		r.channel.recording = nil
	}
	r.a.dequeue(r.channel, r)
}
