package mailbox

import (
	"maps"
	"sync"
	"time"
)

// counts are what became of mails since the start.
type counts struct {
	mu    sync.Mutex
	rules map[string]uint64 // mails by the rule that took them
	sums  Figures
	told  map[string]time.Time // kinds of mails without a rule, and when that was logged
}

// Figures are what became of mails since the start.
type Figures struct {
	Mails     uint64            // each once
	Alerts    uint64            // that were made of them
	Rules     map[string]uint64 // mails by the rule that took them
	Unmatched uint64            // mails that no rule takes, or not the whole of
	Repeated  uint64            // mails that had been taken already
}

// Figures tells what became of mails.
func (in *Intake) Figures() Figures {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := in.sums
	out.Rules = maps.Clone(in.rules)
	return out
}

// How often a kind of mail without a rule is told of in the log, and how many
// kinds are remembered for that.
const (
	tellEvery = 24 * time.Hour
	tellKinds = 1000
)

func (in *Intake) count(fresh []letter, repeated int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.sums.Repeated += uint64(repeated)
	for i := range fresh {
		l := &fresh[i]
		in.sums.Mails++
		in.sums.Alerts += uint64(len(l.alerts))
		if l.rule != "" {
			in.rules[l.rule]++
		}
		if l.unmatched {
			in.sums.Unmatched++
			in.tell(l)
		}
	}
}

// tell asks for a rule, once a day for each kind of mail.
func (in *Intake) tell(l *letter) {
	kind, now := l.alerts[len(l.alerts)-1].Key, in.now()
	if at, known := in.told[kind]; known && now.Sub(at) < tellEvery {
		return
	}
	if len(in.told) >= tellKinds {
		clear(in.told)
	}
	in.told[kind] = now
	in.log.Warn("no rule takes this mail, or not all of it; it is a low alert. Save such a mail in a file: tebiki mail test CONFIG MAIL.eml shows why, and what a rule for it would have to say",
		"from", l.from, "subject", l.subject)
}
