//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/source/mail/mailtest"
)

// weekend is how many mails wait on a Monday.
const weekend = 10_000

// BenchmarkWeekend starts the program on a mailbox of a real Dovecot in which a
// weekend's mails wait, and measures until the last is on stable storage: mails
// a second, and the most memory that the process had, beside what it has
// without mails.
func BenchmarkWeekend(b *testing.B) {
	b.Run("for the morning", func(b *testing.B) { benchmarkWeekend(b, 0) })
	b.Run("a tenth urgent", func(b *testing.B) { benchmarkWeekend(b, 10) })
}

// benchmarkWeekend has one mail in so many be urgent; 0 stands for none.
func benchmarkWeekend(b *testing.B, urgent int) {
	for b.Loop() {
		box := mailtest.StartDovecot(b)
		config := workspaceWith(b, mailConfiguration(b, box, doorPort(b)))
		idle := start(b, b.TempDir(), "--config", config)
		awaitMails(b, idle, 0)
		b.ReportMetric(peakOf(b, idle), "MiB-without-mails")
		idle.kill()

		box.Put(b, weekendMails(urgent)...)
		p := start(b, b.TempDir(), "--config", config)
		began := time.Now()
		awaitMails(b, p, weekend)
		b.ReportMetric(weekend/time.Since(began).Seconds(), "mails/s")
		b.ReportMetric(peakOf(b, p), "MiB-peak")
		p.kill()
	}
}

func weekendMails(urgent int) []string {
	mails := make([]string, weekend)
	for i := range mails {
		mails[i] = problemText(i)
		if urgent == 0 || i%urgent != 0 {
			mails[i] = strings.Replace(mails[i], "Severity: High", "Severity: Warning", 1)
		}
	}
	return mails
}

// awaitMails waits until so many are taken.
func awaitMails(b *testing.B, p *process, n int) {
	b.Helper()
	taken := regexp.MustCompile(`(?m)^tebiki_mails_total\{.*\} ([0-9.e+]+)$`)
	await(b, time.Minute, fmt.Sprintf("%d mails are taken", n), func() (bool, error) {
		status, body, err := get(p.url + "/metrics")
		if err != nil || status != http.StatusOK || !strings.Contains(body, "tebiki_mailbox_connected") {
			return false, err
		}
		sum := 0.0
		for _, m := range taken.FindAllStringSubmatch(body, -1) {
			v, _ := strconv.ParseFloat(m[1], 64) // the pattern has digits
			sum += v
		}
		return int(sum) >= n, nil
	})
}

// peakOf is the most memory that the process has had, in MiB.
func peakOf(b *testing.B, p *process) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		b.Fatal("the kernel does not tell the process's memory")
	}
	kib, _ := strconv.ParseFloat(string(m[1]), 64) // the pattern has digits
	return kib / 1024
}
