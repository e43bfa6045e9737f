package imap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"tebiki/adapters/source/mail/imap/imaptest"
)

// hasty are limits for tests on one machine.
var hasty = limits{connect: 2 * time.Second, command: 2 * time.Second, search: 2 * time.Second, fetch: 2 * time.Second,
	minPause: time.Millisecond, maxPause: 5 * time.Millisecond, afterDeny: 5 * time.Millisecond}

func ofServer(s *imaptest.Server) Options {
	return Options{Host: "127.0.0.1", Port: s.Port(), Security: Plain, User: imaptest.User,
		Password: func() (string, error) { return imaptest.Password, nil }, Every: 20 * time.Millisecond}
}

// A taker remembers what was taken.
type taker struct {
	mu    sync.Mutex
	mails []Mail
	fail  int // so many times before it takes
	came  chan struct{}
}

func newTaker() *taker { return &taker{came: make(chan struct{}, 1)} }

func (k *taker) take(_ context.Context, mails []Mail) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail > 0 {
		k.fail--
		return errors.New("the store is full")
	}
	k.mails = append(k.mails, mails...)
	select {
	case k.came <- struct{}{}:
	default:
	}
	return nil
}

func (k *taker) all() []Mail {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.mails)
}

// subjects are those of what was taken, in the order of taking.
func (k *taker) subjects() (out []string) {
	for _, m := range k.all() {
		head, _, _ := strings.Cut(string(m.Body), "\r\n")
		out = append(out, strings.TrimPrefix(head, "Subject: "))
	}
	return out
}

func letter(subject string) string { return "Subject: " + subject + "\r\n\r\nhost: web01\r\n" }

// run reads a mailbox until what is waited for is so.
func run(t *testing.T, o Options, until func(*Mailbox) bool) *Mailbox {
	t.Helper()
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	m.limits = hasty
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(ctx)
	}()
	defer func() { cancel(); <-done }()
	await(t, func() bool { return until(m) })
	return m
}

// await asks again and again, for there is nothing to wait on in a server.
func await(t *testing.T, until func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Second)
	for !until() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it has not come to pass within ten seconds")
		}
	}
}

// flagged tells whether so many mails of the folder have the flag.
func flagged(t *testing.T, s *imaptest.Server, folder, flag string, n int) func(*Mailbox) bool {
	return func(*Mailbox) bool {
		have := 0
		for _, m := range s.Folder(t, folder) {
			if m.Has(flag) {
				have++
			}
		}
		return have == n
	}
}

func TestTakesThenFlags(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	want := []string{"one", "two", "three"}
	for _, subject := range want {
		s.Deliver(t, "INBOX", letter(subject), nil)
	}
	s.Deliver(t, "INBOX", letter("taken before"), &imap.AppendOptions{Flags: []imap.Flag{DoneFlag}})
	s.Deliver(t, "INBOX", letter("long ago"), &imap.AppendOptions{Time: time.Now().AddDate(0, 0, -9)})
	k := newTaker()
	o := ofServer(s)
	o.Since = time.Now().AddDate(0, 0, -7)
	var most int
	o.Progress = func(done, total int) { most = max(most, total) }
	o.Take = func(ctx context.Context, mails []Mail) error {
		for _, m := range s.Folder(t, "INBOX") {
			if m.Has(DoneFlag) && strings.Contains(m.Body, "one") {
				t.Error("a mail is flagged before it is taken")
			}
		}
		return k.take(ctx, mails)
	}
	m := run(t, o, func(m *Mailbox) bool { return flagged(t, s, "INBOX", DoneFlag, 4)(m) && !m.Status().Looked.IsZero() })
	if got := k.subjects(); !slices.Equal(got, want) {
		t.Errorf("taken were %q, want %q", got, want)
	}
	for _, stored := range s.Folder(t, "INBOX") {
		if stored.Has(string(imap.FlagSeen)) {
			t.Errorf("reading has flagged %d as seen", stored.UID)
		}
	}
	if st := m.Status(); st.Taken != 3 || st.Waiting != 0 || st.Fault != "" || !st.Oldest.IsZero() {
		t.Errorf("the status is %+v", st)
	}
	if most != 3 || s.Calls("expunge") != 0 {
		t.Errorf("the progress was told of %d mails; %d mails were expunged", most, s.Calls("expunge"))
	}
}

func TestIdleTellsOfMails(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	k := newTaker()
	o := ofServer(s)
	o.Every = 20 * time.Minute // nothing but IDLE can tell
	o.Take = k.take
	step := 0
	run(t, o, func(m *Mailbox) bool {
		switch {
		case step == 0 && !m.Status().Looked.IsZero():
			s.Deliver(t, "INBOX", letter("news"), nil)
			step++
		case step == 1:
			return flagged(t, s, "INBOX", DoneFlag, 1)(m)
		}
		return false
	})
}

func TestMoves(t *testing.T) {
	for name, c := range map[string]struct {
		moves  bool
		exists bool
		inbox  int
	}{"moves": {true, true, 0}, "makes the folder": {true, false, 0}, "copies and flags": {false, false, 2}} {
		t.Run(name, func(t *testing.T) {
			s := imaptest.New(t, imaptest.Options{Move: c.moves})
			if c.exists {
				s.Create(t, "Done")
			}
			s.Deliver(t, "INBOX", letter("one"), nil)
			s.Deliver(t, "INBOX", letter("two"), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
			k := newTaker()
			o := ofServer(s)
			o.Move, o.Take = "Done", k.take
			run(t, o, func(m *Mailbox) bool {
				return len(s.Folder(t, "Done")) == 2 && m.Status().Taken == 2 && !m.Status().Looked.IsZero()
			})
			inbox := s.Folder(t, "INBOX")
			if len(inbox) != c.inbox {
				t.Errorf("%d mails stay, want %d", len(inbox), c.inbox)
			}
			for _, m := range inbox {
				if m.Has(string(imap.FlagDeleted)) || !m.Has(DoneFlag) {
					t.Errorf("what stays has the flags %q", m.Flags)
				}
			}
			if s.Calls("expunge") != 0 {
				t.Error("mails were expunged")
			}
		})
	}
}

// keptCursor is a Cursor in memory.
type keptCursor struct {
	mu   sync.Mutex
	mark Mark
}

func (c *keptCursor) Load(context.Context) (Mark, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mark, nil
}

func (c *keptCursor) Save(_ context.Context, m Mark) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark = m
	return nil
}

// Where no flag of one's own can be set, a person who opens a mail must not
// keep its alert from being taken.
func TestWithoutKeywords(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{Permanent: []imap.Flag{imap.FlagSeen, imap.FlagFlagged}})
	seen := &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}}
	s.Deliver(t, "INBOX", letter("read long ago"), seen)
	s.Deliver(t, "INBOX", letter("new"), nil)
	k, cursor := newTaker(), &keptCursor{}
	o := ofServer(s)
	o.Take, o.Cursor = k.take, cursor
	run(t, o, flagged(t, s, "INBOX", string(imap.FlagSeen), 2))
	s.Deliver(t, "INBOX", letter("opened by somebody"), seen)
	run(t, o, func(*Mailbox) bool { m, _ := cursor.Load(t.Context()); return m.UID == 3 })
	if got := k.subjects(); !slices.Equal(got, []string{"new", "opened by somebody"}) {
		t.Errorf("taken were %q", got)
	}
	run(t, o, func(m *Mailbox) bool { return !m.Status().Looked.IsZero() })
	if n := len(k.all()); n != 2 {
		t.Errorf("after a restart %d are taken", n)
	}
	s.Recreate(t, "INBOX")
	s.Deliver(t, "INBOX", letter("in the new folder"), nil)
	run(t, o, func(*Mailbox) bool { return len(k.all()) == 3 })
}

func TestReadOnlyFolder(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{Permanent: []imap.Flag{}})
	s.Deliver(t, "INBOX", letter("one"), nil)
	o := ofServer(s)
	k := newTaker()
	o.Take = k.take
	m := run(t, o, func(m *Mailbox) bool { return m.Status().Fault != "" })
	if f := m.Status().Fault; !strings.Contains(f, "right to write") || len(k.all()) != 0 {
		t.Errorf("the fault is %q, and %d mails are taken", f, len(k.all()))
	}
}

func TestTooLarge(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	s.Deliver(t, "INBOX", letter("small"), nil)
	large := letter("large") + strings.Repeat("x", 1<<20)
	s.Deliver(t, "INBOX", large, nil)
	s.Deliver(t, "INBOX", letter("after"), nil)
	k := newTaker()
	o := ofServer(s)
	o.Max, o.Take = 300<<10, k.take
	run(t, o, flagged(t, s, "INBOX", DoneFlag, 3))
	got := k.all()
	if subjects := k.subjects(); !slices.Equal(subjects, []string{"small", "large", "after"}) {
		t.Fatalf("taken were %q", subjects)
	}
	if m := got[1]; !m.Cut || m.Size != int64(len(large)) || !bytes.Equal(m.Body, []byte(large)[:beginning]) {
		t.Errorf("of the large one came %d bytes, cut %t, size %d", len(m.Body), m.Cut, m.Size)
	}
	if got[0].Cut || got[2].Cut {
		t.Error("a small one is cut")
	}
}

// A mail that lies damaged on the server keeps back no other, and is told of.
func TestDamagedMail(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	for i := range 5 {
		s.Deliver(t, "INBOX", letter(fmt.Sprint(i)), nil)
	}
	s.Damage(3)
	k := newTaker()
	o := ofServer(s)
	o.Take = k.take
	run(t, o, flagged(t, s, "INBOX", DoneFlag, 5))
	var faulty []uint32
	for _, m := range k.all() {
		if m.Fault != "" {
			faulty = append(faulty, m.UID)
		}
	}
	if len(k.all()) != 5 || !slices.Equal(faulty, []uint32{3}) {
		t.Errorf("%d are taken, faulty are %d", len(k.all()), faulty)
	}
}

// A server whose folder is full takes no flags. New mails are read all the
// same, each once, and flagged when there is room.
func TestCannotMark(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	s.Refuse("store", imaptest.No("over quota"))
	k := newTaker()
	o := ofServer(s)
	o.Take = k.take
	n := 0
	run(t, o, func(m *Mailbox) bool {
		if len(k.all()) == n && n < 3 && m.Status().Connected {
			s.Deliver(t, "INBOX", letter(fmt.Sprint(n)), nil)
			n++
		}
		if len(k.all()) == 3 {
			s.Refuse("store", nil)
		}
		return len(k.all()) >= 3 && flagged(t, s, "INBOX", DoneFlag, 3)(m)
	})
	if got := k.subjects(); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("taken were %q", got)
	}
}

func TestStoreFails(t *testing.T) {
	s := imaptest.New(t, imaptest.Options{})
	s.Deliver(t, "INBOX", letter("one"), nil)
	k := newTaker()
	k.fail = 3
	o := ofServer(s)
	o.Take = k.take
	run(t, o, flagged(t, s, "INBOX", DoneFlag, 1))
	if len(k.all()) != 1 || s.Calls("login") != 1 {
		t.Errorf("taken %d times over %d connections", len(k.all()), s.Calls("login"))
	}
}

func TestNew(t *testing.T) {
	secret := func() (string, error) { return "x", nil }
	for name, o := range map[string]Options{
		"plain text to elsewhere": {Host: "mail.example.jp", Security: Plain, Password: secret},
		"nothing to log in with":  {Host: "localhost"},
		"two secrets":             {Host: "localhost", Password: secret, Token: secret},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestBatches(t *testing.T) {
	heads := func(sizes ...int64) (out []head) {
		for i, size := range sizes {
			out = append(out, head{uid: imap.UID(i + 1), size: size})
		}
		return out
	}
	const limit = 10 << 20
	for _, c := range []struct {
		in   []head
		want []int
	}{
		{nil, nil},
		{heads(1, 2, 3), []int{3}},
		{heads(3<<20, 3<<20, 1), []int{1, 2}},
		{heads(1, limit+1, 1), []int{1, 1, 1}},
		{heads(limit, limit), []int{1, 1}},
		{heads(make([]int64, 250)...), []int{100, 100, 50}},
	} {
		var got []int
		for b := range batches(c.in, limit) {
			got = append(got, len(b))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d mails make %d, want %d", len(c.in), got, c.want)
		}
	}
}
