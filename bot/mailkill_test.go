//go:build unix

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/mailtest"
	"tebiki/adapters/source/mail/rule"
	"tebiki/bot/app"
	"tebiki/escalation"
	"tebiki/store/bolt"
)

const (
	killMails     = 100
	mailKills     = 8
	tebikiDomain  = "tebiki.example.jp"
	mailKillLimit = 30 * time.Second // for all to arrive at last, on a busy machine
)

// TestMailKill sends mails through a real Postfix, to a real Dovecot's mailbox,
// to the listener, and to both, while the process is killed at random moments
// and started again. At the end each mail is one signal of one alert.
func TestMailKill(t *testing.T) {
	t.Logf("-seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 7))
	box, door := mailtest.StartDovecot(t), doorPort(t)
	post := mailtest.StartPostfix(t, map[string]string{
		mailtest.BoxDomain: fmt.Sprintf("lmtp:inet:127.0.0.1:%d", box.LMTP), tebikiDomain: fmt.Sprintf("smtp:[127.0.0.1]:%d", door)})
	data, config := t.TempDir(), workspaceWith(t, mailConfiguration(t, box, door))

	mails := problems(random, killMails)
	var sender sync.WaitGroup
	sender.Go(func() { sendProblems(t, post, mails) })
	for range mailKills {
		p := launch(t, data, "--config", config)
		if random.IntN(3) > 0 {
			p.awaitReady(t)
		}
		<-time.After(time.Duration(random.IntN(500)) * time.Millisecond)
		p.kill()
	}
	sender.Wait()
	last := start(t, data, "--config", config)
	await(t, mailKillLimit, "all mails are taken", func() (bool, error) {
		with, without := box.Flagged(t)
		queued := post.Waiting(t)
		if queued > 0 && without == 0 {
			post.Flush(t) // some it would leave for a minute
		}
		return queued == 0 && without == 0 && with >= killMails/2, fmt.Errorf("%d mails wait at Postfix; in the mailbox %d are taken and %d not", queued, with, without)
	})
	last.terminate(t)
	if strings.Contains(post.Log(t), "status=bounced") {
		t.Errorf("a mail was refused for good:\n%s", post.Log(t))
	}
	countProblems(t, data, mails)
}

// doorPort is one for the listener, the same over all lives of the process.
func doorPort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

func mailConfiguration(t testing.TB, box *mailtest.Dovecot, door int) string {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(mailtest.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`policies:
  calm: {team: infra-jp, steps: [{who: infra-jp/primary, chat: 0s, next: 5h}], leader: {phone: 5h, every: 10h}}
alerts:
  routes: [{policy: calm}]
  storm: {incidents: 1000, within: 1m}
mail:
  imap: {host: 127.0.0.1, port: %d, ca: %q, user: %s, password: {file: %q}, every: 5s}
  smtp: {listen: "127.0.0.1:%d", from: ["*@example.jp"], to: ["*@%s"]}
`, box.IMAPS, box.CA, mailtest.User, password, door, tebikiDomain)
}

// A problem is a mail with the ways it goes.
type problem struct {
	text string
	to   []string
}

func problems(random *rand.Rand, n int) []problem {
	out := make([]problem, n)
	ways := [][]string{{"alerts@" + mailtest.BoxDomain}, {"alerts@" + tebikiDomain}, {"alerts@" + mailtest.BoxDomain, "alerts@" + tebikiDomain}}
	for i := range out {
		out[i] = problem{text: problemText(i), to: ways[random.IntN(len(ways))]}
	}
	return out
}

func problemText(i int) string {
	return strings.ReplaceAll(fmt.Sprintf("From: Zabbix <zabbix@example.jp>\nTo: ops@example.jp\nSubject: Problem: Disk space is critical on web%d\n"+
		"Date: Wed, 25 Nov 2026 10:00:00 +0900\nMessage-ID: <%d@zabbix.example.jp>\n\nProblem started at 10:00:00 on 2026.11.25\n"+
		"Problem name: Disk space is critical on web%d\nHost: web%d\nSeverity: High\n\nOriginal problem ID: %d\n", i, i, i, i, 1000+i), "\n", "\r\n")
}

func sendProblems(t *testing.T, post *mailtest.Postfix, mails []problem) {
	for i, m := range mails {
		if err := smtp.SendMail(post.Address(), nil, "zabbix@example.jp", m.to, []byte(m.text)); err != nil {
			t.Errorf("send mail %d: %v", i, err)
			return
		}
		<-time.After(20 * time.Millisecond) // over all lives of the process
	}
}

// countProblems wants each mail's alert once in what is stored.
func countProblems(t *testing.T, data string, mails []problem) {
	t.Helper()
	set, err := rule.Standard()
	if err != nil {
		t.Fatal(err)
	}
	st, err := bolt.Open(filepath.Join(data, app.File), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	c := read(t, st)
	for i, m := range mails {
		message, err := mail.Parse(bytes.NewReader([]byte(m.text)))
		if err != nil {
			t.Fatal(err)
		}
		got := set.Take(message)[0].Alerts[0]
		a := escalation.Alert{Source: got.Source, Key: got.Key}
		if n := c.signals[a.Fingerprint()]; n != 1 {
			t.Errorf("mail %d to %q is %d signals, want 1", i, m.to, n)
		}
	}
}
