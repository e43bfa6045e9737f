package asterisk

import (
	"context"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

const (
	testRing   = 10 * time.Second // of an endpoint that answers by itself
	personRing = 40 * time.Second
)

// checkPlaying plays what the voice gave to an endpoint that answers by
// itself: whether Asterisk finds and reads it shows only there.
func (a *Asterisk) checkPlaying(ctx context.Context, r *adapters.Report, endpoint string, media []string) {
	if len(media) == 0 {
		return
	}
	about := "the test call to " + endpoint
	id := channelID("doctor " + time.Now().String())
	l := &leg{a: a, c: &phone.Call{Ring: testRing}, id: id, box: a.open(id)}
	defer a.shut(id)
	rung, err := l.ring(ctx, endpoint)
	defer func() { l.end(ctx, rung); l.vanish(ctx) }()
	switch {
	case err != nil:
		failed(r, about, err)
		return
	case rung.Outcome == phone.Unreachable && rung.Cause == causes[1]:
		r.Fact("the dialplan has no %s, so whether Asterisk reads the sounds was not tried: the README shows such an extension", endpoint)
		return
	case rung.Outcome != "":
		r.Fault(about, strings.TrimSpace("nobody answers: "+string(rung.Outcome)+" "+rung.Cause), "compare the extension with the README, and see what Asterisk's log says of it")
		return
	}
	switch s, failed := l.playAll(ctx, media, false); {
	case failed:
		r.Fault("the sounds folder", "Asterisk cannot play "+strings.Join(media, " "),
			"see whether phone.asterisk.sounds is a folder that Asterisk reads sounds from, and whether Asterisk's user may read what Tebiki writes there")
	case !s.done:
		r.Fault(about, "it ended before the prompt was played", "let the extension wait for longer")
	default:
		r.Fact("Asterisk plays what the voice says")
	}
}

// checkCall calls a person and tells what they pressed.
func (a *Asterisk) checkCall(ctx context.Context, r *adapters.Report, o DoctorOptions) {
	about, pressed := "the call to "+o.Call, ""
	result, err := a.Call(ctx, phone.Call{
		ID: "doctor " + time.Now().String(), To: o.Call, Lang: o.Lang, Ring: personRing, Prompt: o.Prompt, Repeat: 1,
		Press: func(_ context.Context, key string) phone.Answer {
			pressed = key
			return phone.Answer{Say: o.Thanks, End: true, Result: phone.Acknowledged}
		},
	})
	switch {
	case err != nil:
		failed(r, about, err)
	case pressed != "":
		r.Fact("%s was answered, and %s was pressed", about, pressed)
	case result.Outcome == phone.Failed || result.Outcome == phone.Unreachable:
		r.Fault(about, string(result.Outcome)+": "+result.Cause, "compare the number and the trunk with the dialplan and pjsip.conf, and call it by another phone")
	case result.Outcome == phone.Heard:
		r.Fault(about, "it was answered, and no key came here", "if a key was pressed, see dtmf_mode of the endpoint or the trunk in pjsip.conf: rfc4733 is usual")
	default:
		r.Fact("%s ended as %s", about, result.Outcome)
	}
}
