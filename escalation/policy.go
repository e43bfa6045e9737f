package escalation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tebiki/escalation/schedule"
)

// A Channel is a way to reach a person.
type Channel string

// The channels.
const (
	Chat  Channel = "chat"
	Phone Channel = "phone"
)

// A Policy says in which order and after what delay people are paged: the
// steps, again Repeat times, and then the leader until somebody acknowledges.
type Policy struct {
	Name        string
	Team        string
	Leader      string // id of the person who is paged in the end
	Steps       []PolicyStep
	Repeat      int
	LeaderPhone time.Duration // from the leader's message to the call
	LeaderEvery time.Duration // from one round of the leader to the next
}

// A PolicyStep pages one person, over one channel or several.
type PolicyStep struct {
	Who  Target
	Via  []Delayed     // in the order of their delays, the first with none
	Next time.Duration // from the step's beginning to the next step's
}

// A Delayed channel is used After the step has begun.
type Delayed struct {
	Channel Channel
	After   time.Duration
}

// A Target is whoever is on call in a layer of a schedule, or a person.
type Target struct {
	Schedule, Layer string
	Person          string
}

func (t Target) String() string {
	if t.Person != "" {
		return t.Person
	}
	return t.Schedule + "/" + t.Layer
}

// resolve gives the person at a time; "" when nobody is.
func (t Target) resolve(schedules map[string]*schedule.Schedule, now time.Time) string {
	if t.Person != "" {
		return t.Person
	}
	if s := schedules[t.Schedule]; s != nil {
		sh, _ := s.At(t.Layer, now)
		return sh.Person
	}
	return ""
}

// A move is one page of a policy, and how long after it the next is due.
type move struct {
	who     Target
	channel Channel
	step    int // moves of one step go to one person
	then    time.Duration
}

// move gives the n-th page, from 0. There is always one: after the last
// round it is the leader's turn, over and over.
func (p *Policy) move(n int) move {
	round := p.round()
	if n < len(round)*(p.Repeat+1) {
		m := round[n%len(round)]
		m.step += n / len(round) * len(p.Steps)
		return m
	}
	n -= len(round) * (p.Repeat + 1)
	m := move{who: Target{Person: p.Leader}, channel: Chat, step: len(p.Steps)*(p.Repeat+1) + n/2, then: p.LeaderPhone}
	if n%2 == 1 {
		m.channel, m.then = Phone, p.LeaderEvery-p.LeaderPhone
	}
	return m
}

// nextStep gives the first page of the step after that of page n; from the
// leader's it goes back to the beginning.
func (p *Policy) nextStep(n int) int {
	if n >= p.leaderMove() {
		return 0
	}
	step := p.move(n).step
	for p.move(n).step == step {
		n++
	}
	return n
}

// leaderMove is the number of the leader's first page.
func (p *Policy) leaderMove() int { return len(p.round()) * (p.Repeat + 1) }

// endsRound tells whether page n is the last of its round.
func (p *Policy) endsRound(n int) bool {
	if n >= p.leaderMove() {
		return (n-p.leaderMove())%2 == 1
	}
	return (n+1)%len(p.round()) == 0
}

// longest is the longest pause between two pages.
func (p *Policy) longest() time.Duration {
	pause := max(p.LeaderPhone, p.LeaderEvery-p.LeaderPhone)
	for _, m := range p.round() {
		pause = max(pause, m.then)
	}
	return pause
}

// round lists the pages of one way through the steps.
func (p *Policy) round() []move {
	var out []move
	for i, s := range p.Steps {
		for j, v := range s.Via {
			then := s.Next - v.After
			if j+1 < len(s.Via) {
				then = s.Via[j+1].After - v.After
			}
			out = append(out, move{who: s.Who, channel: v.Channel, step: i, then: then})
		}
	}
	return out
}

func (p *Policy) check(schedules map[string]*schedule.Schedule) error {
	var errs []error
	fault := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("policy %q: %s", p.Name, fmt.Sprintf(format, args...)))
	}
	if p.Leader == "" {
		fault("it has no leader to page in the end")
	}
	if len(p.Steps) == 0 {
		fault("it has no steps")
	}
	if p.Repeat < 0 {
		fault("it repeats %d times; want 0 or more", p.Repeat)
	}
	if p.LeaderPhone <= 0 || p.LeaderEvery <= p.LeaderPhone {
		fault("the leader is called %s after the message and again every %s: want the first above 0 and the second longer", p.LeaderPhone, p.LeaderEvery)
	}
	for i, s := range p.Steps {
		if what := s.check(schedules); what != "" {
			fault("step %d: %s", i+1, what)
		}
	}
	return errors.Join(errs...)
}

func (s *PolicyStep) check(schedules map[string]*schedule.Schedule) string {
	var what []string
	if sch, ok := schedules[s.Who.Schedule]; s.Who.Person == "" && !ok {
		what = append(what, fmt.Sprintf("there is no schedule %q", s.Who.Schedule))
	} else if s.Who.Person == "" && !sch.Has(s.Who.Layer) {
		what = append(what, fmt.Sprintf("schedule %q has no layer %q", s.Who.Schedule, s.Who.Layer))
	}
	if len(s.Via) == 0 {
		what = append(what, "it uses no channel: give it a delay for chat or phone")
	}
	if len(s.Via) > 0 && s.Via[0].After > 0 {
		what = append(what, fmt.Sprintf("%s is its first channel and waits %s: the step would begin with nothing", s.Via[0].Channel, s.Via[0].After))
	}
	if !slices.IsSortedFunc(s.Via, func(a, b Delayed) int { return int(a.After - b.After) }) {
		what = append(what, "its channels are not in the order of their delays")
	}
	for _, v := range s.Via {
		if v.After < 0 || v.After >= s.Next {
			what = append(what, fmt.Sprintf("%s after %s does not come before the next step at %s", v.Channel, v.After, s.Next))
		}
	}
	return strings.Join(what, "; ")
}
