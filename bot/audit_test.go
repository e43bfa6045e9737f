package main

import (
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tebiki/bot/app"
	"tebiki/bot/audit"
	"tebiki/knowhow/check"
	"tebiki/store/bolt"
)

// TestAuditOfRunning: what a running tebiki keeps of its checks is printed,
// and tells which never came to their end.
func TestAuditOfRunning(t *testing.T) {
	data := t.TempDir()
	keep(t, data,
		check.Run{Who: "sato", Ticket: "T-1", Check: "cpus", Command: "nproc --all", Where: "bot"},
		check.Run{Who: "sato", Ticket: "T-1", Check: "cpus", Command: "nproc --all", Where: "bot", Ended: true, Began: true, Took: 1500e6},
		check.Run{Check: "memory", Command: "grep x\x1b[31m", Where: "server", Host: "web1"},
		check.Run{Check: "memory", Command: "grep x", Where: "server", Host: "web1", Ended: true, Began: true, Reason: check.Unreachable},
		check.Run{Check: "load", Command: "cat /proc/loadavg", Where: "bot", Ended: true, Reason: check.Denied},
	)
	p := start(t, data)
	s := command(t, "audit", "--url", p.url)
	s.expect(t, 0, "NUMBER  AT ", "")
	for _, line := range []string{
		`(?m)^1 +\S+ +sato +T-1 +\(the bot's\) +cpus +began +nproc --all$`,
		`(?m)^2 +\S+ +sato +T-1 +\(the bot's\) +cpus +exit 0 in 1\.5 s +nproc --all$`,
		`(?m)^3 +\S+ +tebiki +web1 +memory +began +grep x`,
		`(?m)^4 +\S+ +tebiki +web1 +memory +unreachable +grep x$`,
		`(?m)^5 +\S+ +tebiki +\(the bot's\) +load +denied +cat /proc/loadavg$`,
	} {
		if !regexp.MustCompile(line).MatchString(s.out) {
			t.Errorf("no line %s in\n%s", line, s.out)
		}
	}
	if strings.Contains(s.out, "\x1b") {
		t.Errorf("it moves the cursor:\n%q", s.out)
	}
	if s = command(t, "audit", "--url", p.url, "--after", "3", "--limit", "1"); strings.Count(s.out, "\n") != 2 || !strings.Contains(s.out, "unreachable") {
		t.Errorf("one record is\n%s", s.out)
	}
	s = command(t, "check", "--url", p.url, "--on", "2020-01-01")
	s.expect(t, 0, `warning: the check "memory" has never run to its end`, "")
	s.expect(t, 0, `warning: the check "load" has never run to its end`, "")
	s.expect(t, 0, "no faults, warnings: 2", "")
	p.terminate(t)
	command(t, "audit", "--url", p.url).expect(t, 1, "", "no tebiki answers at "+p.url)
	command(t, "check", "--url", p.url).expect(t, 1, "ask which checks ran well: no tebiki answers", "faults: 1")
}

// keep writes the audit log of data that no tebiki uses.
func keep(t *testing.T, data string, runs ...check.Run) {
	t.Helper()
	st, err := bolt.Open(filepath.Join(data, app.File), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	log := &audit.Log{Store: st, Log: slog.New(slog.DiscardHandler)}
	for _, r := range runs {
		if err := log.Keep(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}
