package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/local"
	"tebiki/bot/app"
	"tebiki/bot/urgent"
	"tebiki/escalation"
	"tebiki/escalation/runner"
	"tebiki/store"
	"tebiki/store/bolt"

	chatconsole "tebiki/adapters/chat/console"
)

// A tally is what a stopped process has left in its file.
type tally struct {
	incidents map[string]escalation.Incident
	members   map[string][]escalation.Member
	history   map[string][]escalation.Line
	signals   map[escalation.Fingerprint]int // by alert, in all incidents
	low       map[string]int                 // by summary
	labels    map[string][]tracker.Ticket
	messages  map[string]bool // address and key
	undone    int
}

// count opens the file of a process that has ended and compares it with what
// the senders remember.
func count(t *testing.T, data string, sent []*sentAlert) {
	t.Helper()
	st, err := bolt.Open(filepath.Join(data, app.File), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	c := read(t, st)
	if c.undone > 0 {
		t.Errorf("%d effects were not delivered", c.undone)
	}
	c.checkAlerts(t, sent)
	for _, inc := range c.incidents {
		c.checkTicket(t, inc)
		c.checkSubtickets(t, inc)
		c.checkPages(t, inc)
	}
	c.checkLabels(t)
	c.checkMix(t)
}

func read(t *testing.T, st store.Store) *tally {
	t.Helper()
	c := &tally{incidents: map[string]escalation.Incident{}, members: map[string][]escalation.Member{}, history: map[string][]escalation.Line{},
		signals: map[escalation.Fingerprint]int{}, low: map[string]int{}, labels: map[string][]tracker.Ticket{}, messages: map[string]bool{}}
	for _, part := range []func(context.Context, store.Store) error{c.readIncidents, c.readWaiting, c.readTickets, c.readMessages} {
		if err := part(t.Context(), st); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

const all = 1 << 20 // more than any list here has

func (c *tally) readIncidents(ctx context.Context, st store.Store) error {
	r := runner.New(st, nil, runner.Options{})
	every := func(*escalation.Incident) bool { return true }
	open, err := r.Open(ctx, all, every)
	if err != nil {
		return err
	}
	closed, err := r.Closed(ctx, all, every)
	if err != nil {
		return err
	}
	for _, inc := range slices.Concat(open, closed) {
		id := inc.ID.String()
		c.incidents[id] = inc
		if c.members[id], err = r.Alerts(ctx, inc.ID, all); err != nil {
			return err
		}
		for _, m := range c.members[id] {
			c.signals[m.Fingerprint] += int(m.Count)
		}
		if c.history[id], err = r.History(ctx, inc.ID); err != nil {
			return err
		}
	}
	return nil
}

func (c *tally) readWaiting(ctx context.Context, st store.Store) error {
	return st.View(ctx, func(tx store.Reader) error {
		lows, err := runner.LowAfter(tx, "", all)
		for _, l := range lows {
			c.low[l.Alert.Summary]++
		}
		for range tx.Scan("outbox", "", "") {
			c.undone++
		}
		return err
	})
}

func (c *tally) readTickets(ctx context.Context, st store.Store) error {
	tickets, err := local.New(st, "").List(ctx, tracker.Filter{Limit: all})
	for _, tk := range tickets {
		c.labels[tk.Label] = append(c.labels[tk.Label], tk)
	}
	return err
}

func (c *tally) readMessages(ctx context.Context, st store.Store) error {
	chat := chatconsole.New(st)
	for _, person := range onCalls {
		messages, err := chat.Messages(ctx, person, all, "")
		if err != nil {
			return err
		}
		for _, m := range messages {
			c.messages[person+" "+m.Key] = true
		}
	}
	return nil
}

// checkAlerts finds every accepted alert again, as often as it was accepted
// and no more often than it was sent.
func (c *tally) checkAlerts(t *testing.T, sent []*sentAlert) {
	t.Helper()
	accepted, tries := map[escalation.Fingerprint]int{}, map[escalation.Fingerprint]int{}
	for i, s := range sent {
		switch {
		case s.text("severity") == "info":
			if n := c.low[s.text("summary")]; n < 1 || n > s.tries || s.state != "morning" {
				t.Errorf("low alert %d, sent %d times and answered %q, waits %d times", i, s.tries, s.state, n)
			}
		case s.text("status") == "resolved":
			// An end adds to no count, and may be that of nothing.
		default:
			accepted[s.fingerprint()]++
			tries[s.fingerprint()] += s.tries
			c.checkAnswer(t, i, s)
		}
	}
	moved := c.moved()
	for fp, n := range accepted {
		if got := c.signals[fp] - moved[fp]; got < n || got > tries[fp] {
			t.Errorf("of alert %x %d signals are there; %d were accepted, %d sent", fp, got, n, tries[fp])
		}
	}
}

// moved tells how often an incident gave each alert to another, as a storm
// takes in one that comes again. It counts in both.
func (c *tally) moved() map[escalation.Fingerprint]int {
	out := map[escalation.Fingerprint]int{}
	for id, lines := range c.history {
		for _, l := range lines {
			if _, err := escalation.ParseID(l.Detail); l.News != escalation.NewsJoined || err != nil {
				continue
			}
			for _, m := range c.members[id] {
				there := func(o escalation.Member) bool { return o.Fingerprint == m.Fingerprint && o.First.Equal(l.At) }
				if slices.ContainsFunc(c.members[l.Detail], there) {
					out[m.Fingerprint]++
				}
			}
		}
	}
	return out
}

// checkAnswer finds the alert in the incident that its sender was told.
func (c *tally) checkAnswer(t *testing.T, i int, s *sentAlert) {
	t.Helper()
	is := func(m escalation.Member) bool { return m.Fingerprint == s.fingerprint() }
	if !slices.ContainsFunc(c.members[s.incident], is) {
		t.Errorf("alert %d was accepted into incident %q (%s), which does not hold it", i, s.incident, s.state)
	}
}

func (c *tally) checkTicket(t *testing.T, inc escalation.Incident) {
	t.Helper()
	if inc.Began.IsZero() { // nobody was to be bothered by it yet
		return
	}
	made := c.labels[urgent.LabelPrefix+inc.ID.String()+"/ticket"]
	if len(made) != 1 || made[0].Key != inc.Ticket {
		t.Errorf("%s names ticket %q, and the tracker has %d with its label", inc.ID, inc.Ticket, len(made))
	}
}

func (c *tally) checkSubtickets(t *testing.T, inc escalation.Incident) {
	t.Helper()
	if inc.Storm {
		return
	}
	for _, m := range c.members[inc.ID.String()] {
		if m.Seq == 1 || m.Seq > subtickets+1 {
			continue
		}
		label := urgent.LabelPrefix + inc.ID.String() + "/alert/" + fmt.Sprint(m.Seq)
		if subs := c.labels[label]; len(subs) != 1 || subs[0].Parent != inc.Ticket {
			t.Errorf("alert %d of %s has %d sub-tickets of %s", m.Seq, inc.ID, len(subs), inc.Ticket)
		}
	}
}

// checkPages wants a result for each page, and the message that it was.
func (c *tally) checkPages(t *testing.T, inc escalation.Incident) {
	t.Helper()
	paged, results := 0, 0
	for _, l := range c.history[inc.ID.String()] {
		switch {
		case l.News == escalation.NewsPaged:
			paged++
		case l.News == escalation.NewsOutcome:
			results++
			if l.Outcome == escalation.Failed || l.Outcome == escalation.Unreachable {
				t.Errorf("%s: the page of %s by %s: %s %s", inc.ID, l.Person, l.Channel, l.Outcome, l.Detail)
			}
			if l.Outcome == escalation.Delivered && !c.messages[l.Person+" "+urgent.MessageKey(inc.ID)] {
				t.Errorf("%s: %s has no message", inc.ID, l.Person)
			}
		}
	}
	if began := !inc.Began.IsZero(); paged != results || began && paged == 0 {
		t.Errorf("%s: %d pages and %d results", inc.ID, paged, results)
	}
}

// checkLabels wants no ticket to be there twice.
func (c *tally) checkLabels(t *testing.T) {
	t.Helper()
	for label, tickets := range c.labels {
		if len(tickets) > 1 {
			t.Errorf("there are %d tickets with the label %s", len(tickets), label)
		}
	}
}

// checkMix makes sure that the test has tested what it is for.
func (c *tally) checkMix(t *testing.T) {
	t.Helper()
	var storms, held, subs, resolved, calls int
	for id, inc := range c.incidents {
		for _, l := range c.history[id] {
			switch {
			case l.News == escalation.NewsStorm:
				storms++
			case l.News == escalation.NewsHeld:
				held++
			case l.News == escalation.NewsResolved:
				resolved++
			case l.News == escalation.NewsOutcome && l.Channel == escalation.Phone:
				calls++
			}
		}
		subs += int(min(inc.Members, subtickets+1)) - 1
	}
	if storms == 0 || held == 0 || resolved == 0 || subs == 0 || calls == 0 || len(c.low) == 0 {
		t.Errorf("the mix lacks something")
	}
	t.Logf("%d incidents, %d of them storms, %d held, %d resolved; %d sub-tickets, %d calls, %d low alerts",
		len(c.incidents), storms, held, resolved, subs, calls, len(c.low))
}
