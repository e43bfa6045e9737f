// Package digest is the morning flow: alerts of low urgency wait in the store
// and become, on the morning of a business day, one ticket for each kind of
// alert and day, assigned to the server's owner.
//
//	alert.low ─► Run: group by team, day and kind ─► one commit: alerts out, items in
//	                                                      │
//	     "ticket": made, or added to when the kind and day has one
//	                                                      │
//	     "report": who is to be told ─► "message": each owner one with all of theirs,
//	               │                    the leader one with what nobody owns
//	               └─► "summary": what the morning did, to the team's channel
//
// A kind is remembered beyond its day: a ticket tells of the kind's earlier
// ones, who fixed them and how long it took, alerts of a kind whose ticket is
// still open may go on in that (GoOn), as a recovery alone always does, and
// one that comes every day for a week is told to the leader. Notes, such as
// that somebody acknowledged a problem, are listed in its ticket; alone they
// make none, and the summary counts them.
//
// Taking the alerts out and leaving the items that hold them is one commit,
// and a ticket's label is made of team, kind and day: so a run that dies, or
// is asked for twice, makes nothing twice and loses nothing. A message's key
// is made of the day of the run: what a second run adds is added to it, and
// when a ticket gets another owner, or is deleted, the messages follow.
//
// Stored: bucket "digest", as package daily does; bucket "digest.made", key a
// group's id (team, day and kind), a made as JSON, version 1, for a month;
// bucket "digest.kind", key the team and the kind, a history as JSON, version
// 1, until nothing of it has come for 400 days; bucket "digest.last", key the
// id of each kind's newest group, nothing: so that old kinds are found.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tebiki/adapters/chat"
	"tebiki/adapters/inventory"
	"tebiki/adapters/tracker"
	"tebiki/bot/brief"
	"tebiki/bot/digest/kind"
	"tebiki/bot/guide"
	"tebiki/bot/roster"
	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/outbox"
)

const (
	bucket     = "digest"
	bucketMade = "digest.made"
	bucketKind = "digest.kind"
	bucketLast = "digest.last"

	kindTicket  = "digest ticket"
	kindReport  = "digest report"
	kindMessage = "digest message"
	kindSummary = "digest summary"
	kindOften   = "digest often"
)

// A Flow is what a run needs.
type Flow struct {
	Store     store.Store
	Outbox    *outbox.Outbox
	Tracker   tracker.Tracker
	Chat      chat.Chat
	Inventory inventory.Inventory
	Roster    *roster.Roster
	Rules     *escalation.Rules
	Guide     *guide.Guide
	URL       string
	Log       *slog.Logger

	Kind kind.Template // of which kind an alert is; the zero one takes its host and check
	GoOn bool          // alerts of a kind whose ticket is still open go on in that

	running sync.Mutex // two runs at once would take the same alerts
}

// Routes lists what the flow delivers.
func (f *Flow) Routes() []outbox.Route {
	return []outbox.Route{
		{Dest: "tracker", Kind: kindTicket, Handle: f.ticket},
		{Dest: "tracker", Kind: kindReport, Handle: f.report},
		{Dest: "chat", Kind: kindMessage, Handle: f.tell},
		{Dest: "chat", Kind: kindSummary, Handle: f.summary},
		{Dest: "chat", Kind: kindOften, Handle: f.often},
	}
}

// A group is all that waited of one kind of alert, of one team and day. It is
// the body of a ticket's item.
type group struct {
	Report string           `json:"report"` // id of the report it goes into: team and day of the run
	Team   string           `json:"team"`
	Day    string           `json:"day"`            // 2006-01-02 in the team's zone
	Kind   string           `json:"kind,omitempty"` // as the template names it; "" when host and check do
	Host   string           `json:"host"`           // "" when there are several
	Check  string           `json:"check"`
	Count  int              `json:"count"` // without recoveries
	Hours  hours            `json:"hours"` // of the day
	First  time.Time        `json:"first"`
	Last   time.Time        `json:"last"`
	Times  []time.Time      `json:"times"` // the newest, as many as a ticket lists
	States states           `json:"states"`
	Notes  []note           `json:"notes,omitempty"` // what came besides problems and recoveries, as much as a ticket lists
	Alert  escalation.Alert `json:"alert"`           // the newest that was no recovery, if there is one

	keys []string // of its alerts where they wait
}

// A note is an alert that tells of no problem and no recovery: that somebody
// acknowledged one, say, or that a downtime begins. Sources mark it with a
// label of this name.
type note struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

const labelNote = "note"

// notesKept is how many notes of a kind a ticket lists.
const notesKept = 20

// timesKept is how many times of an alert a ticket lists.
const timesKept = 30

// id names the kind and day. A label of the tracker has limits that hosts and
// checks do not keep.
func (g *group) id() string { return groupID(g.Team, g.Day, g.kind()) }

func groupID(team, day, kind string) string { return team + "/" + day + "/" + kind }

func (g *group) kind() string {
	if g.Kind != "" {
		return short("kind", g.Kind)
	}
	return short(g.Host, g.Check)
}

// recovery tells whether no problem came.
func (g *group) recovery() bool { return g.Count == 0 }

// onlyNotes tells whether neither problem nor recovery came.
func (g *group) onlyNotes() bool { return len(g.States) == 0 }

func short(a, b string) string {
	sum := sha256.Sum256([]byte(a + "\x00" + b))
	return hex.EncodeToString(sum[:6])
}

func (g *group) add(a *escalation.Alert, zone *time.Location) {
	if a.Labels[labelNote] != "" {
		g.note(a)
		return
	}
	if g.onlyNotes() {
		g.Alert = *a // which says more than a note
	}
	if g.First.IsZero() || a.At.Before(g.First) {
		g.First = a.At
	}
	if a.At.After(g.Last) {
		g.Last = a.At
	}
	g.States.set(short(a.Source, a.Key), state{At: a.At, Bad: !a.Resolved})
	if !a.Resolved {
		g.Alert = *a
	}
	if a.Resolved {
		return
	}
	g.Count++
	g.Hours[a.At.In(zone).Hour()]++
	if g.Times = append(g.Times, a.At); len(g.Times) > timesKept {
		g.Times = g.Times[1:]
	}
}

func (g *group) note(a *escalation.Alert) {
	if len(g.Notes) == 0 && g.onlyNotes() {
		g.Alert = *a
	}
	g.Notes = append(g.Notes, note{a.At, brief.Headline(a)})
	g.Notes = g.Notes[max(0, len(g.Notes)-notesKept):]
}

// what names the kind in one line.
func (g *group) what() string {
	switch {
	case g.Kind != "":
		return brief.Plain(g.Kind, maxWhat)
	case g.Host == "" && g.Check == "":
		return brief.Headline(&g.Alert)
	case g.Host == "":
		return g.Check
	case g.Check == "":
		return g.Host
	}
	return g.Host + ": " + g.Check
}

// maxWhat is how much of a kind's name is shown, in characters.
const maxWhat = 200

// states is how each alert of a kind stood last, by its source and key: /var
// may have recovered on a host whose /home is still full. The host, which has
// several spellings, is the kind's.
type states map[string]state

type state struct {
	At  time.Time `json:"at"`
	Bad bool      `json:"bad,omitempty"`
}

func (s states) set(alert string, to state) {
	if !to.At.Before(s[alert].At) {
		s[alert] = to
	}
}

// over tells whether all have recovered.
func (s states) over() bool {
	for _, st := range s {
		if st.Bad {
			return false
		}
	}
	return true
}

func itemOf(dest, lane, kind, key string, now time.Time, body any) (outbox.Item, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return outbox.Item{}, fmt.Errorf("encode the item %s: %w", key, err)
	}
	return outbox.Item{Dest: dest, Lane: lane, Kind: kind, Key: key, Created: now, Body: b}, nil
}
