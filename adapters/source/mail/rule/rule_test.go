package rule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
