package config

import (
	"errors"
	"time"

	"tebiki/bot/roster"
)

// roster makes the roster; nil when there is a fault in it.
func (b *builder) roster() *roster.Roster {
	var people []roster.Person
	for _, it := range b.wire.People {
		p := it.value.person(it.name)
		if b.wire.Slack != nil {
			b.inSlack(it.at, &p)
		}
		if b.wire.Tracker != nil {
			b.inTracker(&p)
		}
		people = append(people, p)
	}
	var teams []roster.Team
	for _, it := range b.wire.Teams {
		team := it.value.team(it.name)
		if c := b.calendar(it.at.key("calendar"), it.value.Calendar); c != nil {
			team.Calendar = c
			b.calendars = append(b.calendars, c)
		}
		teams = append(teams, team)
	}
	r, err := roster.New(people, teams)
	for _, err := range flatten(err) {
		b.rosterFault(err)
	}
	return r
}

func (w *personWire) person(id string) roster.Person {
	return roster.Person{
		ID: id, Name: w.Name, Lang: w.Lang, Zone: w.Zone.Location, Team: w.Team,
		Chat: w.Chat, Phone: w.Phone, Mail: w.Mail, Tracker: w.Tracker, PIN: w.PIN.hash,
	}
}

func (w *teamWire) team(id string) roster.Team {
	t := roster.Team{
		ID: id, Name: w.Name, Leader: w.Leader, Channel: w.Channel, Lang: w.Lang,
		Zone: w.Zone.Location, Morning: time.Duration(w.Morning), Evening: time.Duration(w.Evening), Holidays: map[string]bool{},
	}
	for _, d := range w.Holidays {
		t.Holidays[d.Format(roster.Day)] = true
	}
	return t
}

// rosterFault traces what the roster found back to its place.
func (b *builder) rosterFault(err error) {
	var f *roster.Fault
	if !errors.As(err, &f) {
		b.fault("", "%v", err)
		return
	}
	section, others := "people", len(b.wire.Teams)
	if f.Team {
		section, others = "teams", len(b.wire.People)
	}
	p := at(section, f.ID)
	switch {
	case f.Key == "":
		b.fault(p, "%s", f.What)
	case (f.Key == "team" || f.Key == "leader") && others == 0:
		// It refers into a section that is not there, which is told already.
	default:
		b.consequence(p.key(f.Key), f.What)
	}
}

// flatten lists the errors that were joined, those in joined ones too.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range joined.Unwrap() {
		out = append(out, flatten(e)...)
	}
	return out
}
