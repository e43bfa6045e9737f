package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"tebiki/adapters/source/mail/imap/imaptest"
	"tebiki/bot/sample"
)

// withMail is a workspace on disk whose mails come from a server in memory.
func withMail(t *testing.T, s *imaptest.Server, more string) (file string, env map[string]string) {
	t.Helper()
	file = filepath.Join(ours(t), sample.Config)
	replace(t, file, "\nteams:\n", fmt.Sprintf("\nmail:\n  imap: {host: 127.0.0.1, port: %d, tls: none, user: %s, password: {env: IMAP}%s}\nteams:\n", s.Port(), imaptest.User, more))
	return file, map[string]string{"IMAP": imaptest.Password}
}

const aMail = "From: odd@example.jp\r\nSubject: it is \x1b[31mred\r\nDate: Wed, 25 Nov 2026 10:00:00 +0900\r\n\r\nfoo\r\n"

func TestDoctorMail(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	s.Deliver(t, "INBOX", aMail, nil)
	file, env := withMail(t, s, "")
	commandIn(t.Context(), env, "doctor", "mail", "--config", file).expect(t, 0, "1 mails in INBOX, of which 1 wait to be taken", "")
	got := commandIn(t.Context(), env, "doctor", "mail", "--config", file)
	got.expect(t, 0, "no rule takes it: problem", "")
	got.expect(t, 0, "flagged $TebikiDone", "")
	for _, m := range s.Folder(t, "INBOX") {
		if len(m.Flags) != 0 {
			t.Errorf("looking has set %q", m.Flags)
		}
	}
	env["IMAP"] = "wrong"
	commandIn(t.Context(), env, "doctor", "mail", "--config", file).expect(t, 1, "check user and password", "faults: 1")
	commandIn(t.Context(), nil, "doctor", "mail", "--config", filepath.Join(ours(t), sample.Config)).expect(t, 1, "", "no mails come in")
}

func TestDoctorMailMoves(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{Move: true})
	file, env := withMail(t, s, ", done: {move: Done}")
	got := commandIn(t.Context(), env, "doctor", "mail", "--config", file)
	got.expect(t, 0, "are moved to Done", "")
	got.expect(t, 0, "made with the first mail", "")
	s.Create(t, "Done")
	if got := commandIn(t.Context(), env, "doctor", "mail", "--config", file); got.code != 0 {
		t.Errorf("it says %q %q", got.out, got.errs)
	}
}

func TestDoctorMailListener(t *testing.T) {
	file := filepath.Join(ours(t), sample.Config)
	replace(t, file, "\nteams:\n", "\nmail:\n  smtp: {networks: [10.0.0.0/8]}\nteams:\n")
	commandIn(t.Context(), nil, "doctor", "mail", "--config", file).expect(t, 0, "from 10.0.0.0/8, mails up to 10 MiB", "")
}
