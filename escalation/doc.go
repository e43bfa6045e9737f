// Package escalation decides everything about urgent alerts: which incident
// one belongs to, who is paged about it, when the next person is, and when
// it is over. It is a value and a function: Step takes the state, an event
// and a time, changes the state, and tells in Changes what must be stored
// and done. It does no I/O, starts no goroutine and never asks for the time.
//
// Reading order: alert.go (what comes in), rules.go (what the configuration
// decides), incident.go and state.go (what is remembered), event.go and
// effect.go (the two sides of Step), step.go (the dispatch), then one file
// for each decision: intake.go, storm.go, hold.go, paging.go, ack.go,
// resolve.go, order.go, morning.go,
// timer.go, clock.go.
//
// An incident's life:
//
//	          ┌─ held ──(often or long enough)─┐
//	alert ────┤                                ▼
//	          └──────────────────────────────► open ◄──(forgotten, passed on)──┐
//	                                            │  └──────(a person)──► acknowledged
//	                          (all recovered,   ▼                          │
//	                           or fixed)     resolved ◄────────────────────┘
//	                                            │  └─(same alert again)─► open
//	                                            ▼
//	                                    closed: forgotten but for its key
//
// What always holds, and property_test.go and liveness_test.go try to break: an open incident has a
// next page; an acknowledged one has a time at which its person is asked; an
// urgent alert belongs to exactly one incident that is not over.
//
// The design lists "wake me at t" among the effects. Here the state itself
// knows the next time at which something is due (State.Due), because a timer
// that is stored as an effect would have to be cancelled in step with the
// state it came from, while a time derived from that state cannot go stale.
package escalation
