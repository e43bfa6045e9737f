package mailbox

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"tebiki/adapters/source"
	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
	"tebiki/bot/console"
	"tebiki/escalation"
)

// A letter is one mail with what is made of it. What somebody has forwarded
// together are letters of their own.
type letter struct {
	mark      mark
	rule      string // that took it; "" for none
	unmatched bool   // a part of it, or all, is an alert that nobody could read
	from      string
	subject   string
	alerts    []escalation.Alert
}

// read makes letters of a mail. There is always one.
func (in *Intake) read(m *Mail) (out []letter) {
	if m.Fault != "" {
		return []letter{in.unreadable(m, m.Fault)}
	}
	// The mail's text is hostile, and a mail that ends the process would do so
	// again at each start, for it would never be marked as taken.
	defer func() {
		if r := recover(); r != nil {
			in.log.Error("a mail could not be read; this is a fault of Tebiki's, please report it", "bytes", len(m.Raw), "fault", r, "stack", string(debug.Stack()))
			out = []letter{in.unreadable(m, "Tebiki stumbled over it")}
		}
	}()
	message, err := mail.Parse(bytes.NewReader(m.Raw))
	if err != nil {
		return []letter{in.unreadable(m, err.Error())}
	}
	all := message.All()
	for i, r := range in.set.Take(message) {
		out = append(out, in.letter(&all[i], &r, m))
	}
	return out
}

func (in *Intake) letter(message *mail.Message, r *rule.Result, m *Mail) letter {
	l := letter{mark: in.identify(message, m), rule: r.Rule, unmatched: r.Unmatched, from: message.From, subject: message.Subject}
	for i := range r.Alerts {
		l.alerts = append(l.alerts, in.alert(&r.Alerts[i], m))
	}
	return l
}

func (in *Intake) alert(a *source.Alert, m *Mail) escalation.Alert {
	if m.Size > 0 && len(a.Labels) < source.MaxLabels {
		labels := map[string]string{"cut": fmt.Sprintf("only the first %d of the mail's %d bytes were read", len(m.Raw), m.Size)}
		for name, value := range a.Labels {
			labels[name] = value
		}
		a.Labels = labels
	}
	out := console.AlertOf(a, in.now())
	if out.At.Year() < 1 { // cannot be stored
		out.At = in.now()
	}
	return out
}

// unreadable makes the alert of a mail that cannot be read.
func (in *Intake) unreadable(m *Mail, why string) letter {
	a := escalation.Alert{Source: "mail", Check: "unreadable", Key: "unreadable", Severity: "low", At: in.now(),
		Summary: fmt.Sprintf("A mail cannot be read: %.300s. %s", strings.ToValidUTF8(why, "?"), m.Place)}
	what := cmp.Or(m.Place, string(m.Raw), in.now().Format(time.RFC3339Nano))
	return letter{mark: markOf("unreadable", what), unmatched: true, alerts: []escalation.Alert{a}}
}

// identify tells what makes a mail the same one when it comes again. A mail
// with a date has its id. Without one, mails of a simple device that say the
// same are as alike as one that comes twice: then the first mail server that
// had it tells them apart, or where it lies. When nothing does, it counts as
// another one, since an alert too many is better than one too few.
func (in *Intake) identify(message *mail.Message, m *Mail) mark {
	if !message.Date.IsZero() {
		return markOf("id", message.ID)
	}
	if received := firstReceived(message); received != "" {
		return markOf("received", message.ID, received)
	}
	return markOf("place", message.ID, cmp.Or(m.Place, in.now().Format(time.RFC3339Nano)))
}

// firstReceived is the line of the first mail server on the mail's way, which
// the later ones have left at the end.
func firstReceived(message *mail.Message) (last string) {
	for _, h := range append([]mail.Header{message.Header}, message.Forwarded...) {
		for _, f := range h {
			if strings.EqualFold(f.Name, "Received") {
				last = f.Value
			}
		}
		if last != "" {
			return last
		}
	}
	return ""
}

// A mark is a mail's identity, shortened.
type mark [16]byte

func markOf(parts ...string) mark {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return mark(sum[:16])
}

func (m mark) key() string { return string(m[:]) }
