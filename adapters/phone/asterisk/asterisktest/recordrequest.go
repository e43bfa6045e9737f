package asterisktest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// anyKey ends a recording with terminateOn "any".
const anyKey = "#*0123456789abcd"

func (a *Asterisk) postRecord(c *call) (int, any, error) {
	ch, err := a.controlled(c)
	if err != nil {
		return 0, nil, err
	}
	r := &recording{
		a: a, channel: ch, name: c.text("name"), format: c.text("format"), state: "queued", done: make(chan struct{}), started: make(chan struct{}),
		ifExists: cmp.Or(c.text("ifExists"), "fail"), ends: c.text("terminateOn"),
		quiet: time.Duration(c.number("maxSilenceSeconds", 0)) * time.Second,
		most:  time.Duration(c.number("maxDurationSeconds", 0)) * time.Second,
	}
	if err := a.checkRecording(r); err != nil {
		return 0, nil, err
	}
	a.recordings[r.name] = r
	if c.yes("beep") {
		r.beep = coreLength
	}
	if a.enqueue(ch, r) {
		c.first = r.started
	}
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
	if r.waits() {
		r.cancel() // Asterisk had not come to it
	} else {
		r.finish()
	}
	return http.StatusNoContent, nil, nil
}

func (a *Asterisk) cancelLive(c *call) (int, any, error) {
	r, err := a.live(c)
	if err != nil {
		return 0, nil, err
	}
	r.cancel()
	r.state = canceled
	a.emit(r.channel, "RecordingFinished", obj{"recording": r.show()})
	return http.StatusNoContent, nil, nil
}
