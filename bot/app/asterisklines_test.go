package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/phone/asterisk/asterisktest"
)

// severities are those of the alerts in the order in which their calls ask for
// the one line, and the order in which they are to get it: the first finds it
// free, then the gravest, then the oldest.
var (
	severities = []string{"average", "high", "average", "disaster", "new word", "critical"}
	turns      = []int{0, 3, 5, 1, 4, 2}
)

// With one line calls wait for it, and go by what they are about.
func TestCallsWaitByGravity(t *testing.T) {
	people := []string{"tanaka", "sato", "suzuki", "smith", "garcia", "lee"}
	var policies, routes strings.Builder
	replace := []string{}
	for i, p := range people {
		fmt.Fprintf(&policies, "  only-%s:\n    team: infra-jp\n    steps: [{who: %s, phone: 0s, next: 1h}]\n", p, p)
		fmt.Fprintf(&routes, "    - {match: {host: host%d}, policy: only-%s}\n", i, p)
	}
	for _, p := range []string{"smith", "garcia", "lee"} {
		replace = append(replace, "mail: "+p+"@example.com", "mail: "+p+"@example.com, phone: PJSIP/"+p)
	}
	replace = append(replace, "\npolicies:\n", "\npolicies:\n"+policies.String(), "\n  routes:\n", "\n  routes:\n"+routes.String())
	inAsterisk(t, asteriskSetting{phone: ", lines: 1", replace: replace}, func(o *asteriskOffice) {
		phones := make([]string, len(people))
		for i, p := range people {
			person, _ := o.cfg.Roster.Person(p)
			phones[i] = strings.NewReplacer("090-1111-2222", satosPhone).Replace(person.Phone)
			o.asterisk.Person(phones[i], presses("1"))
		}
		for i, severity := range severities {
			alert := down(fmt.Sprintf("host%d", i))
			alert["severity"] = severity
			o.alert(alert)
			o.pause(time.Second)
		}
		o.pause(5 * time.Minute)
		var want, got []string
		for _, i := range turns {
			want = append(want, phones[i])
		}
		for _, c := range o.asterisk.Calls() {
			got = append(got, c.To)
		}
		if !slices.Equal(got, want) || o.asterisk.MostAtOnce() != 1 {
			o.t.Errorf("the calls were to %q, %d at once; want %q", got, o.asterisk.MostAtOnce(), want)
		}
		for i, p := range people {
			o.taken(fmt.Sprintf("I-%d", i+1), p)
		}
		if left := o.asterisk.Channels(); len(left) > 0 {
			o.t.Errorf("channels are left: %v", left)
		}
	})
}

// A call that waits for a line, and is not needed any more, takes none.
func TestTakenBeforeItsTurn(t *testing.T) {
	replace := []string{"    - match: {service: \"api*\"}\n", "    - {match: {host: other}, policy: platform-en}\n    - match: {service: \"api*\"}\n",
		"mail: smith@example.com", "mail: smith@example.com, phone: PJSIP/smith", "{who: platform-en/primary, chat: 0s, phone: 2m, next: 5m}", "{who: smith, chat: 0s, phone: 2m, next: 5m}"}
	inAsterisk(t, asteriskSetting{phone: ", lines: 1", replace: replace}, func(o *asteriskOffice) {
		o.asterisk.Person(suzukisPhone, asterisktest.Script{Ending: asterisktest.Never})
		o.asterisk.Person("PJSIP/smith", asterisktest.Script{Ending: asterisktest.Never})
		o.alert(down("db1.example.jp"))
		o.pause(time.Second)
		waits, _ := o.alert(down("other"))
		o.untilRinging(suzukisPhone)
		o.pause(5 * time.Second)
		o.says("lee", "/ack "+waits)
		o.pause(50 * time.Second)
		o.taken(waits, "lee")
		o.resulted(waits, "smith withdrawn")
		if n := o.calls("PJSIP/smith"); n > 0 {
			o.t.Errorf("smith was called %d times", n)
		}
	})
}
