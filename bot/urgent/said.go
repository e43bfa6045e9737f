package urgent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/bot/roster"
	"tebiki/bot/watch"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/knowhow"
	"tebiki/store"
	"tebiki/store/outbox"
)

// kindSaid is the item of a comment that acknowledges.
const kindSaid = "incident said"

type saidItem struct {
	Incident escalation.ID `json:"incident"`
	Ticket   string        `json:"ticket"` // where it was said: the incident's, or a sub-ticket
	Comment  string        `json:"comment"`
	Author   string        `json:"author"` // the tracker's id
	At       time.Time     `json:"at"`
}

// Said takes a comment that acknowledges, on an incident's ticket or one of
// its sub-tickets. It has a lane of its own: who is at work already must not
// be paged on because another change of the ticket has to wait.
func (f *Flow) Said(tx store.Writer, on watch.Seen, s tracker.Said) error {
	id, _, ok := incidentOf(on.Label)
	if !ok || !acknowledges(s.Text) {
		return nil
	}
	body, err := json.Marshal(saidItem{id, s.Ticket, s.ID, s.Author, s.At})
	if err != nil {
		return err
	}
	return outbox.Add(tx, outbox.Item{Dest: runner.Tracker, Lane: id.String() + "/said", Kind: kindSaid, Urgent: true,
		Key: fmt.Sprintf("%s/said/%s/%s", id, s.Ticket, s.ID), Created: s.At, Body: body})
}

// acknowledges tells whether a comment's first line is the command that chat
// takes too; what follows is a note to colleagues.
func acknowledges(text string) bool {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	words := strings.Fields(line)
	return len(words) > 0 && knowhow.Fold(words[0]) == "/ack"
}

// said acknowledges for who wrote the comment, in one commit with the item's
// removal. What comes to nothing is answered on the ticket. An incident that
// another has is not taken from them: the comment may be older than that.
func (f *Flow) said(ctx context.Context, it outbox.Item) error {
	var s saidItem
	if err := json.Unmarshal(it.Body, &s); err != nil {
		return fmt.Errorf("read the item %s: %w", it.Key, err)
	}
	inc, gone, err := f.incident(ctx, it, s.Incident)
	if gone || err != nil {
		return err
	}
	person, known := f.Roster.ByTracker(s.Author)
	others := inc.Status == escalation.Acknowledged && inc.AckBy != person.ID
	open := inc.Status == escalation.Open || inc.Status == escalation.Acknowledged
	switch {
	case !known:
		return f.reply(ctx, it, &inc, s, "stranger/"+short(s.Author), "ack.stranger")
	case reopenedAfter(&inc, s.At):
		return f.Outbox.Settle(ctx, it, nil)
	case others || !open:
		return f.late(ctx, it, &inc, s)
	}
	return f.acknowledge(ctx, it, s, person)
}

func (f *Flow) acknowledge(ctx context.Context, it outbox.Item, s saidItem, person roster.Person) error {
	// It has no channel, which are those that people are paged by.
	rs, err := f.Core.SubmitWith(ctx, it.Remove, escalation.Ack{Incident: s.Incident, Person: person.ID})
	if err != nil || rs[0].Changed || rs[0].By == person.ID {
		return err
	}
	inc, gone, err := f.incident(ctx, it, s.Incident) // which has ended in this very moment
	if gone || err != nil {
		return err
	}
	return f.late(ctx, it, &inc, s)
}

// late says on the ticket, as the button does, how the incident stands.
func (f *Flow) late(ctx context.Context, it outbox.Item, inc *escalation.Incident, s saidItem) error {
	return f.reply(ctx, it, inc, s, "said/"+short(s.Comment), "late."+string(inc.Status))
}

// reply answers a comment, once for each name of a cause.
func (f *Flow) reply(ctx context.Context, it outbox.Item, inc *escalation.Incident, s saidItem, cause, key string) error {
	body := f.printer(inc).Markdown(key, "incident", inc.ID, "by", f.Roster.Name(inc.AckBy))
	err := f.Tracker.Comment(ctx, s.Ticket, tracker.Comment{Label: label(inc.ID.String() + "/" + cause), Body: body})
	if err != nil && !adapters.Lasting(err) {
		return err
	}
	if err != nil {
		f.Log.Warn("the tracker does not take the answer to a comment", "incident", inc.ID, "ticket", s.Ticket, "err", err)
	}
	return f.Outbox.Settle(ctx, it, nil)
}

// short stands for an id of the tracker in a label, which takes less.
func short(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:6])
}
