package rule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"tebiki/adapters/source"
	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
)

// rules reads a file of them that must be right.
func rules(t testing.TB, text string) *rule.Set {
	t.Helper()
	set, err := rule.Parse("rules.yaml", text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return set
}

func message(t testing.TB, text string) mail.Message {
	t.Helper()
	m, err := mail.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// one gives the one alert that a mail becomes, and the rule that took it.
func one(t testing.TB, set *rule.Set, text string) (source.Alert, string) {
	t.Helper()
	results := set.Take(message(t, text))
	if len(results) != 1 || len(results[0].Alerts) != 1 {
		t.Fatalf("%q became %+v", text, results)
	}
	wantSound(t, results)
	return results[0].Alerts[0], results[0].Rule
}

const backup = `
mail:
  ready: []
  rules:
    - name: backup
      when:
        from: '@backup\.example\.jp>?$'
        headers: {X-Mailer: Acme}
      read:
        - in: subject
          match: '^\[(?P<word>\S+)\] (?P<job>.+)$'
        - lines:
            host: [Client, ｸﾗｲｱﾝﾄ, サーバ名]
            severity: 重要度
            when: 日時
        - match: 'code (?P<code>\d+)'
          optional: true
        - in: header.X-Details
          match: '^(?P<link>\S+)'
          optional: true
      words:
        status: {problem: [異常終了], recovery: [正常終了], note: [開始]}
        severity: {critical: [特A], warning: [B, C]}
      need: [host]
      zone: Asia/Tokyo
      alert:
        status: ${word}
        check: backup ${job}
        service: backups
        summary: '${job}: ${word} $$${code|job}'
        time: ${when}
        labels: {code: '${code:-none}', 担当: '${to}'}
`

func TestOwnRules(t *testing.T) {
	set := rules(t, backup)
	head := "From: Acme <a@backup.example.jp>\nTo: ops@example.jp\nX-Mailer: Acme 3\nDate: Wed, 25 Nov 2026 01:30:00 +0000\n"
	got, by := one(t, set, head+"X-Details: https://backup.example.jp/1 x\nSubject: [異常終了] nightly\n\nサーバ名：db01\n重要度：Ｂ\n日時：2026/11/25 10:20\nexit code 12\n")
	want := source.Alert{
		Source: "backup", Key: "db01 / backups / backup nightly", Severity: "warning", Host: "db01", Service: "backups", Check: "backup nightly",
		Summary: "nightly: 異常終了 $12", Labels: map[string]string{"code": "12", "担当": "ops@example.jp"}, Link: "https://backup.example.jp/1",
		At: time.Date(2026, 11, 25, 1, 20, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" || by != "backup" {
		t.Errorf("by %s (-want +got):\n%s", by, diff)
	}
	over, _ := one(t, set, head+"Subject: [正常終了] nightly\n\nClient | db01\n")
	if !over.Resolved || over.Key != got.Key || over.Summary != "nightly: 正常終了 $nightly" || over.Link != "" {
		t.Errorf("the recovery is %+v", over)
	}
	begun, _ := one(t, set, head+"Subject: [開始] nightly\n\nｸﾗｲｱﾝﾄ = db01\n")
	if begun.Resolved || begun.Key == got.Key || begun.Severity != "info" || begun.Labels["note"] != "開始" {
		t.Errorf("the note is %+v", begun)
	}
	strange, _ := one(t, set, head+"Subject: [謎] nightly\n\nClient: db01\n重要度: Z")
	if strange.Resolved || strange.Key != got.Key || strange.Severity != "Z" {
		t.Errorf("an unknown status is %+v", strange)
	}
	for name, text := range map[string]string{
		"another sender":  strings.Replace(head, "@backup", "@xbackup", 1) + "Subject: [異常終了] nightly\n\nClient: db01\n",
		"another program": strings.Replace(head, "Acme 3", "Other", 1) + "Subject: [異常終了] nightly\n\nClient: db01\n",
		"another subject": head + "Subject: nightly\n\nClient: db01\n",
		"no host":         head + "Subject: [異常終了] nightly\n\nClient:\n",
	} {
		results := set.Take(message(t, text))
		if a := results[0].Alerts[0]; !results[0].Unmatched || results[0].Rule != "" || a.Check != "unrecognized" || a.Severity != "low" || a.Source != "mail" {
			t.Errorf("%s: %+v", name, results)
		}
	}
}

// The first rule that takes a mail wins, and the user's are before the ready.
func TestOrder(t *testing.T) {
	const two = "- {name: first, when: {subject: 'Problem'}, read: [{match: '(?P<host>web\\d+)'}]}\n- {name: second, when: {subject: .*}, alert: {host: x}}\n"
	for text, want := range map[string]string{
		"Subject: Problem\n\nweb01":        "first",
		"Subject: Problem\n\nHost: db01\n": "second",
		"Subject: x\n\nweb01":              "second",
	} {
		if _, by := one(t, rules(t, two), text); by != want {
			t.Errorf("%q was taken by %s, want %s", text, by, want)
		}
	}
	cron := "Subject: Cron <root@web01> x\n\ny"
	for _, c := range []struct{ rules, want string }{
		{"rules: []", "cron"}, {"{ready: [munin, cron]}", "cron"}, {"{mail: {ready: []}}", ""}, {"ready: zabbix", ""},
		{"- {name: mine, when: {from: .*}}", "mine"}, {"{team: x, mail: {rules: [{name: mine, when: {from: .*}}]}}", "mine"},
	} {
		if got := rules(t, c.rules).Take(message(t, cron))[0]; got.Rule != c.want || got.Unmatched != (c.want == "") {
			t.Errorf("%s: %+v", c.rules, got)
		}
	}
}

func TestRead(t *testing.T) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("alerts: {}\nmail:\n  rules:\n    - {name: mine, when: {subjct: x}}\n  imap: {host: x}\n"), &doc); err != nil {
		t.Fatal(err)
	}
	_, err := rule.Read("tebiki.yaml", doc.Content[0].Content[3])
	if want := "tebiki.yaml:4:27: when has no key \"subjct\"; did you mean subject?"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A piece that the rule cannot read does not keep the others back, and is not
// lost.
func TestPieces(t *testing.T) {
	set := rules(t, `
- name: several
  when: {subject: several}
  each: {start: '(?m)^\* ', under: '(?m)^(?P<status>Problems|Recovered):$'}
  read: [{match: '^\* (?P<host>\w+) (?P<check>\w+)'}]
  words: {status: {problem: Problems, recovery: Recovered}}
`)
	got := set.Take(message(t, "Subject: several\n\nProblems:\n* web01 disk\n  and more\n* ???\nRecovered:\n* web02 load\n"))[0]
	var lines []string
	for _, a := range got.Alerts {
		lines = append(lines, fmt.Sprint(a.Check, " ", a.Host, " ", a.Resolved, " ", a.Summary))
	}
	want := []string{"disk web01 false several", "load web02 true several", "unrecognized  false * ???"}
	if diff := cmp.Diff(want, lines); diff != "" || !got.Unmatched || got.Rule != "several" {
		t.Errorf("%+v\n%s", got, diff)
	}
	if none := set.Take(message(t, "Subject: several\n\n* ?\n"))[0]; none.Rule != "" || len(none.Alerts) != 1 {
		t.Errorf("no piece can be read: %+v", none)
	}
}

// What the mail holds does not break what an alert promises.
func TestHostileMails(t *testing.T) {
	set := rules(t, `
- name: all
  when: {subject: .*}
  read:
    - {lines: {host: Host, service: Service, check: Check, severity: Severity, status: Status, link: Link, time: Time}}
    - {in: body, pairs: p}
  alert: {source: '${host}', labels: {'${host}': '${check}', sub: '${subject}'}, labels_of: p}
`)
	long := strings.Repeat("漢字 ", 10_000)
	var many strings.Builder
	for i := range 500 {
		fmt.Fprintf(&many, "n%d = v%d\n", i, i)
	}
	for name, text := range map[string]string{
		"long":    "Subject: " + long + "\n\nHost: " + long + "\nService: " + long + "\nCheck: " + long + "\nStatus: " + long + "\nLink: http://x/" + strings.Repeat("x", 5000),
		"many":    "Subject: x\n\n" + many.String(),
		"empty":   "X: y\n\n",
		"control": "Subject: a\x00\x1b[2Jb\n\nHost: x\x01\ty\nCheck: \u0085z\nLink: http://x/\x7f",
		"no link": "Subject: x\n\nLink: javascript:alert(1)\nTime: 99/99/99\n",
		"time":    "Subject: x\nDate: Wed, 25 Nov 2026 01:30:00 +0000\n\nTime: 2026-13-45 99:99\n",
	} {
		a, _ := one(t, set, text)
		if strings.HasPrefix(a.Link, "javascript") || name == "time" && a.At.IsZero() {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// Keys that differ only far behind stay apart.
	a, _ := one(t, set, "X: y\n\nHost: "+long+"a\nCheck: "+strings.Repeat("c", 200)+"1\n")
	b, _ := one(t, set, "X: y\n\nHost: "+long+"a\nCheck: "+strings.Repeat("c", 200)+"2\n")
	if a.Key == b.Key {
		t.Errorf("both keys are %q", a.Key)
	}
}

// Every fault comes with its place and what to do.
func TestFaults(t *testing.T) {
	_, err := rule.Parse("r.yaml", faultyRules)
	var faults rule.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff(strings.TrimSpace(faultyRulesWant), faults.Error()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for text, want := range map[string]string{
		"":                                "r.yaml:1:1: there is nothing here; write rules, or remove the file",
		"a: [":                            "r.yaml:1:1: this is not YAML: did not find expected node content; correct it here or near here",
		"rules: []\n---\n":                "r.yaml:2:1: a second YAML document begins here; remove the line with ---",
		"- &a {name: x, when: {from: x}}": "r.yaml:1:3: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins with one of them",
		"x":                               "r.yaml:1:1: mail must be a mapping (key: value); write one",
		"rules: x":                        "r.yaml:1:8: rules must be a list; write lines beginning with \"- name: ...\"",
		"rules: []\nrules: []":            "r.yaml:2:1: \"rules\" is given twice, first on line 1; keep one of them",
		"mail: {rulez: []}":               "r.yaml:1:7: mail has neither rules nor ready; add one of them",
		"team: sre":                       "r.yaml:1:1: mail has no key \"team\"; it may be ready, rules",
	} {
		if _, err := rule.Parse("r.yaml", text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

const faultyRules = `mail:
  ready: [zabix, cron, cron]
  rules:
    - name: one
      wenn: {subject: x}
      when: {subjekt: x, body: '(x', headers: [a]}
      each: {under: '(?P<from>x)'}
      read:
        - {in: subjct, match: backup}
        - {lines: {host: [Host, ''], a.b: x}, pairs: x}
        - {lines: {host: Host}, optional: maybe}
        - 7
      words: {status: {recoverd: [x]}, colour: {a: b}}
      zone: Tokyo
      need: [hots]
      alert: {key: '${hots} ${host', summary: '${}', labels: {a: '${y.z}'}, labels_of: y, tags: z}
    - name: one
      when: {}
    - when: {from: "a\nb"}
      name: !!binary eA==
`

const faultyRulesWant = `
r.yaml:2:11: there is no ready set "zabix"; did you mean zabbix?
r.yaml:2:24: the ready set "cron" is named twice; remove one
r.yaml:5:7: a rule has no key "wenn"; did you mean when?
r.yaml:6:14: when has no key "subjekt"; did you mean subject?
r.yaml:6:32: when.body is no RE2 expression (missing closing ): ` + "`" + `(x` + "`" + `); correct it
r.yaml:6:47: headers must be a mapping (key: value); write one
r.yaml:7:13: "from" is a text of every mail; call the field something else
r.yaml:7:13: each has no start; add it
r.yaml:9:16: in: there is no field "subjct"; did you mean subject?
r.yaml:9:31: match reads no field; name a group: (?P<host>\S+)
r.yaml:10:11: a step of read has 2 of match, lines and pairs; give it one
r.yaml:10:33: a line's key must be text; write it
r.yaml:10:38: "a.b" is no name of a field; use letters, digits, - and _
r.yaml:11:33: only match can be optional; lines and pairs always are: see need
r.yaml:11:43: optional is "maybe"; write true or false
r.yaml:12:11: a step of read must be a mapping (key: value); write one
r.yaml:13:24: "recoverd" is no status; did you mean recovery?
r.yaml:13:40: words are for a part of the alert, and "colour" is none; it may be source, key, host, service, check, severity, status, summary, link, time
r.yaml:14:13: "Tokyo" is no time zone; write one such as Asia/Tokyo
r.yaml:15:14: need: there is no field "hots"; did you mean host?
r.yaml:16:20: key: "${host" has no end; write ${name}, and $$ for a dollar
r.yaml:16:47: summary: ${} names no field; write ${name}, ${name|other} or ${name:-text}
r.yaml:16:66: the label a: there is no field "y.z"; it may be address, body, domain, first_line, from, header.NAME, host, subject, to, topic, x.NAME
r.yaml:16:88: no step reads pairs: y; did you mean x?
r.yaml:16:91: alert has no key "tags"; it may be check, host, key, labels, labels_of, link, service, severity, source, status, summary, time
r.yaml:17:7: a rule named "one" is on line 4 already; give this one another name
r.yaml:18:13: when asks for nothing, so that the rule would take every mail; say which, or write subject: .* for all
r.yaml:19:20: when.from holds a line break or another character that cannot be seen; remove it, or write \n in a pattern
r.yaml:20:13: name has the YAML tag !!binary; remove the tag
`

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
