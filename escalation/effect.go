package escalation

import (
	"fmt"
	"time"
)

// An Effect is something to do in the outside world. It says what and about
// which incident; what it looks like is made when it is delivered, from what
// is known then.
type Effect struct {
	Kind     EffectKind `json:"kind"`
	Key      string     `json:"key"` // the same for a repetition of the same effect, unique otherwise
	Incident ID         `json:"incident"`
	Alert    uint32     `json:"alert,omitempty"`  // with AddSubticket, and news of one alert
	Page     uint32     `json:"page,omitempty"`   // with Reach
	Person   string     `json:"person,omitempty"` // with Reach and Tell
	Channel  Channel    `json:"channel,omitempty"`
	Gravity  Gravity    `json:"gravity,omitempty"` // with Reach: of the incident, when it was decided
	From     uint32     `json:"from,omitempty"`    // with Announce: the first and last of the lines
	To       uint32     `json:"to,omitempty"`
	News     News       `json:"news,omitempty"` // with Comment and Tell
	By       string     `json:"by,omitempty"`   // whose doing the news is
	At       time.Time  `json:"at"`
}

// An EffectKind is what an Effect does.
type EffectKind string

// The kinds.
const (
	OpenTicket   EffectKind = "open ticket"
	AddSubticket EffectKind = "add subticket"
	Comment      EffectKind = "comment"  // note the news on the ticket
	ListAlerts   EffectKind = "list"     // bring the ticket's list of alerts up to date
	Reach        EffectKind = "page"     // reach the person through the channel
	Refresh      EffectKind = "refresh"  // bring the messages of all who were paged up to date
	Tell         EffectKind = "tell"     // send the news to the person in chat
	Announce     EffectKind = "announce" // bring the team's channel up to date with lines of the history
)

// News is what there is to be told.
type News string

// The news.
const (
	NewsOpened       News = "opened"
	NewsHeld         News = "held"
	NewsStorm        News = "storm"
	NewsJoined       News = "joined"
	NewsPaged        News = "paged"
	NewsOutcome      News = "outcome"
	NewsAcknowledged News = "acknowledged"
	NewsConfirmed    News = "confirmed"
	NewsAsked        News = "asked to confirm"
	NewsForgotten    News = "forgotten"
	NewsPassedOn     News = "passed on"
	NewsCalled       News = "call asked for"
	NewsRecovered    News = "one recovered"
	NewsLateAlert    News = "late alert"    // it was over before it came
	NewsLateRecovery News = "late recovery" // of an alert that is bad again since
	NewsResolved     News = "resolved"
	NewsFixed        News = "fixed"
	NewsReopened     News = "reopened"
	NewsFlapping     News = "flapping"
	NewsTicket       News = "ticket made"
	NewsClosed       News = "closed"
)

// A Line is a line of an incident's history.
type Line struct {
	Incident ID        `json:"-"`
	N        uint32    `json:"-"` // from 1
	At       time.Time `json:"at"`
	News     News      `json:"news"`
	Person   string    `json:"person,omitempty"`
	Channel  Channel   `json:"channel,omitempty"`
	Outcome  Outcome   `json:"outcome,omitempty"`
	Detail   string    `json:"detail,omitempty"` // a ticket's key, a cause, a count
}

// A Member is one of an incident's alerts as it is to be stored: the newest
// signal, and what is remembered of those before it.
type Member struct {
	Incident    ID
	Seq         uint32 // from 1, in the order of joining
	Fingerprint Fingerprint
	Count       uint32
	Signal      uint64 // how many the incident had when this was stored
	Firing      bool
	First, Last time.Time
	Bad         time.Time // when the source saw the newest problem
	Alert       Alert
}

// Changes collects what the events of one commit change.
type Changes struct {
	Incidents []*Incident // encode them before the next Step
	Members   []Member    // of one alert the last counts
	History   []Line
	Effects   []Effect
	Low       []Alert // wait for the morning
	Closed    []ID    // these incidents leave the state, and are in Incidents for the last time
	Forgotten []Forgotten
	Traces    []Trace // in this order: of one key the last counts

	dirty map[ID]struct{}
}

func (c *Changes) touch(inc *Incident) {
	if _, ok := c.dirty[inc.ID]; ok {
		return
	}
	if c.dirty == nil {
		c.dirty = map[ID]struct{}{}
	}
	c.dirty[inc.ID] = struct{}{}
	c.Incidents = append(c.Incidents, inc)
}

// note adds a line to the incident's history and gives a key for the effects
// that go with it.
func (s *step) note(inc *Incident, l Line) string {
	inc.Lines++
	l.Incident, l.N, l.At = inc.ID, inc.Lines, s.now
	s.History = append(s.History, l)
	s.touch(inc)
	return fmt.Sprintf("%s/line/%d", inc.ID, l.N)
}

func (s *step) effect(e Effect) {
	e.At = s.now
	s.Effects = append(s.Effects, e)
}

// tell sends the news to people in chat, each once.
func (s *step) tell(inc *Incident, key string, news News, by string, people ...string) {
	for _, p := range people {
		s.effect(Effect{Kind: Tell, Key: key + "/" + p, Incident: inc.ID, Person: p, News: news, By: by})
	}
}

func (s *step) comment(inc *Incident, key string, news News, by string) {
	s.effect(Effect{Kind: Comment, Key: key, Incident: inc.ID, News: news, By: by})
}

// refresh brings messages up to date after a change of status.
func (s *step) refresh(inc *Incident) {
	if len(inc.Paged) > 0 {
		s.effect(Effect{Kind: Refresh, Key: fmt.Sprintf("%s/refresh/%d", inc.ID, inc.Lines), Incident: inc.ID})
	}
}
