package config

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
)

const mailText = `people: {tanaka: {team: infra, mail: tanaka@example.jp}}
teams: {infra: {leader: tanaka, zone: Asia/Tokyo}}
schedules: {infra: {zone: Asia/Tokyo, layers: {primary: {people: [tanaka], start: 2026-11-23}}}}
policies: {infra: {team: infra, steps: [{who: infra/primary, chat: 0s}]}}
alerts: {routes: [{policy: infra}]}
mail:
`

func loadMail(t *testing.T, section string) *Mail {
	t.Helper()
	cfg, err := loadText(mailText + section)
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Mail
}

func TestMailboxes(t *testing.T) {
	m := loadMail(t, `  imap:
    - {host: imap.example.jp, user: alerts, password: {env: TEBIKI_PASSWORD}, since: 2026-11-20}
    - {host: "::1", port: 1143, tls: none, user: alerts, token: {file: token.txt}, folder: 監視, done: {move: 済み}, every: 30s, max: 1MiB}
    - {host: imap.example.jp, tls: starttls, user: other, password: {file: token.txt}, done: {flag: $Read}}
  rules: [{name: own, when: {subject: x}, alert: {host: "h"}}]
  ready: [zabbix]
`)
	a, b, c := m.Boxes[0], m.Boxes[1], m.Boxes[2]
	if a.Port != 993 || a.Security != "tls" || a.Folder != "INBOX" || a.Every != time.Minute || a.Max != 10<<20 || a.Since.Day() != 20 || a.Token.IsSet() {
		t.Errorf("the first is %+v", a)
	}
	if b.Port != 1143 || b.Folder != "監視" || b.Move != "済み" || b.Every != 30*time.Second || b.Max != 1<<20 || b.Password.IsSet() {
		t.Errorf("the second is %+v", b)
	}
	if c.Port != 143 || c.Flag != "$Read" {
		t.Errorf("the third is %+v", c)
	}
	if p, err := a.Password.Read(); p != "hunter2" || err != nil {
		t.Errorf("the password is %q, %v", p, err)
	}
	if m.SMTP != nil || m.Rules == nil {
		t.Errorf("it has %+v", m)
	}
}

func TestOneMailbox(t *testing.T) {
	m := loadMail(t, "  imap: {host: localhost, tls: none, user: a, password: {env: TEBIKI_PASSWORD}}\n")
	if len(m.Boxes) != 1 || m.Boxes[0].Port != 143 || m.Rules == nil {
		t.Errorf("it is %+v", m)
	}
}

// A token is read at each connection: whoever renews it writes the file.
func TestTokenIsReadAgain(t *testing.T) {
	files := fstest.MapFS{
		"tebiki.yaml": {Data: []byte(mailText + "  imap: {host: imap.example.jp, user: a, token: {file: run/token}}\n")},
		"run/token":   {Data: []byte("first\n")},
	}
	cfg, err := Load(files, "tebiki.yaml", testEnv)
	if err != nil {
		t.Fatal(err)
	}
	token := cfg.Mail.Boxes[0].Token
	if got, err := token.Read(); got != "first" || err != nil {
		t.Errorf("it is %q, %v", got, err)
	}
	files["run/token"] = &fstest.MapFile{Data: []byte("second")}
	if got, err := token.Read(); got != "second" || err != nil {
		t.Errorf("then it is %q, %v", got, err)
	}
	delete(files, "run/token")
	if got, err := token.Read(); err == nil || !strings.Contains(err.Error(), "read the token") {
		t.Errorf("without a file it is %q, %v", got, err)
	}
}

func TestListener(t *testing.T) {
	m := loadMail(t, `  smtp: {listen: "0.0.0.0:8425", networks: [10.1.2.3/8, "2001:db8::1", "::ffff:192.0.2.1"], from: ["*@example.jp", "<>"], to: [alerts@*], max: 20MiB}
`)
	var networks []string
	for _, n := range m.SMTP.Networks {
		networks = append(networks, n.String())
	}
	if want := []string{"10.0.0.0/8", "2001:db8::1/128", "192.0.2.1/32"}; !slices.Equal(networks, want) {
		t.Errorf("the networks are %q, want %q", networks, want)
	}
	if s := m.SMTP; s.Max != 20<<20 || len(s.From) != 2 || len(s.To) != 1 || s.Certificate != nil {
		t.Errorf("it is %+v", s)
	}
	if s := loadMail(t, "  smtp: {}\n").SMTP; s.Listen != "127.0.0.1:8425" || s.Networks != nil {
		t.Errorf("without anything it is %+v", s)
	}
}

// The words may be written as people like, and without mails nothing needs them.
func TestLowOfMails(t *testing.T) {
	for _, text := range []string{
		strings.Replace(mailText, "alerts: {", "alerts: {low: [INFO, Low], ", 1) + "  smtp: {}\n",
		strings.TrimSuffix(strings.Replace(mailText, "alerts: {", "alerts: {low: [], ", 1), "mail:\n"),
	} {
		if _, err := loadText(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Times without a zone are in the team's, when the mail's date has none either.
func TestZoneOfMails(t *testing.T) {
	m, err := mail.Parse(strings.NewReader("Subject: x\n\nat 2026-11-25 10:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	const rules = "  rules: [{name: a, when: {subject: x}, read: [{match: 'at (?P<time>.*)'}], alert: {key: k}}]\n"
	for section, want := range map[string]string{
		rules:                             "2026-11-25T10:00:00+09:00",
		rules + "  zone: Europe/Berlin\n": "2026-11-25T10:00:00+01:00",
	} {
		if got := loadMail(t, section).Rules.Take(m)[0].Alerts[0].At.Format(time.RFC3339); got != want {
			t.Errorf("%s: it is %s, want %s", section, got, want)
		}
	}
}

func TestNoMail(t *testing.T) {
	if cfg, err := loadText(strings.TrimSuffix(mailText, "mail:\n")); err != nil || cfg.Mail != nil {
		t.Errorf("it is %+v, %v", cfg, err)
	}
	if len(rule.Ready()) == 0 {
		t.Error("there are no ready rules")
	}
}
