package hotline

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters/phone"
	"tebiki/bot/roster"
	"tebiki/escalation"
)

// How many people and teams have a key each.
const (
	maxOnCall = 5
	maxTeams  = 8
)

// duty says who is on call and connects, first for the caller's own team.
func (v *visit) duty() error {
	team, _ := v.Roster.TeamOf(v.person.ID)
	for {
		people := v.onCall(team.ID, time.Now())
		key, err := v.choose(v.dutyKeys(people), func() []phone.Sentence { return v.dutyMenu(team, people) })
		switch {
		case err != nil || key == "#":
			return err
		case key == "9":
			if team, err = v.otherTeam(team); err != nil {
				return err
			}
			continue
		}
		n, _ := strconv.Atoi(key)
		if err := v.connect(people[n-1]); err != nil {
			return err
		}
	}
}

// onCall lists who is on call for a team now, in the order in which they
// would be paged, and its leader behind them.
func (f *Flow) onCall(team string, now time.Time) (people []roster.Person) {
	add := func(id string) {
		p, ok := f.Roster.Person(id)
		if ok && len(people) < maxOnCall && !slices.ContainsFunc(people, func(o roster.Person) bool { return o.ID == id }) {
			people = append(people, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Rules.Policies)) {
		policy := f.Rules.Policies[name]
		if policy.Team != team {
			continue
		}
		for _, step := range policy.Steps {
			add(f.turn(step.Who, now))
		}
	}
	leader, _ := f.Roster.Leader(team)
	add(leader.ID)
	return people
}

// turn gives the id of whose turn it is.
func (f *Flow) turn(t escalation.Target, now time.Time) string {
	if t.Person != "" {
		return t.Person
	}
	s, ok := f.Rules.Schedules[t.Schedule]
	if !ok {
		return ""
	}
	shift, _ := s.At(t.Layer, now)
	return shift.Person
}

func (v *visit) dutyKeys(people []roster.Person) string {
	keys := "123456789"[:len(people)] + "#"
	if len(v.Roster.Teams()) > 1 {
		keys += "9"
	}
	return keys
}

func (v *visit) dutyMenu(team roster.Team, people []roster.Person) (out []phone.Sentence) {
	if len(people) == 0 {
		out = append(out, v.sentence("hotline.duty.none", "team", team.Name))
	}
	for i, p := range people {
		key := "hotline.duty.next"
		if i == 0 {
			key = "hotline.duty.first"
		}
		out = append(out, v.sentence(key, "team", team.Name, "name", p.Name))
	}
	for i, p := range people {
		s := v.sentence("hotline.duty.connect", "name", p.Name, "key", i+1)
		if i == 0 { // the recorded words name this key
			s.Fixed = "connect"
		}
		out = append(out, s)
	}
	if len(v.Roster.Teams()) > 1 {
		out = append(out, v.sentence("hotline.duty.others"))
	}
	return append(out, v.sentence("hotline.back"))
}

// otherTeam lets the caller choose a team.
func (v *visit) otherTeam(now roster.Team) (roster.Team, error) {
	teams := v.Roster.Teams()
	teams = teams[:min(len(teams), maxTeams)]
	key, err := v.choose("12345678"[:len(teams)]+"#", func() (out []phone.Sentence) {
		for i, t := range teams {
			out = append(out, v.sentence("hotline.duty.team", "team", t.Name, "key", i+1))
		}
		return append(out, v.sentence("hotline.back"))
	})
	if err != nil || key == "#" {
		return now, err
	}
	n, _ := strconv.Atoi(key)
	return teams[n-1], nil
}

// connect brings the caller together with somebody. What became of it is said
// to a caller who is still there.
func (v *visit) connect(p roster.Person) error {
	if v.known && p.ID == v.person.ID {
		return v.say("hotline.connect.self")
	}
	if v.talks++; v.talks > maxTalks {
		return errEnough
	}
	if err := v.say("hotline.connect", "name", p.Name); err != nil {
		return err
	}
	outcome, err := v.bridge(p)
	v.note("asked for " + p.ID + ": " + string(outcome))
	if err != nil {
		return err
	}
	if outcome == phone.Heard {
		return v.say("hotline.connect.talked", "name", p.Name)
	}
	return v.say("hotline.connect."+missed(outcome), "name", p.Name)
}

// bridge does not count towards the time a caller has: people who talk about
// an outage are not cut off. A line that cannot connect has failed to.
func (v *visit) bridge(p roster.Person) (phone.Outcome, error) {
	ctx, cancel := context.WithTimeout(v.call, maxTalk)
	defer cancel()
	outcome, err := v.line.Connect(ctx, p.Phone, v.Ring)
	switch {
	case v.call.Err() != nil:
		return phone.Withdrawn, v.call.Err()
	case errors.Is(err, phone.ErrHungUp):
		return cmp.Or(outcome, phone.Withdrawn), err
	case outcome == phone.Heard: // though it lasted as long as it may
	case err != nil:
		v.Log.Warn("a caller could not be connected", "call", v.line.ID(), "to", p.ID, "err", err)
		outcome = phone.Failed
	}
	v.extend()
	return outcome, nil
}

// missed is an outcome by the sentences that there are.
func missed(o phone.Outcome) string {
	switch o {
	case phone.NotAnswered, phone.Busy:
		return strings.ReplaceAll(string(o), " ", "")
	}
	return "failed"
}
