package brief

import (
	"strings"
	"testing"
	"time"

	"tebiki/bot/text"
	"tebiki/knowhow"
	"tebiki/knowhow/check"
)

func TestVerdict(t *testing.T) {
	zero, p := 0, text.For("en", nil).Fixed()
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	full := (&knowhow.Expect{Exit: &zero, Compare: []knowhow.Compare{{Op: "<", Number: 90}}})
	judged := func(r check.Result, text string) check.Result {
		v := full.Judge(r.Exit, text)
		r.Started, r.Took, r.Verdict = at, time.Second, &v
		return r
	}
	for want, r := range map[string]check.Result{
		"(Wed 25 Nov 03:00, 1.0 s, exit status 3)":                                                                    {Exit: 3, Started: at, Took: time.Second},
		"(web1, Wed 25 Nov 03:00, 1.0 s, exit status 3)":                                                              {Exit: 3, Started: at, Took: time.Second, Where: knowhow.Server, Host: "web1"},
		"(a.example, Wed 25 Nov 03:00, 1.0 s, status 200)":                                                            {Exit: 200, Started: at, Took: time.Second, Where: knowhow.Bot, Host: "a.example"},
		"✓ (Wed 25 Nov 03:00, 1.0 s, exit status 0) as expected: exit status 0; a number < 90":                        judged(check.Result{}, "used 42"),
		"✗ (Wed 25 Nov 03:00, 1.0 s, exit status 0) expected: a number < 90 (found 95)":                               judged(check.Result{}, "used 95"),
		"✗ (Wed 25 Nov 03:00, 1.0 s, exit status 1) expected: exit status 0 (found 1); a number < 90 (found nothing)": judged(check.Result{Exit: 1}, ""),
		"✗ (a, Wed 25 Nov 03:00, 1.0 s, status 503) expected: status 0 (found 503); a number < 90 (found nothing)":    judged(check.Result{Exit: 503, Host: "a", Where: knowhow.Bot}, ""),
		"was not run (Wed 25 Nov 03:00): the host key of web1 is not known: add this":                                 {Reason: check.UnknownKey, Host: "web1", Err: "add this", Started: at},
		"could not run (Wed 25 Nov 03:00): web1 does not answer":                                                      {Reason: check.Unreachable, Host: "web1", Err: "dial tcp: refused", Started: at},
	} {
		if got := strings.ReplaceAll(Verdict(p, r), `\`, ""); got != want { // without Markdown's escapes
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Every reason has a sentence in both languages, and it fits on its line.
func TestReasons(t *testing.T) {
	for _, lang := range []string{"en", "ja"} {
		for _, reason := range check.Reasons() {
			got := Verdict(text.For(lang, nil), check.Result{Reason: reason, Host: "web1<x>", Err: "do\n# this", Started: time.Now()})
			if strings.HasPrefix(got, "check.") || strings.ContainsAny(got, "{}\n") || strings.Contains(got, "<x>") {
				t.Errorf("%s, %s: %q", lang, reason, got)
			}
		}
	}
}
