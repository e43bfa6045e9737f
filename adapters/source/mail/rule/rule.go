// Package rule turns a mail into alerts, by rules that the people write who
// get the mails.
//
// The data's way, for one mail:
//
//	mail ─► rules in their order: conditions ─► pieces ─► fields ─► alert of the first that takes it
//	                                                └── none ─► a low alert of its own kind
//
// A rule has conditions (when), says how a mail that holds several alerts is
// cut into pieces (each), what is read out of a piece into named fields (read),
// what the sender's words mean (words), which fields there must be (need), and
// what of it the alert's parts are made (alert). Rules that come with Tebiki
// (folder ready) are written in the same grammar and come after the user's own.
// grammar.go is all of it.
//
// Nothing is dropped. A mail that no rule takes is an alert of the source
// "mail" and the check "unrecognized", and Result.Unmatched says so, for it to
// be counted: somebody has a rule to write.
//
// # Status
//
// A problem and its recovery have one key, which is how the one ends the other.
// What flaps is a problem with the label "flapping", on the key of the problem:
// it is never a recovery, and the recovery that comes when it is over ends it.
// What is neither good news nor bad, such as an acknowledgement or a downtime,
// is a note: an alert of its own key and the severity "info", so that it
// neither opens nor ends anything urgent.
//
// Severities are the sender's words, and the configuration says which of them
// wait for the morning. A recovery has its problem's or, when it says none or
// "OK", "info", so that one which ends nothing urgent is told in the morning's
// ticket.
package rule

import (
	"regexp"
	"time"

	"tebiki/adapters/source"
	"tebiki/adapters/source/mail"
)

// A Set is rules in the order in which they are asked.
type Set struct {
	rules []*rule
	zone  *time.Location // of times that name none, where the rule has none; nil for the mail's own
	home  *time.Location // for mails that have none of their own; nil for UTC
}

// A rule turns the mails of one kind into alerts.
type rule struct {
	name  string
	file  string
	line  int
	ready bool // it comes with Tebiki

	when    []condition
	each    *pieces
	steps   []step
	words   map[string]words
	need    []string
	zone    *time.Location // of times that name none; nil for the mail's own
	alert   map[string]template
	labels  map[string]template
	labeled []string // prefixes of fields that all become labels
}

// A condition is a pattern that a text of the mail must have.
type condition struct {
	text    string // its name: "subject", "header.X-Mailer"
	pattern *regexp.Regexp
}

// pieces cut a mail that holds several alerts.
type pieces struct {
	start *regexp.Regexp // where one begins
	under *regexp.Regexp // headings, whose groups are fields of the pieces below; nil for none
}

// A step reads one text into fields. A field that has a value keeps it.
type step struct {
	text     string         // read from: a text of the mail, or a field read before
	match    *regexp.Regexp // its named groups are the fields
	optional bool           // the rule goes on when match does not
	lines    []lineField    // "key: value" lines
	pairs    string         // all "name = value" lines, as fields "pairs.name"
}

// A lineField is read from the first line that has one of the keys.
type lineField struct {
	field string
	keys  []string // folded
}

// A Result is what became of one mail.
type Result struct {
	ID        string // the mail's; all mails with one ID are one mail
	Rule      string // which took it; "" when none did
	Unmatched bool   // a part of it, or all, became an alert that nobody could read
	Alerts    []source.Alert
}

// Take turns a mail into alerts. There is a result for the mail, and one for
// each mail that was attached beside it.
func (s *Set) Take(m mail.Message) []Result {
	all := m.All()
	out := make([]Result, len(all))
	for i := range all {
		out[i] = s.take(&all[i])
	}
	return out
}

func (s *Set) take(m *mail.Message) Result {
	t := newTexts(m)
	t.zone = s.zoneFor(m)
	for _, r := range s.rules {
		if got, miss := r.try(t); miss == nil {
			return r.result(t, got)
		}
	}
	return Result{ID: m.ID, Unmatched: true, Alerts: []source.Alert{unrecognized(m, m.Text)}}
}

// result makes the alerts of what a rule has read.
func (r *rule) result(t *texts, got outcome) Result {
	out := Result{ID: t.mail.ID, Rule: r.name}
	for i := range got.readings {
		out.Alerts = append(out.Alerts, r.makeAlert(&got.readings[i]))
	}
	for _, piece := range got.unread {
		out.Unmatched = true
		out.Alerts = append(out.Alerts, unrecognized(t.mail, piece))
	}
	return out
}
