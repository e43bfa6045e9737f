package hotline

import (
	"cmp"
	"slices"
	"time"

	"tebiki/adapters/phone"
	"tebiki/bot/brief"
	"tebiki/escalation"
)

const (
	maxIncidents = 50  // that are offered on one call
	spoken       = 320 // characters of a procedure that are read aloud
)

// incidents offers those of the caller's team, one after the other.
func (v *visit) incidents() error {
	list, err := v.Core.Open(v.ctx, maxIncidents, v.mine)
	switch {
	case v.ctx.Err() != nil:
		return v.ctx.Err()
	case err != nil:
		v.Log.Error("the incidents could not be read for a caller", "call", v.line.ID(), "err", err)
		return v.say("hotline.trouble")
	case len(list) == 0:
		return v.say("hotline.incidents.none")
	}
	slices.SortStableFunc(list, func(a, b escalation.Incident) int { return cmp.Compare(v.rank(&a), v.rank(&b)) })
	if err := v.say("hotline.incidents", "n", len(list)); err != nil {
		return err
	}
	for i := range list {
		if back, err := v.offer(list[i].ID); back || err != nil {
			return err
		}
	}
	return v.say("hotline.incidents.end")
}

// mine tells whether somebody of the caller's teams is needed for it: the
// team they are in, and those that they lead.
func (v *visit) mine(inc *escalation.Incident) bool {
	if inc.Status != escalation.Open && inc.Status != escalation.Acknowledged {
		return false
	}
	team := v.Rules.PolicyOf(inc).Team
	leader, _ := v.Roster.Leader(team)
	return v.person.Team == team || leader.ID == v.person.ID
}

// rank puts first what nobody is at work on, and last what the caller is.
// What is equal stays in its order: the newest first.
func (v *visit) rank(inc *escalation.Incident) int {
	switch {
	case inc.Status == escalation.Open && inc.Storm:
		return 0
	case inc.Status == escalation.Open:
		return 1
	case inc.AckBy != v.person.ID:
		return 2
	}
	return 3
}

// offer reads one incident out until the caller has done with it. back is
// for the menu before.
func (v *visit) offer(id escalation.ID) (back bool, err error) {
	for {
		inc, ok, err := v.read(id)
		if !ok || err != nil {
			return false, err
		}
		keys, menu := v.deeds(&inc)
		key, err := v.choose(keys, func() []phone.Sentence { return append(v.describe(&inc), v.sentence(menu)) })
		if err != nil || key == "#" || key == "2" {
			return key == "#", err
		}
		if key == "3" {
			v.note("heard the procedure of " + id.String())
			if err := v.speak(v.procedure(&inc)...); err != nil {
				return false, err
			}
			continue
		}
		if done, err := v.acknowledge(&inc); done || err != nil {
			return false, err
		}
	}
}

// read gives an incident that is not over; of one that is, the caller hears
// so.
func (v *visit) read(id escalation.ID) (inc escalation.Incident, ok bool, err error) {
	inc, ok, err = v.Core.Incident(v.ctx, id)
	switch {
	case v.ctx.Err() != nil:
		return inc, false, v.ctx.Err()
	case err != nil:
		v.Log.Error("an incident could not be read for a caller", "call", v.line.ID(), "incident", id, "err", err)
		return inc, false, v.say("hotline.trouble")
	case !ok || !v.mine(&inc):
		return inc, false, v.say("hotline.over", "incident", id)
	}
	return inc, true, nil
}

// deeds are what can be done to an incident now.
func (v *visit) deeds(inc *escalation.Incident) (keys, menu string) {
	switch {
	case inc.Status == escalation.Open:
		return "123#", "hotline.do.ack"
	case inc.AckBy != v.person.ID:
		return "123#", "hotline.do.take"
	case !inc.Confirm.IsZero():
		return "123#", "hotline.do.confirm"
	}
	return "23#", "hotline.do.mine"
}

func (v *visit) describe(inc *escalation.Incident) []phone.Sentence {
	key := "call.alert"
	if inc.Storm {
		key = "call.storm"
	}
	standing := "hotline.standing.taken"
	switch {
	case inc.Status == escalation.Open:
		standing = "hotline.standing.open"
	case inc.AckBy == v.person.ID:
		standing = "hotline.standing.mine"
	}
	headline := brief.Aloud(brief.Headline(&inc.Root), v.p.Lang())
	return []phone.Sentence{
		v.sentence("hotline.incident", "incident", inc.ID),
		v.sentence(key, "headline", headline, "ago", v.p.Duration(time.Since(inc.Opened)), "n", inc.Members),
		v.sentence(standing, "by", v.Roster.Name(inc.AckBy)),
	}
}

// acknowledge takes the incident as the caller has heard of it. One that
// somebody has taken meanwhile is not taken from them: the caller hears who,
// and decides anew.
func (v *visit) acknowledge(heard *escalation.Incident) (done bool, err error) {
	now, ok, err := v.read(heard.ID)
	if !ok || err != nil {
		return true, err
	}
	if now.Status != heard.Status || now.AckBy != heard.AckBy {
		return false, v.say("hotline.changed")
	}
	ctx, cancel := v.storing()
	defer cancel()
	rs, err := v.Core.SubmitWith(ctx, nil, escalation.Ack{Incident: heard.ID, Person: v.person.ID, Via: escalation.Phone})
	if err != nil || len(rs) == 0 {
		v.Log.Error("a key that a caller has pressed could not be stored", "call", v.line.ID(), "incident", heard.ID, "err", err)
		return false, v.say("hotline.trouble.key")
	}
	if !rs[0].Changed {
		return false, nil // it is read anew, and says itself how it stands
	}
	v.note("acknowledged " + heard.ID.String())
	return true, v.say("call.acknowledged")
}

// procedure is the first document's, as far as it can be followed by ear.
func (v *visit) procedure(inc *escalation.Incident) (said []phone.Sentence) {
	if c, ok := v.Guide.For(v.ctx, &inc.Root); ok && len(c.Entry.Subtickets) > 0 {
		if d, ok := c.Base.Doc(c.Entry.Subtickets[0].Doc, v.p.Lang()); ok {
			said = phone.Texts(brief.Spoken(d.Procedure, spoken)...)
		}
	}
	if len(said) == 0 {
		return []phone.Sentence{v.sentence("call.noprocedure")}
	}
	said[0].Fixed = "procedure" // where it is to be read
	return said
}
