package app

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tebiki/adapters/source/mail/imap"
	"tebiki/adapters/web"
)

var (
	descMails         = desc("mails_total", "Mails taken since the start, each once, by the rule that took them.", "rule")
	descMailUnmatched = desc("mails_unmatched_total", "Mails since the start that no rule takes, or not the whole of: each is a low alert, and wants a rule.")
	descMailRepeated  = desc("mails_repeated_total", "Mails since the start that had been taken before.")
	descMailboxUp     = desc("mailbox_connected", "1 while the mailbox is read.", "mailbox")
	descMailboxWait   = desc("mailbox_waiting", "Mails that the newest look has found and that are not taken yet.", "mailbox")
	descMailboxLag    = desc("mailbox_lag_seconds", "Age of the oldest mail that waits; while the mailbox cannot be read, time since it could.", "mailbox")
	descMailSessions  = desc("mail_listener_connections", "Connections of mail servers now.")
	descMailListener  = desc("mail_listener_total", "Since the start: mails taken, deferred and refused, connections from strangers and above the limit.", "what")
)

func (f *figures) mails(gauge func(*prometheus.Desc, float64, ...string), counter func(*prometheus.Desc, uint64, ...string)) {
	m := f.app.mails
	in := m.intake.Figures()
	for rule, n := range in.Rules {
		counter(descMails, n, rule)
	}
	counter(descMailUnmatched, in.Unmatched)
	counter(descMailRepeated, in.Repeated)
	for i, box := range m.boxes {
		name, st := mailboxName(f.app.cfg.Mail.Boxes[i]), box.Status()
		gauge(descMailboxUp, truth(st.Connected), name)
		gauge(descMailboxWait, float64(st.Waiting), name)
		gauge(descMailboxLag, lag(st).Seconds(), name)
	}
	if m.server == nil {
		return
	}
	st := m.server.Status()
	gauge(descMailSessions, float64(st.Sessions))
	for what, n := range map[string]uint64{"taken": st.Taken, "deferred": st.Deferred, "refused": st.Refused, "stranger": st.Strangers, "above the limit": st.Full} {
		counter(descMailListener, n, what)
	}
}

// lag is how far a mailbox is behind.
func lag(st imap.Status) time.Duration {
	switch {
	case !st.Oldest.IsZero():
		return max(time.Since(st.Oldest), 0)
	case !st.Connected && !st.Looked.IsZero():
		return time.Since(st.Looked)
	}
	return 0
}

// A progress tells the log, and open pages, how far a flood of mails is read.
type progress struct {
	log     *slog.Logger
	mailbox string
	news    *bell
	logged  time.Time // when it was last told
	rung    time.Time
}

// What is told of: floods, now and then.
const (
	flood       = 200
	logEvery    = 5 * time.Second
	redrawEvery = time.Second
)

func (p *progress) tell(done, total int) {
	now, last := time.Now(), done == total
	if total < flood {
		return
	}
	if last || now.Sub(p.rung) >= redrawEvery {
		p.rung = now
		p.news.ring()
	}
	if last || now.Sub(p.logged) >= logEvery {
		p.logged = now
		p.log.Info("mails that waited are read", "mailbox", p.mailbox, "progress", bar(done, total))
	}
}

// A bell wakes all who wait for it.
type bell struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// webMailboxes are those that people should know of: a flood is read, or
// nothing can be.
func (a *App) webMailboxes() []web.Mailbox {
	if a.mails == nil {
		return nil
	}
	var out []web.Mailbox
	for i, box := range a.mails.boxes {
		st := box.Status()
		m := web.Mailbox{Name: a.cfg.Mail.Boxes[i].User + ", " + a.cfg.Mail.Boxes[i].Folder, Done: st.Done, Total: st.Total, Away: !st.Connected && st.Fault != ""}
		if m.Away || st.Waiting > 0 && st.Total >= flood {
			out = append(out, m)
		}
	}
	return out
}

// watchMailboxes tells open pages of a flood's progress.
func (a *App) watchMailboxes() func() <-chan struct{} {
	if a.mails == nil {
		return nil
	}
	return a.mails.news.wait
}

// bar draws how much is done: "########............ 4000/10000".
func bar(done, total int) string {
	const width = 20
	full := width * done / max(total, 1)
	return fmt.Sprintf("%s%s %d/%d", strings.Repeat("#", full), strings.Repeat(".", width-full), done, total)
}
