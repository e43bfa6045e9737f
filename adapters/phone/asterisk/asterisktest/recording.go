package asterisktest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Recording is a stored one.
type Recording struct {
	Name   string
	Format string
	WAV    []byte
}

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
	begun        time.Time
	spoke        time.Time // the person began to speak
	talk         time.Duration
	paused       chan struct{} // closed when silence ended
	done         chan struct{}
}

func (r *recording) show() obj {
	return obj{"name": r.name, "format": r.format, "state": r.state, "target_uri": "channel:" + r.channel.id}
}

// anyKey ends a recording with terminateOn "any".
const anyKey = "#*0123456789abcd"

func (a *Asterisk) postRecord(c *call) (int, any, error) {
	ch, err := a.controlled(c)
	if err != nil {
		return 0, nil, err
	}
	r := &recording{
		a: a, channel: ch, name: c.text("name"), format: c.text("format"), state: "queued", done: make(chan struct{}),
		ifExists: cmp.Or(c.text("ifExists"), "fail"), ends: c.text("terminateOn"),
		quiet: time.Duration(c.number("maxSilenceSeconds", 0)) * time.Second,
		most:  time.Duration(c.number("maxDurationSeconds", 0)) * time.Second,
	}
	if err := a.checkRecording(r); err != nil {
		return 0, nil, err
	}
	a.recordings[r.name] = r
	ch.recording = r
	beep := time.Duration(0)
	if c.yes("beep") {
		beep = coreLength
	}
	started := make(chan struct{})
	a.later(reaction, r.done, func() { r.begin(beep); close(started) })
	c.first = started
	return http.StatusCreated, r.show(), nil
}

func (a *Asterisk) checkRecording(r *recording) error {
	switch r.ends {
	case "", "none":
		r.ends = ""
	case "any":
		r.ends = anyKey
	case "*", "#":
	default:
		return refuse(http.StatusBadRequest, "terminateOn invalid")
	}
	switch {
	case r.name == "" || r.format == "":
		return refuse(http.StatusInternalServerError, "Error parsing request")
	case r.most < 0:
		return refuse(http.StatusBadRequest, "max_duration_seconds cannot be negative")
	case r.quiet < 0:
		return refuse(http.StatusBadRequest, "max_silence_seconds cannot be negative")
	case !slices.Contains([]string{"fail", "overwrite", "append"}, r.ifExists):
		return refuse(http.StatusBadRequest, "ifExists invalid")
	case !slices.Contains([]string{"wav", "gsm", "ulaw", "alaw", "sln"}, r.format):
		return refuse(http.StatusUnprocessableEntity, "specified format is unknown on this system")
	case strings.HasPrefix(r.name, "../"):
		return refuse(http.StatusBadRequest, "Recording name invalid")
	case a.recordings[r.name] != nil || r.ifExists == "fail" && a.stored[r.name] != nil:
		return refuse(http.StatusConflict, "Recording '"+r.name+"' already exists and can not be overwritten")
	}
	return nil
}

// begin records, after the beep. The lock is held.
func (r *recording) begin(beep time.Duration) {
	r.state = "recording"
	r.a.emit(r.channel, "RecordingStarted", obj{"recording": r.show()})
	var tone *Heard
	if beep > 0 {
		tone = r.channel.line.hear("beep")
	}
	r.a.later(r.a.shortened(beep), r.done, func() {
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
	queued := r.state == "queued"
	r.cancel()
	if queued { // Asterisk had not come to it
		return
	}
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

// cancel forgets a recording.
func (r *recording) cancel() {
	select {
	case <-r.done:
		return
	default:
		close(r.done)
	}
	delete(r.a.recordings, r.name)
	if r.channel.recording == r {
		r.channel.recording = nil
	}
}

func (a *Asterisk) live(c *call) (*recording, error) {
	r := a.recordings[c.path[0]]
	if r == nil {
		return nil, refuse(http.StatusNotFound, "Recording not found")
	}
	return r, nil
}

func (a *Asterisk) getLive(c *call) (int, any, error) {
	r, err := a.live(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.show(), nil
}

func (a *Asterisk) stopLive(c *call) (int, any, error) {
	r, err := a.live(c)
	if err != nil {
		return 0, nil, err
	}
	r.finish()
	return http.StatusNoContent, nil, nil
}

func (a *Asterisk) cancelLive(c *call) (int, any, error) {
	r, err := a.live(c)
	if err != nil {
		return 0, nil, err
	}
	r.cancel()
	r.state = "canceled"
	a.emit(r.channel, "RecordingFinished", obj{"recording": r.show()})
	return http.StatusNoContent, nil, nil
}

func (r *Recording) show() obj { return obj{"name": r.Name, "format": r.Format} }

func (a *Asterisk) getAllStored(*call) (int, any, error) {
	list := []obj{}
	for _, name := range slices.Sorted(maps.Keys(a.stored)) {
		list = append(list, a.stored[name].show())
	}
	return http.StatusOK, list, nil
}

func (a *Asterisk) storedOf(c *call) (*Recording, error) {
	r := a.stored[c.path[0]]
	if r == nil {
		return nil, refuse(http.StatusNotFound, "Recording not found")
	}
	return r, nil
}

func (a *Asterisk) getStored(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.show(), nil
}

func (a *Asterisk) getStoredFile(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.WAV, nil
}

func (a *Asterisk) copyStored(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	to := c.text("destinationRecordingName")
	switch {
	case to == "":
		return 0, nil, refuse(http.StatusBadRequest, "Missing parameter destinationRecordingName")
	case a.stored[to] != nil:
		return 0, nil, refuse(http.StatusConflict, "A recording with the same name already exists on the system")
	}
	a.stored[to] = &Recording{Name: to, Format: r.Format, WAV: r.WAV}
	return http.StatusCreated, a.stored[to].show(), nil
}

func (a *Asterisk) deleteStored(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	delete(a.stored, r.Name)
	return http.StatusNoContent, nil, nil
}

// Stored are the recordings that Asterisk keeps.
func (a *Asterisk) Stored() (all []Recording) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(a.stored)) {
		all = append(all, *a.stored[name])
	}
	return all
}

// Store keeps a recording, as if it had been made before.
func (a *Asterisk) Store(r Recording) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stored[r.Name] = &r
}
