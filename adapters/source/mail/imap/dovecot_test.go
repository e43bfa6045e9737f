//go:build unix

package imap

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"tebiki/adapters/source/mail/mailtest"
)

func ofDovecot(t *testing.T, d *mailtest.Dovecot, s Security) Options {
	t.Helper()
	text, err := os.ReadFile(d.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	o := Options{Host: "127.0.0.1", Port: d.IMAP, Security: s, Roots: roots, User: mailtest.User,
		Password: func() (string, error) { return mailtest.Password, nil }, Every: 10 * time.Minute}
	if s == TLS {
		o.Port = d.IMAPS
	}
	return o
}

// What the server in memory does is what Dovecot does: each way to connect,
// flags and moves, IDLE, and nothing is deleted.
func TestDovecot(t *testing.T) {
	d := mailtest.StartDovecot(t)
	taken := 0
	for _, security := range []Security{TLS, StartTLS, Plain} {
		first, second := fmt.Sprint("at the start over ", security), fmt.Sprint("later over ", security)
		d.Put(t, letter(first))
		k := newTaker()
		o := ofDovecot(t, d, security)
		o.Take = k.take
		later := false
		run(t, o, func(m *Mailbox) bool {
			if !later && !m.Status().Looked.IsZero() {
				later = true
				d.Put(t, letter(second)) // nothing but IDLE can tell of it
			}
			with, without := d.Flagged(t)
			return with == taken+2 && without == 0
		})
		taken += 2
		if got := k.subjects(); !slices.Equal(got, []string{first, second}) {
			t.Errorf("over %s %q are taken", security, got)
		}
	}
}

func TestDovecotMoves(t *testing.T) {
	d := mailtest.StartDovecot(t)
	var mails []string
	for i := range 1200 {
		mails = append(mails, letter(fmt.Sprint(i)))
	}
	d.Put(t, mails...)
	k := newTaker()
	o := ofDovecot(t, d, TLS)
	o.Take, o.Move = k.take, "処理済み"
	run(t, o, func(m *Mailbox) bool { return m.Status().Taken == 1200 && !m.Status().Looked.IsZero() })
	for i, got := range k.subjects() {
		if got != fmt.Sprint(i) {
			t.Fatalf("mail %d is %q", i, got)
		}
	}
	if with, without := d.Flagged(t); with+without != 0 {
		t.Errorf("%d mails stay", with+without)
	}
	o.Folder, o.Move = "処理済み", "no such folder"
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.Survey(t.Context(), 3)
	if err != nil || s.Mails != 1200 || !s.Idle || !s.Moves || s.Flag != DoneFlag || len(s.Newest) != 3 {
		t.Errorf("the folder is %+v, %v", s, err)
	}
	if there, err := m.HasMoveFolder(t.Context()); err != nil || there {
		t.Errorf("a folder that nobody made is there: %t, %v", there, err)
	}
}

// A half of a batch that was flagged before the line broke is not taken again.
func TestDovecotKeepsFlags(t *testing.T) {
	d := mailtest.StartDovecot(t)
	d.Put(t, letter("0"), letter("1"), letter("2"))
	k := newTaker()
	o := ofDovecot(t, d, TLS)
	o.Take = k.take
	for range 3 {
		run(t, o, func(m *Mailbox) bool { return !m.Status().Looked.IsZero() })
	}
	if got := k.subjects(); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("over three connections %q are taken", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := m.Survey(ctx, 5); err != nil || s.Waiting != 0 || s.Mails != 3 {
		t.Errorf("then there are %+v, %v", s, err)
	}
}
