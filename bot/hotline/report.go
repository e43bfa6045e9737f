package hotline

import (
	"context"
	"errors"
	"sync"
	"time"

	"tebiki/adapters/phone"
	"tebiki/escalation"
)

// A spoken report is what is left of somebody's words.
type spokenReport struct {
	length    time.Duration
	recording string // its name; "" when there is none
}

// report takes down what the caller has to say and raises the alert. Whoever
// has pressed the key wants help: only silence and a hangup before the first
// word raise nothing.
func (v *visit) report() error {
	if v.reports >= maxReports {
		return errEnough
	}
	said, ok, err := v.listen()
	if err != nil || !ok {
		return err
	}
	if said.recording == "" {
		v.figures.count(func(n *Figures) { n.Unheard++ })
	}
	r, alert, err := v.raise(said)
	if err != nil {
		v.figures.count(func(n *Figures) { n.Lost++ })
		v.note("reported in vain")
		v.Log.Error("a caller's report could not be stored; they were told whom to call", "call", v.line.ID(), "caller", v.number,
			"recording", said.recording, "err", err)
		return v.help(v.Rules.Team(&alert))
	}
	v.figures.count(func(n *Figures) { n.Reports++ })
	if r.Low {
		v.note("reported for the morning")
	} else {
		v.note("reported " + r.Incident.String())
	}
	return v.thank(r, said)
}

// listen records, again when nothing was heard. ok is false when there is
// nothing to report.
func (v *visit) listen() (said spokenReport, ok bool, err error) {
	ask := "hotline.report.speak"
	for range 2 {
		// A caller who hears nothing can still speak.
		if err := v.say(ask); err != nil && v.over(err) {
			return said, false, err
		}
		rec, err := v.record()
		switch {
		case err != nil && (errors.Is(err, phone.ErrHungUp) || v.call.Err() != nil):
			v.note("hung up before a report")
			return said, false, err
		case err != nil:
			v.Log.Error("a caller could not be recorded; the report is raised without", "call", v.line.ID(), "err", err)
			v.extend()
			return said, true, nil
		case rec.Duration >= minSpeak:
			v.extend()
			return spokenReport{rec.Duration, v.keep(rec)}, true, nil
		}
		v.drop(rec)
		ask = "hotline.report.again"
	}
	v.note("reported nothing")
	return said, false, v.say("hotline.report.silence")
}

// record gives the words their whole time, however late in the call they come.
func (v *visit) record() (phone.Recording, error) {
	ctx, cancel := context.WithTimeout(v.call, maxSpeak+maxWords)
	defer cancel()
	return v.line.Record(ctx, maxSpeak)
}

func (v *visit) drop(rec phone.Recording) {
	if rec.WAV != nil {
		_ = rec.WAV.Close() // nothing in it is wanted
	}
}

// keep stores a recording and gives its name; "" when it could not be stored.
// A reader that does not come to an end is cut off with the time there is.
func (v *visit) keep(rec phone.Recording) string {
	ctx, cancel := v.storing()
	defer cancel()
	if rec.WAV == nil {
		v.Log.Error("a recording has nothing in it; the report is raised without", "call", v.line.ID())
		return ""
	}
	drop := sync.OnceFunc(func() { v.drop(rec) })
	defer drop()
	defer context.AfterFunc(ctx, drop)()
	id, err := v.Recordings.Keep(ctx, rec.WAV, time.Now())
	if err != nil {
		v.Log.Error("a recording could not be stored; the report is raised without", "call", v.line.ID(), "err", err)
		return ""
	}
	v.note("left the recording " + id)
	return id
}

// thank says what became of the report, once it is committed.
func (v *visit) thank(r escalation.Receipt, said spokenReport) error {
	var words []phone.Sentence
	if said.recording == "" {
		words = append(words, v.sentence("hotline.report.unheard"))
	}
	return v.speak(append(words, v.became(r))...)
}

func (v *visit) became(r escalation.Receipt) phone.Sentence {
	ctx, cancel := v.storing()
	defer cancel()
	inc, ok, err := v.Core.Incident(ctx, r.Incident)
	switch {
	case r.Low:
		return v.sentence("hotline.report.morning")
	case r.Status == escalation.Held:
		return v.sentence("hotline.report.held", "incident", r.Incident)
	case err != nil || !ok:
		return v.sentence("hotline.report.noted", "incident", r.Incident)
	case inc.Status == escalation.Acknowledged:
		return v.sentence("hotline.report.taken", "incident", r.Incident, "name", v.Roster.Name(inc.AckBy))
	case inc.Status != escalation.Open || inc.Now == "":
		return v.sentence("hotline.report.noted", "incident", r.Incident)
	case r.Alert > 1:
		return v.sentence("hotline.report.added", "incident", r.Incident, "name", v.Roster.Name(inc.Now))
	}
	return v.sentence("hotline.report.opened", "incident", r.Incident, "name", v.Roster.Name(inc.Now))
}

// help is for a caller whose report is lost: they are connected to whoever is
// on call, and told whom to call when that fails, too.
func (v *visit) help(team string) error {
	people := v.onCall(team, time.Now())
	if len(people) == 0 {
		return v.say("hotline.lost")
	}
	p := people[0]
	if err := v.say("hotline.lost.connect", "name", p.Name); err != nil {
		return err
	}
	v.talks++
	outcome, err := v.bridge(p)
	v.note("connected to " + p.ID + ": " + string(outcome))
	if err != nil || outcome == phone.Heard {
		return err
	}
	return v.say("hotline.lost.call", "name", p.Name)
}
