package app

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tebiki/adapters/source/mail/imap"
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

// A progress tells the log how far a flood of mails is read.
type progress struct {
	log     *slog.Logger
	mailbox string
	at      time.Time // when it was last told
}

// What is told of: floods, now and then.
const (
	flood         = 200
	progressEvery = 5 * time.Second
)

func (p *progress) tell(done, total int) {
	now := time.Now()
	if total < flood || done < total && now.Sub(p.at) < progressEvery {
		return
	}
	p.at = now
	p.log.Info("mails that waited are read", "mailbox", p.mailbox, "progress", bar(done, total))
}

// bar draws how much is done: "########............ 4000/10000".
func bar(done, total int) string {
	const width = 20
	full := width * done / max(total, 1)
	return fmt.Sprintf("%s%s %d/%d", strings.Repeat("#", full), strings.Repeat(".", width-full), done, total)
}
