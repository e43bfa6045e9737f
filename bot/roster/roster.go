// Package roster says who there is: people, their teams, and the address of
// each person in every system. It is a value: New puts it together from what
// the configuration lists, checks it, and nothing changes it afterwards, so
// all goroutines may read it.
//
// Flows name people by their id alone. An adapter's address becomes an id
// when something comes in (ByChat, ByPhone, ByNumber, ByTracker) and an id becomes an
// address when something goes out (Person).
package roster

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"tebiki/bot/roster/pin"
)

// The languages that messages exist in.
const (
	English  = "en"
	Japanese = "ja"
)

// A Person is somebody who works on tickets.
type Person struct {
	ID, Name string
	Lang     string         // English or Japanese; default is the team's
	Zone     *time.Location // default is the team's
	Team     string

	// Addresses in the systems; the default of each is the ID.
	Chat, Phone, Mail, Tracker string

	PIN pin.Hash // what they prove with who they are when they call; "" when with nothing
}

// A Roster is all people and teams.
type Roster struct {
	people                   map[string]Person
	teams                    map[string]Team
	byChat, byPhone, byTrack map[string]string // address to id
	pins                     map[string]pin.Hash
}

// New makes a roster, with defaults filled in. The error joins a *Fault for
// each thing that is wrong.
func New(people []Person, teams []Team) (*Roster, error) {
	r := &Roster{people: map[string]Person{}, teams: map[string]Team{}, pins: map[string]pin.Hash{}}
	var errs []error
	for _, t := range teams {
		errs = append(errs, r.addTeam(t)...)
	}
	for _, p := range people {
		errs = append(errs, r.addPerson(p)...)
	}
	errs = append(errs, r.checkLeaders()...)
	errs = append(errs, r.index()...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// Person gives the person with an id.
func (r *Roster) Person(id string) (Person, bool) {
	p, ok := r.people[id]
	return p, ok
}

// ByChat gives the person with an address in chat.
func (r *Roster) ByChat(addr string) (Person, bool) { return r.Person(r.byChat[addr]) }

// ByPhone gives the person with a telephone number or extension.
func (r *Roster) ByPhone(addr string) (Person, bool) { return r.Person(r.byPhone[addr]) }

// Named gives the person whom another system names: by their id here or, as
// case does not count there, by their mail, tracker or chat address.
func (r *Roster) Named(word string) (Person, bool) {
	if p, ok := r.Person(word); ok || word == "" {
		return p, ok
	}
	people := r.People()
	for _, of := range []func(Person) string{
		func(p Person) string { return p.Mail }, func(p Person) string { return p.Tracker },
		func(p Person) string { return p.Chat }, func(p Person) string { return p.ID },
	} {
		for _, p := range people {
			if strings.EqualFold(of(p), word) {
				return p, true
			}
		}
	}
	return Person{}, false
}

// ByMail gives the person with a mail address; case does not count.
func (r *Roster) ByMail(mail string) (Person, bool) {
	for _, p := range r.People() {
		if mail != "" && strings.EqualFold(p.Mail, mail) {
			return p, true
		}
	}
	return Person{}, false
}

// ByPIN gives everybody whose PIN was pressed. More than one cannot be told
// apart.
func (r *Roster) ByPIN(digits string) (found []Person, err error) {
	ids, err := pin.Match(digits, r.pins)
	for _, id := range ids {
		found = append(found, r.people[id])
	}
	return found, err
}

// HasPINs tells whether anybody has one.
func (r *Roster) HasPINs() bool { return len(r.pins) > 0 }

// ByTracker gives the person with a user name in the tracker.
func (r *Roster) ByTracker(id string) (Person, bool) { return r.Person(r.byTrack[id]) }

// People lists everybody, sorted by id.
func (r *Roster) People() []Person {
	return slices.SortedFunc(maps.Values(r.people), func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
}

// Teams lists all teams, sorted by id.
func (r *Roster) Teams() []Team {
	return slices.SortedFunc(maps.Values(r.teams), func(a, b Team) int { return cmp.Compare(a.ID, b.ID) })
}

// Team gives the team with an id.
func (r *Roster) Team(id string) (Team, bool) {
	t, ok := r.teams[id]
	return t, ok
}

// Name gives the name of a person or team as people say it, and an id that
// the roster does not hold as it is.
func (r *Roster) Name(id string) string {
	if p, ok := r.Person(id); ok {
		return p.Name
	}
	if t, ok := r.Team(id); ok {
		return t.Name
	}
	return id
}

// TeamOf gives the team a person is in.
func (r *Roster) TeamOf(personID string) (Team, bool) { return r.Team(r.people[personID].Team) }

// Members lists the people of a team, sorted by id.
func (r *Roster) Members(teamID string) []Person {
	return slices.DeleteFunc(r.People(), func(p Person) bool { return p.Team != teamID })
}

// Leader gives the person who leads a team. Leaders need not be members: one
// person may lead several teams.
func (r *Roster) Leader(teamID string) (Person, bool) { return r.Person(r.teams[teamID].Leader) }
