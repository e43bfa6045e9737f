//go:build unix

package mailtest

import (
	"fmt"
	"net/smtp"
	"testing"
	"time"
)

// A mail sent to Postfix lies in Dovecot's mailbox.
func TestDelivers(t *testing.T) {
	d := StartDovecot(t)
	p := StartPostfix(t, map[string]string{BoxDomain: fmt.Sprintf("lmtp:inet:127.0.0.1:%d", d.LMTP)})
	body := []byte("From: root@example.jp\r\nTo: alerts@box.example.jp\r\nSubject: disk full\r\n\r\nhost: web01\r\n")
	if err := smtp.SendMail(p.Address(), nil, "root@example.jp", []string{User + "@" + BoxDomain}, body); err != nil {
		t.Fatal(err)
	}
	for late := time.After(20 * time.Second); ; {
		if _, n := d.Flagged(t); n == 1 && p.Waiting(t) == 0 {
			return
		}
		select {
		case <-late:
			t.Fatalf("the mail does not arrive: %s", p.Log(t))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
