package urgent

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"tebiki/adapters/phone"
	"tebiki/bot/roster"
	"tebiki/bot/text"
	"tebiki/escalation"
	"tebiki/store/outbox"
)

// maxParts is how many incidents one call offers; the others have the next.
const maxParts = 20

// A round is one call to a person about everything that wants them at that
// moment: nobody is rung up for one incident while hearing of another. The
// incidents are offered in turn; what joins while the call is on is offered
// at its end.
//
// What a key does and what happens elsewhere come from two goroutines, so
// both hold mu. A key counts for an incident that the person has heard of:
// between the moment when somebody else takes one and the moment when the
// person hears so, keys do nothing.
type round struct {
	f      *Flow
	p      text.Printer
	person roster.Person
	own    *part // the one whose item the handler has

	mu      sync.Mutex
	parts   []*part
	at      int // the one that is offered
	offered bool
}

// part is one incident of a round, with the item that asked for its page.
type part struct {
	it      outbox.Item
	page    uint32
	inc     escalation.Incident
	outcome phone.Outcome // "" while nothing has settled it
}

// begin makes the round of the handler's own item and all that waits behind
// it. Nothing is offered yet, so the order is that of all.
func (r *round) begin(ctx context.Context, own *part) error {
	r.own, r.parts = own, []*part{own}
	err := r.gather(ctx)
	gravestFirst(r.parts)
	return err
}

// gravestFirst puts the gravest first, then the oldest.
func gravestFirst(parts []*part) {
	slices.SortStableFunc(parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(b.inc.Gravity(), a.inc.Gravity()), a.inc.Opened.Compare(b.inc.Opened))
	})
}

// gather adds the pages that wait behind those there are.
func (r *round) gather(ctx context.Context) error {
	last := slices.MaxFunc(r.parts, func(a, b *part) int { return cmp.Compare(a.it.Seq, b.it.Seq) })
	items, err := r.f.Outbox.Behind(ctx, last.it, maxParts-len(r.parts))
	if err != nil {
		return err
	}
	var more []*part
	for _, it := range items {
		var e escalation.Effect
		if it.Kind != string(escalation.Reach) || json.Unmarshal(it.Body, &e) != nil || e.Person != r.person.ID {
			continue
		}
		inc, ok, err := r.f.Core.Incident(ctx, e.Incident)
		if err != nil || !ok || inc.Status != escalation.Open || r.has(inc.ID) {
			continue // its own turn settles it
		}
		more = append(more, &part{it: it, page: e.Page, inc: inc})
	}
	gravestFirst(more)
	r.parts = append(r.parts, more...)
	return nil
}

func (r *round) has(id escalation.ID) bool {
	return slices.ContainsFunc(r.parts, func(p *part) bool { return p.inc.ID == id })
}

// advance goes on to the next incident that nothing has settled; false when
// there is none. mu is held.
func (r *round) advance(ctx context.Context) bool {
	for range 2 {
		for r.at < len(r.parts) {
			if r.parts[r.at].outcome == "" {
				return true
			}
			r.at++
		}
		if err := r.gather(ctx); err != nil {
			r.f.Log.Warn("what else waits for a person on the telephone cannot be read; it has a call of its own", "person", r.person.ID, "err", err)
		}
	}
	return r.at < len(r.parts)
}

// onward is what follows when an incident is settled: the next one, or the end
// of the call. mu is held.
func (r *round) onward(ctx context.Context, say phone.Sentence, o phone.Outcome) phone.Answer {
	r.parts[r.at].outcome = o
	if !r.advance(ctx) {
		return phone.Answer{Say: []phone.Sentence{say}, End: true, Result: o}
	}
	id := r.parts[r.at].inc.ID
	next := sentence(r.p, fmt.Sprintf("incident number:%d", id), "call.next", "incident", id)
	return phone.Answer{Say: []phone.Sentence{say}, Prompt: r.prompt(ctx, next), Again: true}
}

// opening is the prompt of the call.
func (r *round) opening(ctx context.Context) []phone.Sentence {
	inc := &r.parts[0].inc
	if n := len(r.parts); n > 1 {
		fixed := fmt.Sprintf("hello number:%d incidents incident number:%d", n, inc.ID)
		return r.prompt(ctx, sentence(r.p, fixed, "call.several", "name", r.person.Name, "n", n, "incident", inc.ID))
	}
	return r.prompt(ctx, sentence(r.p, fmt.Sprintf("hello incident number:%d", inc.ID), "call.hello", "name", r.person.Name, "incident", inc.ID))
}

func (r *round) prompt(ctx context.Context, first phone.Sentence) []phone.Sentence {
	return append([]phone.Sentence{first}, r.f.about(ctx, r.p, &r.parts[r.at].inc)...)
}

// press does what a key says. The person hears of it only once it is
// committed, and hears so when it could not be.
func (r *round) press(ctx context.Context, key string) phone.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.offered {
		return phone.Answer{} // meant for the one before; the news of it is on its way
	}
	f, p, inc := r.f, r.p, &r.parts[r.at].inc
	switch key {
	case "1":
		return r.pressed(ctx, escalation.Ack{Incident: inc.ID, Person: r.person.ID, Via: escalation.Phone}, phone.Acknowledged, sentence(p, "acknowledged", "call.acknowledged"))
	case "2":
		return r.pressed(ctx, escalation.PassOn{Incident: inc.ID, Person: r.person.ID, Via: escalation.Phone}, phone.PassedOn, sentence(p, "passed", "call.passed"))
	case "3":
		return phone.Answer{Say: append(f.procedure(ctx, p, inc), menu(p))}
	case "0":
		return phone.Answer{Again: true}
	}
	return phone.Answer{Say: []phone.Sentence{sentence(p, "wrong", "call.wrong", "key", key), menu(p)}}
}

func (r *round) pressed(ctx context.Context, ev escalation.Event, o phone.Outcome, say phone.Sentence) phone.Answer {
	rs, err := r.f.Core.SubmitWith(ctx, nil, ev)
	if err != nil {
		r.f.Log.Error("a key that was pressed on a call could not be stored", "err", err)
		return phone.Answer{Say: []phone.Sentence{sentence(r.p, "trouble", "call.trouble"), menu(r.p)}}
	}
	if rs[0].Changed {
		return r.onward(ctx, say, o)
	}
	now := escalation.Incident{Status: rs[0].Status, AckBy: rs[0].By}
	return r.onward(ctx, r.f.overSentence(r.p, now, r.person), phone.Withdrawn)
}

// watch tells the call of incidents that are no longer open.
func (r *round) watch(ctx context.Context, news chan<- phone.Answer) {
	for {
		changed := r.f.Core.Changed(0)
		if a, tell := r.look(ctx); tell {
			select {
			case news <- a:
				r.mu.Lock()
				r.offered = true
				r.mu.Unlock()
			case <-ctx.Done():
				return
			}
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// look settles what others have taken; tell says that the person on the call
// must hear of it.
func (r *round) look(ctx context.Context) (a phone.Answer, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n, part := range r.parts {
		if part.outcome != "" {
			continue
		}
		inc, ok, err := r.f.Core.Incident(ctx, part.inc.ID)
		if err != nil || ok && inc.Status == escalation.Open {
			continue
		}
		if n != r.at {
			part.outcome = phone.Withdrawn
			continue
		}
		r.offered = false
		return r.onward(ctx, r.f.overSentence(r.p, inc, r.person), phone.Withdrawn), true
	}
	return a, false
}

// settle gives each page what became of it. The handler's own comes last:
// while its item is there, what cannot be stored now is tried again.
func (r *round) settle(ctx context.Context, result phone.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var own escalation.PageResult
	for n, part := range r.parts {
		page := part.result(result, r.heardOf(n))
		if part == r.own {
			own = page
			continue
		}
		if err := r.f.report(ctx, part.it, page); err != nil {
			return err
		}
	}
	return r.f.report(ctx, r.own.it, own)
}

// heardOf tells whether the person was told of an incident, by its place. mu is
// held.
func (r *round) heardOf(n int) bool { return n < r.at || n == r.at && r.offered }

// result is what became of the page in a call that went so.
func (p *part) result(call phone.Result, heardOf bool) escalation.PageResult {
	page := escalation.PageResult{Incident: p.inc.ID, Page: p.page, Outcome: escalation.Outcome(p.outcome)}
	switch {
	case p.outcome != "":
	case call.Outcome == phone.Heard && !heardOf:
		page.Outcome, page.Cause = escalation.NotAnswered, "the call ended before this one was offered"
	default:
		page.Outcome, page.Cause = escalation.Outcome(call.Outcome), call.Cause
	}
	return page
}
