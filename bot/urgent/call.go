package urgent

import (
	"context"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/store/outbox"
)

// spokenKnowHow is how many characters of the know-how are read aloud before
// the menu: some twenty seconds.
const spokenKnowHow = 160

// call rings a person's phone. Its result is committed with the removal of
// the item; what the person pressed was committed while the call was on.
func (f *Flow) call(ctx context.Context, it outbox.Item, e escalation.Effect) error {
	inc, gone, err := f.incident(ctx, it, e.Incident)
	if gone || err != nil {
		return err
	}
	result := escalation.PageResult{Incident: inc.ID, Page: e.Page, Outcome: escalation.Withdrawn}
	person, ok := f.Roster.Person(e.Person)
	switch {
	case inc.Status != escalation.Open:
		return f.report(ctx, it, result)
	case !ok:
		result.Outcome, result.Cause = escalation.Failed, "the roster has no such person"
		return f.report(ctx, it, result)
	}
	r, err := f.ring(ctx, &inc, person, e)
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the process ends; the next one calls again
	case err != nil:
		f.Log.Warn("a call could not be made; the next channel is used now", "incident", inc.ID, "person", person.ID, "err", err)
		result.Outcome, result.Cause = escalation.Failed, adapters.CodeOf(err).String()
	default:
		result.Outcome, result.Cause = escalation.Outcome(r.Outcome), r.Cause
	}
	return f.report(ctx, it, result)
}

// ring makes the call, and takes it back when there is no need for it.
func (f *Flow) ring(ctx context.Context, inc *escalation.Incident, person roster.Person, e escalation.Effect) (phone.Result, error) {
	p := text.For(person.Lang, person.Zone)
	watch, stop := context.WithCancel(ctx)
	over := make(chan []phone.Sentence, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.watchCall(watch, p, inc.ID, person, over)
	}()
	defer func() { stop(); <-done }()
	return f.Phone.Call(ctx, phone.Call{
		ID: e.Key, To: person.Phone, Lang: person.Lang, Ring: f.Ring, Repeat: f.Repeat,
		Prompt: phone.Texts(f.prompt(p, inc, person)...),
		Menu: []phone.Choice{{Key: "1", Label: p.Say("menu.ack")}, {Key: "2", Label: p.Say("menu.pass")},
			{Key: "3", Label: p.Say("menu.procedure")}, {Key: "0", Label: p.Say("menu.again")}},
		Press: func(ctx context.Context, key string) phone.Answer { return f.press(ctx, p, inc, person, key) },
		Over:  over,
	})
}

// watchCall tells a call when its incident is no longer open.
func (f *Flow) watchCall(ctx context.Context, p text.Printer, id escalation.ID, person roster.Person, over chan<- []phone.Sentence) {
	for {
		changed := f.Core.Changed(id)
		inc, ok, err := f.Core.Incident(ctx, id)
		if err == nil && (!ok || inc.Status != escalation.Open) {
			over <- phone.Texts(f.overSentence(p, inc, person))
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// overSentence says why a call is no longer needed. It may be the person on
// the line who has taken the incident, by the message's button.
func (f *Flow) overSentence(p text.Printer, inc escalation.Incident, person roster.Person) string {
	if inc.Status == escalation.Acknowledged && inc.AckBy == person.ID {
		return p.Say("call.acknowledged")
	}
	return p.Say("call.over."+string(inc.Status), "by", f.Roster.Name(inc.AckBy))
}

// prompt is what the person hears.
func (f *Flow) prompt(p text.Printer, inc *escalation.Incident, person roster.Person) []string {
	out := []string{p.Say("call.hello", "name", person.Name, "incident", inc.ID)}
	key := "call.alert"
	if inc.Storm {
		key = "call.storm"
	}
	out = append(out, p.Say(key, "headline", brief.Headline(&inc.Root), "ago", p.Duration(time.Since(inc.Opened)), "n", inc.Members))
	if base, entry, ok := f.entry(inc); ok && len(entry.Subtickets) > 0 {
		if d, ok := base.Doc(entry.Subtickets[0].Doc, p.Lang()); ok {
			out = append(out, p.Say("call.knowhow", "title", entry.Title.In(p.Lang())))
			out = append(out, brief.Spoken(d.TODO, spokenKnowHow)...)
		}
	}
	return append(out, p.Say("call.menu"))
}

// press does what a key says. The person hears of it only once it is
// committed, and hears so when it could not be.
func (f *Flow) press(ctx context.Context, p text.Printer, inc *escalation.Incident, person roster.Person, key string) phone.Answer {
	switch key {
	case "1":
		return f.pressed(ctx, p, person, escalation.Ack{Incident: inc.ID, Person: person.ID, Via: escalation.Phone}, phone.Acknowledged, "call.acknowledged")
	case "2":
		return f.pressed(ctx, p, person, escalation.PassOn{Incident: inc.ID, Person: person.ID, Via: escalation.Phone}, phone.PassedOn, "call.passed")
	case "3":
		return phone.Answer{Say: phone.Texts(append(f.procedure(p, inc), p.Say("call.menu"))...)}
	case "0":
		return phone.Answer{Again: true}
	}
	return phone.Answer{Say: phone.Texts(p.Say("call.wrong", "key", key), p.Say("call.menu"))}
}

func (f *Flow) pressed(ctx context.Context, p text.Printer, person roster.Person, ev escalation.Event, o phone.Outcome, say string) phone.Answer {
	rs, err := f.Core.SubmitWith(ctx, nil, ev)
	if err != nil {
		f.Log.Error("a key that was pressed on a call could not be stored", "err", err)
		return phone.Answer{Say: phone.Texts(p.Say("call.trouble"), p.Say("call.menu"))}
	}
	r := rs[0]
	if !r.Changed {
		now := escalation.Incident{Status: r.Status, AckBy: r.By}
		return phone.Answer{Say: phone.Texts(f.overSentence(p, now, person)), End: true, Result: phone.Withdrawn}
	}
	return phone.Answer{Say: phone.Texts(p.Say(say)), End: true, Result: o}
}

// procedure is the first document's procedure, as far as it can be followed
// by ear.
func (f *Flow) procedure(p text.Printer, inc *escalation.Incident) []string {
	base, entry, ok := f.entry(inc)
	if !ok || len(entry.Subtickets) == 0 {
		return []string{p.Say("call.noprocedure")}
	}
	d, ok := base.Doc(entry.Subtickets[0].Doc, p.Lang())
	if !ok {
		return []string{p.Say("call.noprocedure")}
	}
	return brief.Spoken(d.Procedure, 2*spokenKnowHow)
}
