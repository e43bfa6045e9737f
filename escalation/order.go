package escalation

import (
	"slices"
	"time"
)

// Signals do not always come in the order of what happened: a mail server
// that was down sends what waited in any order. What counts is when the
// source saw it (Alert.At): a recovery ends no problem that is newer, and a
// problem that is older than a recovery is over when it comes. It then wakes
// nobody, and stands in its incident's history or, without one, in the
// morning's ticket as recovered.
//
// In doubt somebody is paged. What Alertmanager and its like call the time of
// a problem is its beginning, which stays the same when a problem that they
// took for over goes on; so a problem that is told again with the time that
// is known already is believed. So is one that is older than late: that is
// rather a clock that was never set.

const (
	late      = 24 * time.Hour
	maxTraces = 1 << 16 // about 8 MiB; beyond it the oldest is forgotten
)

// A Trace is what is remembered of the order of one alert's signals, and of
// what waits for the morning, as it is to be stored.
type Trace struct {
	Fingerprint Fingerprint
	Came        time.Time // with the fingerprint the key of what is stored
	Good        time.Time // when the source saw the newest recovery
	Bad         time.Time // and the newest problem before it
	Low         time.Time // and the newest low problem, while its recovery has not come
	Gone        bool      // it is forgotten
}

// A trace is a Trace in the state, in Unix nanoseconds; 0 for never.
type trace struct{ came, good, bad, low int64 }

func (t trace) of(fp Fingerprint) Trace {
	return Trace{Fingerprint: fp, Came: time.Unix(0, t.came), Good: time.Unix(0, t.good), Bad: time.Unix(0, t.bad), Low: time.Unix(0, t.low)}
}

func (t trace) gone(fp Fingerprint) Trace {
	return Trace{Fingerprint: fp, Came: time.Unix(0, t.came), Gone: true}
}

// An arrival is when a trace came, which may have come again since.
type arrival struct {
	fp   Fingerprint
	came int64
}

// traces is all that is remembered of the order, and in which order to
// forget it.
type traces struct {
	of    map[Fingerprint]trace
	order []arrival // oldest first
}

// put remembers, and tells what is to be stored of that.
func (ts *traces) put(fp Fingerprint, t trace) (changed []Trace) {
	if old, ok := ts.of[fp]; !ok || old.came != t.came {
		ts.order = append(ts.order, arrival{fp, t.came})
		if ok {
			changed = append(changed, old.gone(fp))
		}
	}
	ts.of[fp] = t
	changed = append(changed, t.of(fp))
	for len(ts.of) > maxTraces {
		changed = ts.drop(ts.order[0], changed)
		ts.order = ts.order[1:]
	}
	if len(ts.order) > 2*maxTraces {
		ts.order = slices.DeleteFunc(ts.order, func(a arrival) bool { return ts.of[a.fp].came != a.came })
	}
	return changed
}

func (ts *traces) drop(a arrival, changed []Trace) []Trace {
	t, ok := ts.of[a.fp]
	if !ok || t.came != a.came {
		return changed
	}
	delete(ts.of, a.fp)
	return append(changed, t.gone(a.fp))
}

// dropAfter forgets what came later than now: that was of a wrong clock.
func (ts *traces) dropAfter(now int64) (changed []Trace) {
	for n := len(ts.order); n > 0 && ts.order[n-1].came > now; n-- {
		changed = ts.drop(ts.order[n-1], changed)
		ts.order = ts.order[:n-1]
	}
	return changed
}

// LoadTrace takes a stored trace. The order is that of Came.
func (s *State) LoadTrace(t Trace) {
	s.traces.put(t.Fingerprint, trace{t.Came.UnixNano(), t.Good.UnixNano(), t.Bad.UnixNano(), t.Low.UnixNano()})
}

// seen is when the source saw it. A source that does not say, or whose clock
// is ahead, sees it when it comes.
func (s *step) seen(a *Alert) int64 {
	if a.At.Unix() <= 0 || a.At.After(s.now) {
		return s.now.UnixNano()
	}
	return a.At.UnixNano()
}

func (s *step) trace(fp Fingerprint, t trace) {
	t.came = s.now.UnixNano()
	s.Traces = append(s.Traces, s.traces.put(fp, t)...)
}

// remember remembers a recovery of an alert whose newest problem was seen at
// bad, 0 when that is not known. It tells whether it is the newest recovery.
func (s *step) remember(fp Fingerprint, a *Alert, bad int64) bool {
	t, at := s.traces.of[fp], s.seen(a)
	if at <= t.good {
		return false
	}
	t.good, t.bad = at, max(t.bad, bad)
	s.trace(fp, t)
	return true
}

// unended keeps what is known of a problem whose incident is closed although
// its source never said that it is over, and may yet say that it goes on.
func (s *step) unended(m *member) {
	if t := s.traces.of[m.fp]; m.bad > t.good {
		t.bad = m.bad
		s.trace(m.fp, t)
	}
}

// overtaken tells whether a problem was over before it came. m is its alert
// in an incident, or nil.
func (s *step) overtaken(fp Fingerprint, m *member, a *Alert) bool {
	t, at := s.traces.of[fp], s.seen(a)
	if m != nil {
		t.bad = m.bad
	}
	return at < t.good && at != t.bad && s.now.UnixNano()-at <= int64(late)
}

// over handles a problem that was over before it came. Nobody is woken; who
// works on its incident, or reads the morning's ticket, sees that it was.
func (s *step) over(fp Fingerprint, m *member, a Alert) Receipt {
	if m == nil {
		end := a
		end.Resolved, end.At = true, time.Unix(0, s.traces.of[fp].good).UTC()
		s.Low = append(s.Low, a, end)
		return Receipt{Low: true, Changed: true}
	}
	return s.noteLate(m, NewsLateAlert, &a)
}

// noteLate says in the history that a signal came which changes nothing now.
func (s *step) noteLate(m *member, news News, a *Alert) Receipt {
	s.note(m.incident, Line{News: news, Detail: a.Summary})
	r := s.done(m.incident)
	r.Alert = m.seq
	return r
}
