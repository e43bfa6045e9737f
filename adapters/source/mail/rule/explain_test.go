package rule_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source/mail/rule"
)

func TestExplain(t *testing.T) {
	set := rules(t, backup+`
    - {name: later, when: {from: backup}, alert: {host: x}}
    - {name: never, when: {body: 'no such', headers: {X-None: x}}}
`)
	e := set.Explain(message(t, "From: a@backup.example.jp\nX-Mailer: Acme\nSubject: [謎] x\n\nClient: db01\n"))[0]
	if e.Rule != "backup" || len(e.Verdicts) != 3 || len(e.Alerts) != 1 {
		t.Fatalf("%+v", e)
	}
	first := e.Verdicts[0]
	want := []rule.Got{{Name: "word", Value: "謎", Where: "subject"}, {Name: "job", Value: "x", Where: "subject"}, {Name: "host", Value: "db01", Where: "body"}}
	if diff := cmp.Diff([][]rule.Got{want}, first.Readings); !first.Taken || first.Place != "rules.yaml:5" || diff != "" {
		t.Errorf("%+v\n%s", first, diff)
	}
	if len(first.Doubts) != 1 || !strings.Contains(first.Doubts[0], `"謎" is in no list of words`) {
		t.Errorf("the doubts are %q", first.Doubts)
	}
	if !e.Verdicts[1].Taken {
		t.Errorf("the later rule would take it: %+v", e.Verdicts[1])
	}
	if got, want := e.Verdicts[2].Why, `when.header.X-None: /x/ does not match header.X-None ""`; got != want {
		t.Errorf("it is not taken since %s, want %s", got, want)
	}
	e = set.Explain(message(t, "From: a@backup.example.jp\nX-Mailer: Acme\nSubject: [異常終了] x\n\nHost: db01\n"))[0]
	if got, want := e.Verdicts[0].Why, "need: the field host was not found in the mail"; e.Rule != "later" || got != want || len(e.Verdicts[0].Readings[0]) != 2 {
		t.Errorf("%s takes it; backup does not since %s, want %s", e.Rule, got, want)
	}
	e = set.Explain(message(t, "From: a@backup.example.jp\nX-Mailer: Acme\nSubject: x\n\n"))[0]
	if got, want := e.Verdicts[0].Why, `read[0]: /^\[(?P<word>\S+)\] (?P<job>.+)$/ does not match the subject`; got != want {
		t.Errorf("it is not taken since %s, want %s", got, want)
	}
}
