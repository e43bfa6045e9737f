package escalation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An ID numbers incidents in the order of their opening, from 1.
type ID uint64

func (id ID) String() string { return "I-" + strconv.FormatUint(uint64(id), 10) }

// ParseID reads what String gives.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(s), "I-"), 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no incident's id: want one like I-12", s)
	}
	return ID(n), nil
}

// A Status is where an incident stands.
type Status string

// The statuses. Closed ones are no longer in the state.
const (
	Held         Status = "held"
	Open         Status = "open"
	Acknowledged Status = "acknowledged"
	Resolved     Status = "resolved"
	Closed       Status = "closed"
)

// An Incident is the group of alerts behind one ticket.
type Incident struct {
	ID       ID        `json:"id"`
	Status   Status    `json:"status"`
	Policy   string    `json:"policy"`
	Storm    bool      `json:"storm,omitempty"` // it takes whatever comes, and its alerts are listed
	Flapping bool      `json:"flapping,omitempty"`
	heap     int32     // place among the timers, -1 when nothing is due; here it fills a gap
	Root     Alert     `json:"root"`               // the alert that opened it, as it was then; while held the newest
	Previous ID        `json:"previous,omitempty"` // an older incident of the same alert
	Ticket   string    `json:"ticket,omitempty"`   // its key, once it is made
	Opened   time.Time `json:"opened"`             // when the first alert came
	Last     time.Time `json:"last"`               // when the newest did
	Members  uint32    `json:"members"`            // different alerts
	Firing   uint32    `json:"firing"`             // of them still bad
	Signals  uint64    `json:"signals"`            // all that came, repeats included
	Cleared  uint64    `json:"cleared,omitempty"`  // signals up to this one no longer count as bad
	Lines    uint32    `json:"lines"`              // lines of history
	Told     uint32    `json:"told,omitempty"`     // members that the acknowledging person knows of

	Began    time.Time   `json:"began,omitzero"`     // when paging first began; zero for one that was only held
	NextPage time.Time   `json:"next_page,omitzero"` // when; set while open
	Now      string      `json:"now,omitempty"`      // the person whose turn it is
	Pages    []Page      `json:"pages,omitempty"`    // without a result yet, oldest first
	PageSeq  uint32      `json:"page_seq,omitempty"` // pages so far
	Move     int         `json:"move,omitempty"`     // the policy's page that is next
	Paged    []string    `json:"paged,omitempty"`    // everybody who was paged
	AckBy    string      `json:"ack_by,omitempty"`
	AckAt    time.Time   `json:"ack_at,omitzero"`
	AckDue   time.Time   `json:"ack_due,omitzero"`     // when the acknowledging person is asked
	Confirm  time.Time   `json:"confirm_due,omitzero"` // until when that person has to answer
	HoldDue  time.Time   `json:"hold_due,omitzero"`
	Times    []time.Time `json:"times,omitempty"`    // held: recent signals; else: recent reopenings
	Again    []time.Time `json:"again,omitempty"`    // resolved: recent signals that a hold does not believe yet
	QuietDue time.Time   `json:"quiet_due,omitzero"` // flapping and recovered: when that is believed
	ListDue  time.Time   `json:"list_due,omitzero"`
	GraceDue time.Time   `json:"grace_due,omitzero"` // resolved but seen again: when that is believed

	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	ResolvedBy string    `json:"resolved_by,omitempty"` // the person who fixed it; "" when the alerts recovered
	CloseDue   time.Time `json:"close_due,omitzero"`
	Reopened   int       `json:"reopened,omitempty"`

	members []*member
}

// A Page is one attempt to reach one person by one channel.
type Page struct {
	Seq     uint32    `json:"seq"`
	Person  string    `json:"person"`
	Channel Channel   `json:"channel"`
	Move    int       `json:"move"`
	At      time.Time `json:"at"`
}

// A member is one of an incident's alerts.
type member struct {
	incident    *Incident
	fp          Fingerprint
	seq         uint32
	count       uint32
	firing      bool
	first, last int64 // Unix nanoseconds: there may be a million of these
	bad         int64 // when the source saw the newest problem, 0 when that is not known
}

// due is the next time at which something happens by itself; zero for never.
func (inc *Incident) due() time.Time {
	var min time.Time
	for _, t := range [...]time.Time{inc.NextPage, inc.AckDue, inc.Confirm, inc.HoldDue, inc.QuietDue, inc.ListDue, inc.GraceDue, inc.CloseDue} {
		if !t.IsZero() && (min.IsZero() || t.Before(min)) {
			min = t
		}
	}
	return min
}

// live tells whether people are, or may be, at work on it.
func (inc *Incident) live() bool { return inc.Status == Open || inc.Status == Acknowledged }

func (inc *Incident) page(seq uint32) (Page, bool) {
	i := slices.IndexFunc(inc.Pages, func(p Page) bool { return p.Seq == seq })
	if i < 0 {
		return Page{}, false
	}
	return inc.Pages[i], true
}

// keep appends t to the newest n times. Those after it are of a clock that
// has gone back, and would make any rate look reached.
func keep(times []time.Time, t time.Time, n int) []time.Time {
	times = slices.DeleteFunc(times, t.Before)
	times = append(times, t)
	if len(times) > n {
		times = slices.Delete(times, 0, len(times)-n)
	}
	return times
}

// reached tells whether the newest times fill the rate at the last of them.
func (r Rate) reached(times []time.Time) bool {
	n := len(times)
	return n >= r.Count && times[n-1].Sub(times[n-r.Count]) <= r.Within
}
