package mailbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/source/mail/imap"
	"tebiki/escalation"
	"tebiki/store"
	"tebiki/store/storetest"
)

func accept(t testing.TB, p *process, mails ...Mail) {
	t.Helper()
	if err := p.Accept(context.Background(), mails...); err != nil {
		t.Fatal(err)
	}
}

func TestAcceptsOnce(t *testing.T) {
	st := store.NewMemory()
	p := start(t, st)
	accept(t, p, Mail{Raw: zabbix("a", "web01")}, Mail{Raw: zabbix("b", "web02")}, Mail{Raw: zabbix("a", "web01")})
	accept(t, p, Mail{Raw: zabbix("b", "web02")})
	p.end()
	p = start(t, st)
	accept(t, p, Mail{Raw: zabbix("a", "web01")}, Mail{Raw: zabbix("c", "web03")})
	p.end()
	if got := stored(t, st); len(got) != 3 {
		t.Errorf("there are the alerts %q, want one of each mail", got)
	}
	if f := p.Figures(); f.Mails != 1 || f.Repeated != 1 || f.Unmatched != 0 || f.Alerts != 1 || len(f.Rules) != 1 {
		t.Errorf("the figures are %+v", f)
	}
}

// However many bring one mail at the same moment, it is one.
func TestAcceptsOnceAtOnce(t *testing.T) {
	st := store.NewMemory()
	p := start(t, st)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			a, b := Mail{Raw: zabbix("a", "web01")}, Mail{Raw: zabbix("b", "web02")}
			if i%2 == 0 {
				a, b = b, a
			}
			if err := p.Accept(t.Context(), a, b); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p.end()
	if got := stored(t, st); len(got) != 2 {
		t.Errorf("there are the alerts %q", got)
	}
	if len(p.turns.busy) != 0 {
		t.Errorf("%d turns are left", len(p.turns.busy))
	}
}

// A failed commit leaves neither alerts nor marks.
func TestStoreFails(t *testing.T) {
	st := storetest.NewFaulty(store.NewMemory())
	p := start(t, st)
	st.Fail(store.ErrFull)
	if err := p.Accept(t.Context(), Mail{Raw: zabbix("a", "web01")}); !errors.Is(err, store.ErrFull) {
		t.Errorf("a full store is told as %v", err)
	}
	st.Fail(nil)
	await(t, func() bool { return p.Accept(t.Context(), Mail{Raw: zabbix("a", "web01")}) == nil })
	p.end()
	if got := stored(t, st); len(got) != 1 {
		t.Errorf("there are the alerts %q", got)
	}
}

// Mails that say nothing of when they were written are told apart by what can
// tell them apart: a monitoring system's second problem is no repetition of its
// first.
func TestWithoutDate(t *testing.T) {
	raw := []byte("From: ups@example.jp\r\nSubject: UPS on battery\r\n\r\nUPS on battery\r\n")
	through := func(id string) []byte {
		return append([]byte("Received: from tebiki-mx\r\nReceived: from ups by mx with ESMTP id "+id+"\r\n"), raw...)
	}
	for name, c := range map[string]struct {
		mails []Mail
		want  uint64
	}{
		"at different places":      {[]Mail{{Raw: raw, Place: "INBOX 1 1"}, {Raw: raw, Place: "INBOX 1 2"}}, 2},
		"at one place":             {[]Mail{{Raw: raw, Place: "INBOX 1 1"}, {Raw: raw, Place: "INBOX 1 1"}}, 1},
		"by another mail server":   {[]Mail{{Raw: through("4AB")}, {Raw: through("4AC")}}, 2},
		"by one, on two ways":      {[]Mail{{Raw: through("4AB")}, {Raw: append([]byte("Received: from mx by imap\r\n"), through("4AB")...), Place: "INBOX 1 1"}}, 1},
		"nothing tells them apart": {[]Mail{{Raw: raw}, {Raw: raw}}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, store.NewMemory())
			for _, m := range c.mails {
				accept(t, p, m)
			}
			if got := p.Figures().Mails; got != c.want {
				t.Errorf("they are %d mails, want %d", got, c.want)
			}
		})
	}
}

// Whatever cannot be read is an alert all the same.
func TestUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		mail Mail
		want string
	}{
		"nothing in it":      {Mail{Raw: nil, Place: "INBOX 1 7"}, "the mail is empty"},
		"not given":          {Mail{Fault: "Some messages could not be FETCHed", Place: "INBOX 1 7"}, "could not be FETCHed"},
		"bytes without form": {Mail{Raw: []byte("\x00\xff\xfe\r\n\r\n\x00")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			st := store.NewMemory()
			p := start(t, st)
			accept(t, p, c.mail)
			accept(t, p, c.mail)
			l := p.read(&c.mail)
			if len(l) != 1 || len(l[0].alerts) != 1 || l[0].alerts[0].Severity != "low" || !strings.Contains(l[0].alerts[0].Summary, c.want) {
				t.Errorf("it becomes %+v", l)
			}
			p.end()
			if got := stored(t, st); len(got) != 1 && c.mail.Place != "" {
				t.Errorf("there are the alerts %q", got)
			}
			if f := p.Figures(); f.Unmatched == 0 {
				t.Errorf("the figures are %+v", f)
			}
		})
	}
}

// A fault of ours in reading a mail must not end the process, which would meet
// the mail again at each start.
func TestStumbles(t *testing.T) {
	st := store.NewMemory()
	p := start(t, st)
	p.set = nil
	accept(t, p, Mail{Raw: zabbix("a", "web01")})
	if got := stored(t, st); len(got) != 1 || got[0] != "unreadable" || p.logged.count("stumbled")+p.logged.count("fault of Tebiki") == 0 {
		t.Errorf("there are the alerts %q", got)
	}
}

func TestCut(t *testing.T) {
	p := start(t, store.NewMemory())
	l := p.read(&Mail{Raw: zabbix("a", "web01"), Size: 20 << 20})
	if len(l) != 1 || l[0].rule == "" || !strings.Contains(l[0].alerts[0].Labels["cut"], "20971520") {
		t.Errorf("it becomes %+v", l)
	}
}

// A kind of mail without a rule is told of once a day, and counted each time.
func TestTellsOfMissingRules(t *testing.T) {
	p := start(t, store.NewMemory())
	mail := func(id, subject string) Mail {
		return Mail{Raw: []byte("From: odd@example.jp\r\nSubject: " + subject + "\r\nMessage-ID: <" + id + ">\r\nDate: Wed, 25 Nov 2026 10:00:00 +0900\r\n\r\nfoo\r\n")}
	}
	now := time.Now()
	p.now = func() time.Time { return now }
	accept(t, p, mail("1", "backup set 17 is odd"), mail("2", "backup set 18 is odd"), mail("3", "tape is odd"))
	if n := p.logged.count("no rule takes this mail"); n != 2 || p.Figures().Unmatched != 3 {
		t.Errorf("it is told %d times, counted %d", n, p.Figures().Unmatched)
	}
	now = now.Add(25 * time.Hour)
	accept(t, p, mail("4", "backup set 19 is odd"))
	if n := p.logged.count("no rule takes this mail"); n != 3 {
		t.Errorf("on the next day it is told %d times", n)
	}
}

// A core that takes anything.
type anyCore struct{ st store.Store }

func (c anyCore) SubmitWith(ctx context.Context, also func(store.Writer) error, _ ...escalation.Event) ([]escalation.Receipt, error) {
	return nil, c.st.Update(ctx, also)
}

func TestForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.NewMemory()
		in := New(anyCore{st}, st, start(t, store.NewMemory()).set, time.Now, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go in.Forget(ctx)
		const old = 1200 // more than go at once
		var mails []Mail
		for i := range old {
			mails = append(mails, Mail{Raw: zabbix(fmt.Sprint(i), "web01")})
		}
		if err := in.Accept(ctx, mails...); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * 24 * time.Hour)
		if err := in.Accept(ctx, Mail{Raw: zabbix("new", "web01")}); err != nil {
			t.Fatal(err)
		}
		count := func() (n int) {
			_ = st.View(ctx, func(tx store.Reader) error {
				for range tx.Scan(bucketSeen, "", "") {
					n++
				}
				return nil
			})
			return n
		}
		if n := count(); n != old+1 {
			t.Errorf("after 20 days %d are known", n)
		}
		time.Sleep(10*24*time.Hour + 2*time.Hour)
		if n := count(); n != 1 {
			t.Errorf("after 30 days %d are known", n)
		}
	})
}

func TestCursor(t *testing.T) {
	c := Cursor{Store: store.NewMemory(), Name: "a"}
	want := imap.Mark{UIDValidity: 7, UID: 9}
	if err := c.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Load(t.Context()); err != nil || got != want {
		t.Errorf("it is %v, %v", got, err)
	}
	if got, err := (Cursor{Store: c.Store, Name: "b"}).Load(t.Context()); err != nil || got != (imap.Mark{}) {
		t.Errorf("another's is %v, %v", got, err)
	}
}
