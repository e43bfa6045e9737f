package escalation

// An Event is something that happened: one of the types in this file.
type Event interface{ apply(*step) Receipt }

// A Signal is an alert that came, or its recovery.
type Signal struct{ Alert Alert }

// An Ack is a person taking an incident. By the person who has it already,
// it says that work goes on: see Confirmed.
type Ack struct {
	Incident ID
	Person   string
	Via      Channel
}

// A PassOn is a person asking for the next one to be paged. It counts only
// from whoever has the incident or whose turn it is, so that a button pressed
// twice passes over nobody.
type PassOn struct {
	Incident ID
	Person   string
	Via      Channel
}

// A CallNow is a person asking for whose turn it is to be called at once,
// without waiting for the policy's time. While that phone rings already it is
// a repetition.
type CallNow struct {
	Incident ID
	Person   string
}

// A Fix is a person saying that an incident is over: by a button, or by
// fixing or closing its ticket.
type Fix struct {
	Incident ID
	Person   string
}

// A PageResult says what became of a page. Only the first for a page counts.
type PageResult struct {
	Incident ID
	Page     uint32
	Outcome  Outcome
	Cause    string // for people who run the system
}

// An Outcome is what became of a page.
type Outcome string

// The outcomes. Acknowledged and PassedOn only record how a call ended: the
// decision itself came as an Ack or a PassOn while the call was on.
const (
	Delivered        Outcome = "delivered"
	PageAcknowledged Outcome = "acknowledged"
	PagePassedOn     Outcome = "passed on"
	Heard            Outcome = "heard"
	NotAnswered      Outcome = "not answered"
	Busy             Outcome = "busy"
	Unreachable      Outcome = "unreachable"
	Failed           Outcome = "failed"
	Withdrawn        Outcome = "withdrawn"
)

// missed tells whether the page cannot have reached anybody through this
// channel, so that waiting for an answer is of no use.
func (o Outcome) missed() bool { return o == Unreachable || o == Failed }

// A TicketMade says which ticket an incident has.
type TicketMade struct {
	Incident ID
	Ticket   string
}

// A Timer says that time has passed. Everything due happens.
type Timer struct{}

// A Forgotten is a remembered alert of a closed incident that the store no
// longer holds.
type Forgotten struct {
	Fingerprint Fingerprint
	Incident    ID
}

// A Receipt is what an event came to, for whoever sent it.
type Receipt struct {
	Incident ID     // 0 when there is none: a low alert, or an unknown incident
	Alert    uint32 // the alert's number in its incident, from 1
	Status   Status // of the incident, after the event; "" when there is none
	By       string // who has acknowledged or fixed it
	Low      bool   // waits for the morning
	Changed  bool   // false when the event came to nothing: a repetition, or too late
}
