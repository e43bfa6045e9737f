package source

import (
	"errors"
	"time"

	"tebiki/knowhow"
)

// A Snapshot is the know-how as it was at one moment. It never changes.
type Snapshot struct {
	Base   *knowhow.Base // never nil; empty until something was loaded
	ID     string        // identifies the content; "" until something was loaded
	Loaded time.Time     // when this content was first seen
	Commit *Commit       // which this content is of; nil where there are none

	// Fault is why there is nothing better: knowhow.Faults, or that the origin
	// cannot be read, or both. It is nil when all is well.
	Fault  error
	Failed *Commit // the newer commit that does not load; nil if it is not that
	Away   error   // why the repository could not be asked last time; Fault has it, too

	replaced chan struct{}
}

// A Commit is who changed the know-how, when, and in which words. What an
// author may choose is one line each, without control characters.
type Commit struct {
	Hash    string
	Author  string
	Mail    string
	At      time.Time // when it was committed
	Subject string    // the first line of its message
	Link    string    // where people see it; "" if that is not known
}

// Replaced is closed when there is a newer snapshot. Who follows the know-how
// takes the Current, acts on it, and waits for it to be Replaced: nothing is
// missed but what was replaced meanwhile, and the source never waits.
func (s *Snapshot) Replaced() <-chan struct{} { return s.replaced }

// hash is "" without a commit.
func (c *Commit) hash() string {
	if c == nil {
		return ""
	}
	return c.Hash
}

// origin is what a base made from the commit says of it.
func (c *Commit) origin() knowhow.Origin {
	if c == nil {
		return knowhow.Origin{}
	}
	return knowhow.Origin{Commit: c.Hash, Link: c.Link}
}

// blame sets the fault of both parts.
func (s *Snapshot) blame(content, away error) {
	s.Away = away
	switch {
	case content == nil:
		s.Fault = away
	case away == nil:
		s.Fault = content
	default:
		s.Fault = errors.Join(content, away)
	}
}
