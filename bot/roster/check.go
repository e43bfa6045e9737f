package roster

import (
	"cmp"
	"fmt"
	"regexp"
	"time"
)

// A Fault is one thing wrong with a person or a team.
type Fault struct {
	Team bool // whether ID is a team's
	ID   string
	Key  string // what of it is wrong, by its name in the configuration: "leader", "zone"; "" for the id
	What string
}

func (f *Fault) Error() string {
	kind := "person"
	if f.Team {
		kind = "team"
	}
	return fmt.Sprintf("%s %q: %s", kind, f.ID, f.What)
}

// An id is typed in chat commands, stands in addresses of pages, and is one
// side of SCHEDULE/LAYER: it has to stay a plain word.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ValidID tells whether a word may be an id.
func ValidID(id string) bool { return plainWord.MatchString(id) }

// WantID says what ValidID wants, for the end of an error.
const WantID = "want an id of letters, digits, '.', '_' and '-', beginning with a letter or digit, of at most 64"

func (r *Roster) addTeam(t Team) []error {
	var errs []error
	fault := func(key, format string, args ...any) {
		errs = append(errs, &Fault{Team: true, ID: t.ID, Key: key, What: fmt.Sprintf(format, args...)})
	}
	if !ValidID(t.ID) {
		fault("", WantID)
	}
	if _, twice := r.teams[t.ID]; twice {
		fault("", "there are two of this id; give one another")
	}
	t.Name, t.Lang = cmp.Or(t.Name, t.ID), cmp.Or(t.Lang, English)
	if !validLang(t.Lang) {
		fault("lang", wantLang, t.Lang)
	}
	if t.Zone == nil {
		fault("zone", "it has no zone; write one such as zone: Asia/Tokyo")
	}
	if t.Morning < 0 || t.Morning >= 24*time.Hour {
		fault("morning", "its morning is %s after midnight; want a time of day", t.Morning)
	}
	t.Evening = cmp.Or(t.Evening, max(18*time.Hour, t.Morning+time.Hour))
	if t.Evening <= t.Morning || t.Evening > 25*time.Hour {
		at := func(d time.Duration) string { return time.Time{}.Add(d).Format("15:04") }
		fault("evening", "work would end at %s, and its morning is at %s; want an evening after the morning, on the same day", at(t.Evening), at(t.Morning))
	}
	r.teams[t.ID] = t
	return errs
}

const wantLang = "there is no language %q; want ja or en"

func validLang(l string) bool { return l == English || l == Japanese }

func (r *Roster) addPerson(p Person) []error {
	var errs []error
	fault := func(key, format string, args ...any) {
		errs = append(errs, &Fault{ID: p.ID, Key: key, What: fmt.Sprintf(format, args...)})
	}
	if !ValidID(p.ID) {
		fault("", WantID)
	}
	if _, twice := r.people[p.ID]; twice {
		fault("", "there are two of this id; give one another")
	}
	team, ok := r.teams[p.Team]
	switch {
	case p.Team == "":
		fault("team", "in no team; write team: and the id of one")
	case !ok:
		fault("team", "there is no team %q; list it under teams, or name another", p.Team)
	}
	p = p.withDefaults(team)
	if ok && !validLang(p.Lang) || !ok && p.Lang != "" && !validLang(p.Lang) {
		fault("lang", wantLang, p.Lang)
	}
	if err := r.addPIN(p); err != nil {
		fault("pin", "%s", err)
	}
	r.people[p.ID] = p
	return errs
}

// addPIN refuses a hash that somebody has already: they chose the same
// number, and each could act as the other.
func (r *Roster) addPIN(p Person) error {
	if p.PIN == "" {
		return nil
	}
	if err := p.PIN.Valid(); err != nil {
		return fmt.Errorf("%w; make one with tebiki pin", err)
	}
	for id, other := range r.pins {
		if other == p.PIN {
			return fmt.Errorf("%s has the same PIN; one of them needs another", id)
		}
	}
	r.pins[p.ID] = p.PIN
	return nil
}

func (p Person) withDefaults(t Team) Person {
	p.Name, p.Lang = cmp.Or(p.Name, p.ID), cmp.Or(p.Lang, t.Lang)
	p.Zone = cmp.Or(p.Zone, t.Zone)
	p.Chat, p.Phone = cmp.Or(p.Chat, p.ID), cmp.Or(p.Phone, p.ID)
	p.Mail, p.Tracker = cmp.Or(p.Mail, p.ID), cmp.Or(p.Tracker, p.ID)
	return p
}

func (r *Roster) checkLeaders() []error {
	var errs []error
	for _, t := range r.Teams() {
		what := ""
		if _, ok := r.people[t.Leader]; t.Leader == "" {
			what = "it has no leader; write leader: and the id of a person"
		} else if !ok {
			what = fmt.Sprintf("there is no person %q to lead it; list them under people, or name another", t.Leader)
		}
		if what != "" {
			errs = append(errs, &Fault{Team: true, ID: t.ID, Key: "leader", What: what})
		}
	}
	return errs
}

// index makes the ways from an address to a person. Two people at one address
// could not be told apart when something comes in from there.
func (r *Roster) index() []error {
	var errs []error
	by := func(key string, addr func(Person) string) map[string]string {
		m := map[string]string{}
		for _, p := range r.People() {
			a := addr(p)
			if other, taken := m[a]; taken {
				errs = append(errs, &Fault{ID: p.ID, Key: key,
					What: fmt.Sprintf("%s address %q is already %s's; give each person their own", key, a, other)})
				continue
			}
			m[a] = p.ID
		}
		return m
	}
	r.byChat = by("chat", func(p Person) string { return p.Chat })
	r.byPhone = by("phone", func(p Person) string { return p.Phone })
	r.byTrack = by("tracker", func(p Person) string { return p.Tracker })
	return errs
}
