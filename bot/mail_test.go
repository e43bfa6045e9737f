package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const mails = "../adapters/source/mail/testdata"

func eml(name string) string { return filepath.Join(mails, name+".eml") }

// ownRules are two, in a file.
func ownRules(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, file, `mail:
  rules:
    - name: appliance
      when: {from: '(?i)appliance'}
      read: [{in: subject, match: 'report #(?P<number>\d+)'}, {lines: {host: Host}}]
      need: [host]
    - name: volume
      when: {subject: Volume}
      read: [{lines: {host: Hostname, status: Time}}]
`)
	return file
}

// Somebody who writes a rule sees what it got, what became of that, and why
// the other rules did not take the mail.
func TestMailTest(t *testing.T) {
	s := command(t, "mail", "test", ownRules(t), eml("generic-english-problem"))
	for _, want := range []string{
		"generic-english-problem.eml: taken by volume\n",
		"    subject              [nas01] Volume 1 has degraded: problem\n",
		"  read by volume (" /* the file */, "rules.yaml:7)\n    host                 nas01  (body)\n",
		"    doubt                the status \"2026-11-25 10:23:45\" is in no list of words",
		"  alert: problem\n    source               volume\n    key                  nas01\n",
		"    time                 2026-11-25T10:23:46+09:00\n",
		"  why the other rules do not take it\n    appliance            when.from: /(?i)appliance/ does not match from \"alerts@nas.example.com\"\n",
		"    generic              it would, but comes after volume\n    ready, for others    alertmanager, zabbix-problem, ",
		"mails: 1, alerts: 1, not taken by a rule: 0, files that cannot be read: 0\n",
	} {
		s.expect(t, 0, want, "")
	}
}

func TestMailTestAll(t *testing.T) {
	s := command(t, "mail", "test", "--all", ownRules(t), eml("generic-english-problem"))
	s.expect(t, 0, "    mdadm                when.subject: /^\\w+ event on /dev/\\S+:\\S+$/ does not match the subject\n", "")
	if strings.Contains(s.out, "ready, for others") {
		t.Errorf("not all are told: %s", s.out)
	}
}

// A mail that nobody takes is an alert all the same, and the exit status says
// that a rule is to be written.
func TestMailTestUnmatched(t *testing.T) {
	s := command(t, "mail", "test", ownRules(t), eml("unrecognized"), eml("alertmanager-mixed"), eml("mime-forwarded-two"))
	for _, want := range []string{
		"unrecognized.eml: no rule takes it\n",
		"    key                  unrecognized noreply@appliance.example.com status report ## of # #\n    severity             low\n",
		"    appliance            need: the field host was not found in the mail\n                           it had number: \"4711\"\n",
		"alertmanager.yaml:5), piece 2 of 2\n",
		"  alert: recovery\n",
		"    forwarded by         sato@example.jp: 2 mails\n",
		"mails: 4, alerts: 5, not taken by a rule: 1, files that cannot be read: 0\n",
	} {
		s.expect(t, 1, want, "not every mail was taken by a rule")
	}
}

func TestMailTestBrief(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.eml")
	write(t, empty, "")
	s := command(t, "mail", "test", "--brief", ownRules(t), eml("nagios-flapping-start"), filepath.Join(dir, "none"), empty, dir, eml("nagios-ack"))
	for _, want := range []string{
		"nagios-flapping-start.eml: taken by nagios: flapping \"web01/HTTP\"\n",
		"none: cannot be read: no such file or directory\n",
		"empty.eml: cannot be read: the mail is empty\n",
		dir + ": cannot be read: read the mail: ",
		"nagios-ack.eml: taken by nagios: note \"web01/HTTP note\"\n",
		"mails: 2, alerts: 2, not taken by a rule: 0, files that cannot be read: 3\n",
	} {
		s.expect(t, 1, want, "not every file could be read")
	}
	if n := strings.Count(s.out, "\n"); n != 6 {
		t.Errorf("there are %d lines:\n%s", n, s.out)
	}
}

func TestMailTestRefused(t *testing.T) {
	rules := ownRules(t)
	replace(t, rules, "need: [host]", "need: [hots]")
	replace(t, rules, "{lines: {host: Hostname", "{linse: {host: Hostname")
	s := command(t, "mail", "test", rules, eml("unrecognized"))
	s.expect(t, 1, rules+":6:14: need: there is no field \"hots\"; did you mean host?\n", "there are faults in the rules: 3")
	s.expect(t, 1, rules+":9:15: a step of read has no key \"linse\"; did you mean lines?\n", "there are faults in the rules: 3")
	command(t, "mail", "test", filepath.Join(t.TempDir(), "none"), eml("unrecognized")).expect(t, 1, "", "read the rules: open ")
	command(t, "mail", "test", rules).expect(t, 2, "", "Try: tebiki --help")
	command(t, "mail", "test", "--help").expect(t, 0, "Exit status: 0 when a rule takes every mail", "")
}

// A terminal obeys nothing of what stands in a mail.
func TestMailTestHostile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a\x1b[2J.eml")
	if err := os.WriteFile(file, []byte("Subject: a \u202e b\u200b\nFrom: x\u009b2J@y\n\ntext"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := command(t, "mail", "test", ownRules(t), file)
	if s.expect(t, 1, "a\\x1b[2J.eml: no rule takes it\n", "not every mail"); strings.ContainsAny(s.out, "\x1b\u202e\u200b\u009b") {
		t.Errorf("the output is %q", s.out)
	}
}
