package app

import (
	"log/slog"

	"tebiki/bot/roster"
	"tebiki/knowhow"
	"tebiki/knowhow/source"
)

// Strangers finds what the know-how says of people and teams that the roster
// does not have.
func Strangers(base *knowhow.Base, r *roster.Roster) knowhow.Faults {
	person := func(id string) bool { _, ok := r.Person(id); return ok }
	team := func(id string) bool { _, ok := r.Team(id); return ok }
	return base.CheckRoster(person, team)
}

// strangers logs them, once for each state of the know-how. It is in use all
// the same: a document whose owner has left still helps.
type strangers struct {
	roster *roster.Roster
	log    *slog.Logger
	seen   string // the snapshot's ID
}

func newStrangers(r *roster.Roster, log *slog.Logger) *strangers {
	return &strangers{roster: r, log: log}
}

// mostStrangers is how many are logged; tebiki check lists all.
const mostStrangers = 10

func (x *strangers) look(s *source.Snapshot) {
	if s.ID == x.seen {
		return
	}
	x.seen = s.ID
	found := Strangers(s.Base, x.roster)
	for _, f := range found[:min(len(found), mostStrangers)] {
		x.log.Warn("the know-how names somebody who is not in the roster; tebiki check lists all", "of", len(found), "place", f.String())
	}
}
