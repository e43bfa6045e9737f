package slack

import "time"

// Status is how the connection to Slack stands.
type Status struct {
	Mode      Mode
	Connected bool      // by Socket Mode; by HTTP: the last request or call was good
	Since     time.Time // since when
	Fault     string    // what an administrator must do, "" when all is well

	Connections int // made so far
	Taken       int // envelopes, requests and events taken
	Repeated    int // that had been taken before
	Malformed   int // that could not be read
	Refused     int // requests with a wrong or used signature
	Busy        int // turned away because too many were waiting
	Late        int // acknowledged after more than 300 ms
	Throttled   int // calls that Slack refused for now
	Posted      int // messages posted
	Updated     int // messages brought up to date
	Found       int // messages whose answer was lost and that were found again
	Waiting     int // calls that wait for the rate limit
}

// Status tells how the connection stands, for metrics and readiness.
func (s *Slack) Status() Status {
	waiting := s.gates.waiting()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	st.Waiting = waiting
	if st.Fault == "" {
		st.Fault = s.tokenFault
	}
	return st
}

func (s *Slack) count(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
}

// connected notes the state of the connection.
func (s *Slack) connected(up bool, fault string) {
	s.count(func(st *Status) {
		if up && !st.Connected {
			st.Connections++
		}
		if up != st.Connected || st.Since.IsZero() {
			st.Connected, st.Since = up, time.Now()
		}
		st.Fault = fault
	})
}

// token notes whether Slack takes the bot's token.
func (s *Slack) token(err error) {
	fault := ""
	if is(err, "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired") {
		fault = explain(err).what
	} else if err != nil {
		return // says nothing about the token
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokenFault = fault
}
