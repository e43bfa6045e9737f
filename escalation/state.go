package escalation

import (
	"container/heap"
	"slices"
	"time"
)

// State is all that is remembered about incidents that are not closed, and
// which incident each alert last belonged to. Only Step and the Load
// functions change it. It is not safe for concurrent use.
type State struct {
	rules     *Rules
	last      ID
	incidents map[ID]*Incident
	live      map[Fingerprint]*member
	past      map[uint64]ID          // alerts of closed incidents, by Fingerprint.short
	match     map[matchKey][]ID      // live incidents, oldest first, by what they take others in by
	opened    map[string][]time.Time // by policy: when alerts last wanted an incident of their own
	traces    traces
	timers    timers
	clock     time.Time // of the newest Step; zero when there was none yet
}

// A matchKey is a field's value in an incident's first alert. Matching only
// that one keeps an incident from creeping from host to service to host.
type matchKey struct{ field, value string }

// stormKey finds the policy's incidents that take all. No field is called so.
func stormKey(policy string) matchKey { return matchKey{"storm", policy} }

// NewState gives the empty state.
func NewState(rules *Rules) *State {
	return &State{
		rules:     rules,
		incidents: map[ID]*Incident{},
		live:      map[Fingerprint]*member{},
		past:      map[uint64]ID{},
		match:     map[matchKey][]ID{},
		opened:    map[string][]time.Time{},
		traces:    traces{of: map[Fingerprint]trace{}},
	}
}

// LoadIncident takes a stored incident that is not closed. Incidents come
// before their members.
func (s *State) LoadIncident(inc *Incident) {
	inc.heap = -1
	s.last = max(s.last, inc.ID)
	s.incidents[inc.ID] = inc
	inc.members = make([]*member, 0, inc.Members)
	if inc.live() {
		s.index(inc)
	}
	if !inc.Began.IsZero() {
		s.opened[inc.Policy] = append(append(s.opened[inc.Policy], inc.Began), inc.Times...)
	}
	s.schedule(inc)
}

// LoadMember takes a stored alert, of an incident that was loaded or of one
// that is closed. Its Alert is not kept. The order is that of incidents and
// of Seq.
func (s *State) LoadMember(m Member) {
	s.last = max(s.last, m.Incident)
	inc, ok := s.incidents[m.Incident]
	if !ok {
		if s.live[m.Fingerprint] == nil && s.past[m.Fingerprint.short()] < m.Incident {
			s.past[m.Fingerprint.short()] = m.Incident
		}
		return
	}
	kept := &member{incident: inc, fp: m.Fingerprint, seq: m.Seq, count: m.Count,
		firing: m.Firing && m.Signal > inc.Cleared, first: m.First.UnixNano(), last: m.Last.UnixNano(), bad: m.Bad.UnixNano()}
	inc.members = append(inc.members, kept)
	if inc.Storm {
		// A restart in the middle of a storm must not take it for over.
		s.opened[inc.Policy] = append(s.opened[inc.Policy], m.First)
	}
	s.live[m.Fingerprint] = kept
	delete(s.past, m.Fingerprint.short())
}

// LoadDone ends the loading.
func (s *State) LoadDone() {
	for policy, times := range s.opened {
		slices.SortFunc(times, time.Time.Compare)
		if n := s.rules.Storm.Count + 1; len(times) > n {
			times = slices.Clone(times[len(times)-n:])
		}
		s.opened[policy] = times
	}
}

// Due is the next time at which a Timer has something to do; ok is false
// when there is none. After loading it is at once, the zero time: see clock.go.
func (s *State) Due() (t time.Time, ok bool) {
	if len(s.timers) == 0 || s.clock.IsZero() {
		return time.Time{}, len(s.timers) > 0
	}
	return s.timers[0].at, true
}

// Incident gives an incident that is not closed; nil when there is none. It
// must not be changed, nor read while Step runs.
func (s *State) Incident(id ID) *Incident { return s.incidents[id] }

// Len tells how many incidents are not closed and how many alerts are known.
func (s *State) Len() (incidents, alerts int) {
	return len(s.incidents), len(s.live) + len(s.past)
}

// Count gives the number of incidents of a status.
func (s *State) Count(st Status) int {
	n := 0
	for _, inc := range s.incidents {
		if inc.Status == st {
			n++
		}
	}
	return n
}

// keys are what the incident takes others in by.
func (s *State) keys(inc *Incident) []matchKey {
	var keys []matchKey
	if inc.Storm {
		keys = append(keys, stormKey(inc.Policy))
	}
	for _, f := range s.rules.Match {
		if v := inc.Root.Field(f); v != "" {
			keys = append(keys, matchKey{f, v})
		}
	}
	return keys
}

// index makes the incident findable. The order is that of the ids, also when
// an old incident comes back, so that a restart does not change it.
func (s *State) index(inc *Incident) {
	for _, k := range s.keys(inc) {
		ids := s.match[k]
		i, _ := slices.BinarySearch(ids, inc.ID)
		s.match[k] = slices.Insert(ids, i, inc.ID)
	}
}

func (s *State) unindex(inc *Incident) {
	for _, k := range s.keys(inc) {
		ids := s.match[k]
		if i, ok := slices.BinarySearch(ids, inc.ID); ok {
			ids = slices.Delete(ids, i, i+1)
		}
		s.match[k] = ids
		if len(ids) == 0 {
			delete(s.match, k)
		}
	}
}

// schedule sets the incident's timer to what is due next.
func (s *State) schedule(inc *Incident) {
	at := inc.due()
	switch {
	case at.IsZero() && inc.heap >= 0:
		heap.Remove(&s.timers, int(inc.heap))
	case at.IsZero():
	case inc.heap < 0:
		heap.Push(&s.timers, timer{at, inc})
	case !s.timers[inc.heap].at.Equal(at):
		s.timers[inc.heap].at = at
		heap.Fix(&s.timers, int(inc.heap))
	}
}

// timers is a heap of the incidents with something due, the earliest first.
// Of two at once the older incident comes first, so that a run is repeatable.
type timers []timer

type timer struct {
	at       time.Time
	incident *Incident
}

func (t timers) Len() int { return len(t) }

func (t timers) Less(i, j int) bool {
	if c := t[i].at.Compare(t[j].at); c != 0 {
		return c < 0
	}
	return t[i].incident.ID < t[j].incident.ID
}

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].incident.heap, t[j].incident.heap = int32(i), int32(j)
}

func (t *timers) Push(x any) {
	tm := x.(timer)
	tm.incident.heap = int32(len(*t))
	*t = append(*t, tm)
}

func (t *timers) Pop() any {
	old := *t
	tm := old[len(old)-1]
	old[len(old)-1] = timer{}
	*t = old[:len(old)-1]
	tm.incident.heap = -1
	return tm
}
