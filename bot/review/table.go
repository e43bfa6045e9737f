package review

import "tebiki/adapters/tracker"

// A move is a ticket's way from one status to another; a new ticket was open.
type move struct{ from, to tracker.Status }

// A consequence is who hears of a move.
type consequence struct {
	leader   bool // asked to look, or told what became of the question
	assignee bool // told that the work is not done
}

// moves are all that have a consequence. That one closes a ticket without
// fixing it first is no question to the leader.
var moves = map[move]consequence{
	{tracker.Open, tracker.Fixed}:   {leader: true},
	{tracker.Fixed, tracker.Closed}: {leader: true},
	{tracker.Fixed, tracker.Open}:   {leader: true, assignee: true},
	{tracker.Closed, tracker.Open}:  {leader: true, assignee: true},
	{tracker.Closed, tracker.Fixed}: {leader: true},
}

// A standing is what there is to know of a ticket that rests.
type standing struct {
	status   tracker.Status
	assigned bool
}

// What a ticket waits for.
const (
	forLook  = "look"  // the leader's
	forHands = "hands" // of somebody to do it
)

// waits are the standings in which a ticket waits for what a leader does.
var waits = map[standing]string{
	{tracker.Open, false}:  forHands,
	{tracker.Fixed, false}: forLook,
	{tracker.Fixed, true}:  forLook,
}
