package asterisk

import (
	"fmt"
	"testing"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
	"tebiki/adapters/phone/phonetest"
)

// people are those of the suite, at SIP telephones or behind the dialplan.
type people struct {
	*world
	endpoint string
}

func (p people) Person(_ *testing.T, s phonetest.Script) string {
	p.n++
	to := fmt.Sprintf(p.endpoint, p.n)
	script := asterisktest.Script{Answer: s.Answer}
	switch {
	case s.Never:
		script.Ending = asterisktest.Never
	case s.Reject:
		script.Ending = asterisktest.Rejects
	}
	for _, step := range s.Then {
		script.Then = append(script.Then, asterisktest.Step{After: step.After, Key: step.Key, HangUp: step.HangUp})
	}
	p.fake.Person(to, script)
	return to
}

func (p people) Said(to string) []string { return p.said(to) }

func TestConformance(t *testing.T) {
	for _, endpoint := range []string{"PJSIP/person%d", "Local/person%d@phones"} {
		for seed := range *seeds {
			t.Run(fmt.Sprint(endpoint[:5], " ", seed), func(t *testing.T) {
				phonetest.Run(t, phonetest.Kit{Quiet: quiet, Open: func(t *testing.T) (phone.Phone, phonetest.People) {
					w := newWorld(t, asterisktest.WithSeed(seed))
					return w.a, people{w, endpoint}
				}})
			})
		}
	}
}
