package urgent

import (
	"cmp"
	"context"
	"fmt"
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

// call rings a person's phone, about all that waits for them. Its results are
// committed with the removal of the items; what the person pressed was
// committed while the call was on.
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
	r := &round{f: f, p: text.For(person.Lang, person.Zone), person: person, offered: true}
	if err := r.begin(ctx, &part{it: it, page: e.Page, inc: inc}); err != nil {
		return err
	}
	called, err := r.ring(ctx, e.Key)
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the process ends; the next one calls again
	case err != nil:
		f.Log.Warn("a call could not be made; the next channel is used now", "incident", inc.ID, "person", person.ID, "err", err)
		called = phone.Result{Outcome: phone.Failed, Cause: uncalled(err)}
	case called.Outcome == phone.Failed:
		f.Log.Warn("a call failed; the next channel is used now", "incident", inc.ID, "person", person.ID, "cause", called.Cause, "trying_again_helps", called.Again)
	}
	return r.settle(ctx, called)
}

// uncalled says why no call could be tried, to whoever reads the incident's
// history: the log has the error, which may name hosts and numbers.
func uncalled(err error) string {
	switch adapters.CodeOf(err) {
	case adapters.Denied:
		return "the telephone exchange does not accept Tebiki's password"
	case adapters.Refused, adapters.NotFound:
		return "the telephone cannot call such an address"
	}
	return "there was no way to the telephone exchange"
}

// ring makes the call, and tells it what changes.
func (r *round) ring(ctx context.Context, id string) (phone.Result, error) {
	p, opening := r.p, r.opening(ctx) // before others may change the round
	watch, stop := context.WithCancel(ctx)
	news := make(chan phone.Answer)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.watch(watch, news)
	}()
	defer func() { stop(); <-done }()
	return r.f.Phone.Call(ctx, phone.Call{
		ID: id, To: r.person.Phone, Lang: r.person.Lang, Ring: r.f.Ring, Repeat: r.f.Repeat, Prompt: opening,
		Menu: []phone.Choice{{Key: "1", Label: p.Say("menu.ack")}, {Key: "2", Label: p.Say("menu.pass")},
			{Key: "3", Label: p.Say("menu.procedure")}, {Key: "0", Label: p.Say("menu.again")}},
		Press: r.press, News: news,
	})
}

// sentence is one of the catalogue's, with what recorded words can say of it:
// they are used when nothing else speaks.
func sentence(p text.Printer, fixed, key string, args ...any) phone.Sentence {
	return phone.Sentence{Text: p.Say(key, args...), Fixed: fixed}
}

func menu(p text.Printer) phone.Sentence { return sentence(p, "menu", "call.menu") }

// overSentence says why a call is no longer needed. It may be the person on
// the line who has taken the incident, by the message's button.
func (f *Flow) overSentence(p text.Printer, inc escalation.Incident, person roster.Person) phone.Sentence {
	if inc.Status == escalation.Acknowledged && inc.AckBy == person.ID {
		return sentence(p, "acknowledged", "call.acknowledged")
	}
	fixed := map[escalation.Status]string{
		escalation.Open: "over-open", escalation.Held: "over-held", escalation.Acknowledged: "over-acknowledged", escalation.Resolved: "over-resolved", escalation.Closed: "over-resolved",
	}[inc.Status]
	return sentence(p, cmp.Or(fixed, "over"), "call.over."+string(inc.Status), "by", f.Roster.Name(inc.AckBy))
}

// about is what is said of an incident.
func (f *Flow) about(ctx context.Context, p text.Printer, inc *escalation.Incident) []phone.Sentence {
	key, fixed := "call.alert", "alert details"
	if inc.Storm {
		key, fixed = "call.storm", fmt.Sprintf("storm number:%d alerts details", inc.Members)
	}
	headline := brief.Aloud(brief.Headline(&inc.Root), p.Lang())
	out := []phone.Sentence{sentence(p, fixed, key, "headline", headline, "ago", p.Duration(time.Since(inc.Opened)), "n", inc.Members)}
	if c, ok := f.guide(ctx, inc); ok && len(c.Entry.Subtickets) > 0 {
		if d, ok := c.Base.Doc(c.Entry.Subtickets[0].Doc, p.Lang()); ok {
			out = append(out, sentence(p, "", "call.knowhow", "title", c.Entry.Title.In(p.Lang())))
			out = append(out, phone.Texts(brief.Spoken(d.TODO, spokenKnowHow)...)...)
		}
	}
	return append(out, menu(p))
}

// procedure is the first document's procedure, as far as it can be followed
// by ear.
func (f *Flow) procedure(ctx context.Context, p text.Printer, inc *escalation.Incident) []phone.Sentence {
	none := []phone.Sentence{sentence(p, "noprocedure", "call.noprocedure")}
	c, ok := f.guide(ctx, inc)
	if !ok || len(c.Entry.Subtickets) == 0 {
		return none
	}
	d, ok := c.Base.Doc(c.Entry.Subtickets[0].Doc, p.Lang())
	if !ok {
		return none
	}
	said := phone.Texts(brief.Spoken(d.Procedure, 2*spokenKnowHow)...)
	if len(said) > 0 {
		said[0].Fixed = "procedure" // where it is to be read
	}
	return said
}
