package rule_test

import (
	"fmt"
	"strings"

	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
)

func ExampleParse() {
	set, err := rule.Parse("rules.yaml", `
- name: backup
  when: {subject: '^バックアップ'}
  read:
    - {in: subject, match: '^バックアップ(?P<status>\S+) (?P<job>\S+)'}
    - lines: {host: [サーバ名, Client]}
  words:
    status: {recovery: [成功], problem: [失敗]}
  need: [host]
  alert: {check: 'backup ${job}', severity: warning}
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{
		"Subject: バックアップ失敗 nightly\n\nサーバ名：db01\n",
		"Subject: バックアップ成功 nightly\n\nサーバ名：db01\n",
		"Subject: バックアップ開始\n\n",
	} {
		m, err := mail.Parse(strings.NewReader(text))
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, result := range set.Take(m) {
			for _, a := range result.Alerts {
				fmt.Printf("%s: %q, severity %s, resolved: %t\n", result.Rule, a.Key, a.Severity, a.Resolved)
			}
		}
	}
	// Output:
	// backup: "db01 / backup nightly", severity warning, resolved: false
	// backup: "db01 / backup nightly", severity warning, resolved: true
	// : "unrecognized バックアップ開始", severity low, resolved: false
}
