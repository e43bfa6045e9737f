package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
)

// DoctorOptions say what is tried beyond the address and the password.
type DoctorOptions struct {
	People []Person
	// Test is an endpoint that answers by itself, "Local/hear@tebiki-test" in
	// the README's dialplan: the prompt is played to it.
	Test string
	// Call is an endpoint or a number that is called: a person, who is to
	// press a key.
	Call   string
	Lang   string
	Prompt []phone.Sentence // what is said to both: it asks for any key
	Thanks []phone.Sentence // after the key
}

// A Person is somebody who has a phone.
type Person struct{ Name, Phone string }

// failed adds an error: sentences of this package part what is wrong from what
// to do by a colon.
func failed(r *adapters.Report, about string, err error) {
	code := adapters.CodeOf(err)
	var f *adapters.Error
	if errors.As(err, &f) {
		err = f.Err
	}
	what, do, parted := strings.Cut(err.Error(), ": ")
	if !parted || code == adapters.Unavailable {
		what, do = err.Error(), "see whether Asterisk runs, whether http.conf has \"enabled = yes\" at that address, and what Asterisk's log says"
	}
	r.Fault(about, what, do)
}

// Doctor tries what the telephone needs and tells how it is and what is wrong.
// It rings nobody but whom it is told to. It may be asked while Run runs; when
// Run does not, it opens a connection of its own, unless somebody has the
// application: that would take all events away from them.
func (a *Asterisk) Doctor(ctx context.Context, o DoctorOptions) (r adapters.Report) {
	a.checkAddress(&r)
	if !a.checkAccess(ctx, &r) {
		return r // nothing else can be tried
	}
	a.checkRecordings(ctx, &r)
	connected, disconnect := a.checkApplication(ctx, &r)
	defer disconnect()
	a.checkPeople(ctx, &r, o.People)
	media := a.checkVoice(ctx, &r, o)
	if connected && o.Test != "" {
		a.checkPlaying(ctx, &r, o.Test, media)
	}
	if connected && o.Call != "" {
		a.checkCall(ctx, &r, o)
	}
	return r
}

// checkAddress warns of a password that goes over a network as it is.
func (a *Asterisk) checkAddress(r *adapters.Report) {
	if unencrypted(a.opt.URL) {
		r.Fault("the address "+a.opt.URL, openly, encrypt)
	}
}

// checkRecordings looks whether Asterisk has a place for what callers say.
// Without one it can neither list recordings nor make any.
func (a *Asterisk) checkRecordings(ctx context.Context, r *adapters.Report) {
	var all []struct{ Name string }
	switch status, err := a.request(ctx, http.MethodGet, "/recordings/stored", nil, &all); {
	case status >= http.StatusInternalServerError:
		r.Fault("the recordings of callers", "Asterisk cannot keep any", noFolder)
	case err != nil:
		failed(r, "the recordings of callers", err)
	case len(all) > 0:
		r.Fact("%d recordings are kept at Asterisk", len(all))
	}
}

// oldest is the first version that has all that is used.
const oldest = 18

// checkAccess tries the password, and whether it may do anything.
func (a *Asterisk) checkAccess(ctx context.Context, r *adapters.Report) bool {
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"system"`
	}
	about := "Asterisk at " + a.opt.URL
	_, err := a.request(ctx, http.MethodGet, "/asterisk/info", nil, &info)
	switch {
	case adapters.CodeOf(err) == adapters.Denied && err != nil:
		failed(r, "the user "+strconv.Quote(a.opt.User), err)
		return false
	case err != nil:
		failed(r, about, err)
		return false
	}
	r.Fact("Asterisk %s answers at %s", info.System.Version, a.opt.URL)
	major, _, _ := strings.Cut(strings.TrimPrefix(info.System.Version, "certified-"), ".")
	if n, err := strconv.Atoi(major); err == nil && n < oldest {
		r.Fault(about, "its version is "+info.System.Version, fmt.Sprintf("use Asterisk %d or newer", oldest))
	}
	// Ending what is not there changes nothing, and tells who may.
	if _, err := a.hangUp(ctx, prefix+"doctor"); err != nil {
		failed(r, "the user "+strconv.Quote(a.opt.User), err)
		return false
	}
	return true
}

// checkApplication looks whether the application is free and, if it is, takes
// it for as long as the doctor is there.
func (a *Asterisk) checkApplication(ctx context.Context, r *adapters.Report) (connected bool, disconnect func()) {
	if up, _, _, _ := a.link.state(); up {
		r.Fact("the application %s is connected", a.opt.App)
		return true, func() {}
	}
	about := "the application " + a.opt.App
	err := a.registered(ctx)
	switch {
	case err == nil:
		r.Fault(about, "another client has it, or calls of one that ended are still on; no call was tried",
			"if that is Tebiki, all is well: ask again when it is stopped to try calls; if not, give each its own name (phone.asterisk.app)")
		return false, func() {}
	case adapters.CodeOf(err) != adapters.NotFound:
		failed(r, about, err)
		return false, func() {}
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(running) // it ends by stop, and has no other error
	}()
	disconnect = func() { stop(); <-done }
	if err := a.firstLink(ctx); err != nil {
		failed(r, "the websocket of events", err)
		return false, disconnect
	}
	r.Fact("the application %s is free, and its events come", a.opt.App)
	return true, disconnect
}

// firstLink waits until the connection is there, for a while.
func (a *Asterisk) firstLink(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, 2*requestTime)
	defer cancel()
	for {
		up, _, change, _ := a.link.state()
		if up {
			return nil
		}
		select {
		case <-change:
		case <-limited.Done():
			why, _ := a.link.down()
			return why
		}
	}
}

// checkVoice lets the voice speak.
func (a *Asterisk) checkVoice(ctx context.Context, r *adapters.Report, o DoctorOptions) (media []string) {
	if len(o.Prompt) == 0 {
		return nil
	}
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, speakTime)
	defer cancel()
	media, err := a.opt.Voice.Speak(limited, o.Lang, o.Prompt)
	about := "the voice in " + strconv.Quote(o.Lang)
	switch {
	case err != nil:
		failed(r, about, err)
	case len(media) == 0:
		r.Fault(about, "it says nothing", "see phone.asterisk.speech in the configuration")
	case media[0] == speech.Tone:
		r.Fault(about, "nothing speaks: a tone is heard in place of words", "see whether the program in phone.asterisk.speech runs, and whether Tebiki may write to the sounds folder")
	default:
		r.Fact("the voice speaks %q within %v as %s", o.Lang, time.Since(began).Round(time.Millisecond), strings.Join(media, " "))
		return media
	}
	return nil
}
