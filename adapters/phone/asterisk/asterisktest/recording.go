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
	voiced       []span        // of the recording
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
		r.voiced = append(r.voiced, span{r.spoke.Sub(r.begun), time.Since(r.begun)})
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

// finish ends a recording and stores it. Where silence was looked for, that at
// the end is cut off but for a moment, unless its call has ended.
func (r *recording) finish() { r.store(true) }

func (r *recording) store(cut bool) {
	if !r.spoke.IsZero() {
		r.voice(false)
	}
	r.cancel()
	told, kept := r.length(), r.length()
	if silence := r.silence(); cut && silence > keptSilence {
		kept -= silence - keptSilence
	}
	sound := spokenWAV(r.scaled(kept), r.spans())
	if old := r.a.stored[r.name]; old != nil && r.ifExists == "append" {
		before, err := wavLength(old.WAV)
		if err == nil {
			sound = WAV(before + r.scaled(kept))
		}
	}
	r.a.stored[r.name] = &Recording{Name: r.name, Format: r.format, WAV: sound}
	r.state = "done"
	r.a.emit(r.channel, "RecordingFinished", obj{"recording": r.told(r.scaled(told))})
}

// keptSilence is how much of the silence at the end is kept, and not counted.
const keptSilence = 200 * time.Millisecond

// silence is that at the end, as far as it is looked for.
func (r *recording) silence() time.Duration {
	switch {
	case r.quiet == 0:
		return 0
	case len(r.voiced) == 0:
		return r.length()
	case r.length() == r.talk: // no sound came in silence
		return 0
	}
	return r.length() - r.voiced[len(r.voiced)-1].to
}

// told is what is told of a recording, in whole seconds: of silence alone it
// may well tell a second of talk.
func (r *recording) told(length time.Duration) obj {
	shown, total := r.show(), int(length.Seconds())
	less := func(silence time.Duration) int { return max(0, total-int((silence-keptSilence).Seconds())) }
	shown["duration"] = less(r.scaled(r.silence()))
	if r.quiet > 0 {
		talked := less(length - r.scaled(r.talk))
		shown["talking_duration"], shown["silence_duration"] = talked, max(0, shown["duration"].(int)-talked)
	}
	return shown
}

// scaled is a time as Asterisk takes it for.
func (r *recording) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * r.a.speed)
}

// spans are where somebody speaks. Where no sound came in silence they follow
// one another.
func (r *recording) spans() (out []span) {
	if r.length() == r.talk {
		return []span{{0, r.scaled(r.talk)}}
	}
	for _, s := range r.voiced {
		out = append(out, span{r.scaled(s.from), r.scaled(s.to)})
	}
	return out
}

func (r *recording) cutOff() { r.store(false) }
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
