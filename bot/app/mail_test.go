package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/source/mail/imap/imaptest"
	"tebiki/escalation"
)

func problemMail(id, host string) string {
	return strings.ReplaceAll("From: Zabbix <zabbix@example.jp>\nTo: ops@example.jp\nSubject: Problem: Disk space is critical on "+host+
		"\nDate: Wed, 25 Nov 2026 10:00:00 +0900\nMessage-ID: <"+id+"@example.jp>\n\nProblem started at 10:00:00 on 2026.11.25\nProblem name: Disk space is critical on "+host+
		"\nHost: "+host+"\nSeverity: High\n\nOriginal problem ID: 1"+id+"\n", "\n", "\r\n")
}

// A mail comes on both ways and is one incident; the mailbox's is flagged.
func TestMailsComeIn(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	s.Deliver(t, "INBOX", problemMail("a", "web01"), nil)
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(imaptest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	opt := officeOptions(t, "\nteams:\n", fmt.Sprintf("\nmail:\n  imap: {host: 127.0.0.1, port: %d, tls: none, user: %s, password: {file: %q}, every: 5s}\n  smtp: {listen: \"127.0.0.1:0\"}\nteams:\n", s.Port(), imaptest.User, password))
	a, err := New(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	o := runApp(t, a)
	for _, m := range []string{problemMail("a", "web01"), problemMail("b", "web02"), "Subject: odd\r\n\r\nfoo\r\n"} {
		if err := smtp.SendMail(a.mails.door.Addr().String(), nil, "zabbix@example.jp", []string{"alerts@tebiki"}, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for box := s.Folder(t, "INBOX"); !box[0].Has("$TebikiDone"); box = s.Folder(t, "INBOX") {
		if time.Now().After(deadline) {
			t.Fatal("the mail in the mailbox is not flagged")
		}
	}
	var open int
	if err := a.runner.Look(context.Background(), func(st *escalation.State) { open = st.Count(escalation.Open) }); err != nil || open != 2 {
		t.Errorf("%d incidents are open, %v", open, err)
	}
	if boxes := a.webMailboxes(); len(boxes) != 0 {
		t.Errorf("the pages tell of %+v", boxes)
	}
	resp, err := o.http.Get(a.url() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	for _, want := range []string{"tebiki_mails_unmatched_total 1", "tebiki_mails_repeated_total 1", "tebiki_mailbox_connected{", `tebiki_mail_listener_total{what="taken"} 3`, `tebiki_mails_total{rule="zabbix`} {
		if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}

// A mailbox that cannot be read is told above the incidents.
func TestMailboxAway(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := imaptest.New(t, imaptest.Options{})
	o := openOffice(t, "\nteams:\n", fmt.Sprintf("\nmail:\n  imap: {host: 127.0.0.1, port: %d, tls: none, user: alerts, password: {file: %q}}\nteams:\n", s.Port(), password))
	for deadline := time.Now().Add(10 * time.Second); len(o.webMailboxes()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody is told")
		}
	}
	if boxes := o.webMailboxes(); !boxes[0].Away || boxes[0].Name != "alerts, INBOX" {
		t.Errorf("the pages tell of %+v", boxes)
	}
	if err := o.ready(t.Context()); err != nil {
		t.Errorf("a mailbox that is away keeps alerts from being taken: %v", err)
	}
}

// While a flood is read the log and the pages are told, now and then.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &progress{log: slog.New(slog.NewTextHandler(&out, nil)), mailbox: "a", news: &bell{}}
		p.tell(0, flood-1)
		rung := 0
		for done := 0; done <= 1000; done += 10 {
			heard := p.news.wait()
			p.tell(done, 1000)
			select {
			case <-heard:
				rung++
			default:
			}
			time.Sleep(100 * time.Millisecond)
		}
		if logged := strings.Count(out.String(), "mails that waited"); logged != 3 || rung != 11 {
			t.Errorf("it is logged %d times and drawn %d times:\n%s", logged, rung, out.String())
		}
	})
}

func TestBar(t *testing.T) {
	for in, want := range map[[2]int]string{{0, 200}: ".................... 0/200", {50, 200}: "#####............... 50/200", {200, 200}: "#################### 200/200", {0, 0}: ".................... 0/0"} {
		if got := bar(in[0], in[1]); got != want {
			t.Errorf("%v is drawn %q", in, got)
		}
	}
}
