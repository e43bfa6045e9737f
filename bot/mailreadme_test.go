package main

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"tebiki/adapters/source/mail"
	"tebiki/bot/config"
	"tebiki/bot/sample"
)

// TestMailPages loads what the pages for administrators say to write.
func TestMailPages(t *testing.T) {
	plain, err := fs.ReadFile(sample.FS(), sample.Config)
	if err != nil {
		t.Fatal(err)
	}
	written := append(blocks(t, "adapters/source/mail/README.md", "mail"), blocks(t, "README.md", "mail")...)
	commented := regexp.MustCompile(`(?m)^# mail:\n(?:#   .*\n)+`).FindString(string(plain))
	if written = append(written, strings.ReplaceAll("\n"+commented, "\n# ", "\n")); commented == "" {
		t.Fatal("the sample does not show how mails come in")
	}
	if len(written) < 6 {
		t.Fatalf("there are %d configurations", len(written))
	}
	for _, b := range written {
		for _, file := range []string{"/run/secrets/imap", "/run/tebiki/token"} {
			b = strings.ReplaceAll(b, "{file: "+file+"}", "{env: SECRET}")
		}
		text := append(without(plain, "mail"), "\n"+b...)
		cfg, err := config.Load(fstest.MapFS{sample.Config: {Data: text}}, sample.Config, func(string) (string, bool) { return "x", true })
		if err != nil {
			t.Errorf("%s\n%v", b, err)
			continue
		}
		if strings.Contains(b, "name: backup") {
			writtenRule(t, cfg.Mail)
		}
	}
}

// writtenRule tries the rule that the page writes.
func writtenRule(t *testing.T, m *config.Mail) {
	t.Helper()
	for word, resolved := range map[string]bool{"failed": false, "succeeded": true} {
		message, err := mail.Parse(strings.NewReader("From: bar@backup.example.jp\r\nSubject: [backup] db1: " + word + "\r\n\r\nジョブ名: nightly\r\nExit code: 3\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := m.Rules.Take(message)
		if a := got[0].Alerts[0]; got[0].Rule != "backup" || a.Key != "db1 nightly" || a.Resolved != resolved || a.Summary != "backup nightly of db1: exit code 3" {
			t.Errorf("it makes %+v", got)
		}
	}
}
