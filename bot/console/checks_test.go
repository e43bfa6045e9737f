package console_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/tracker"
	"tebiki/adapters/web"
	"tebiki/bot/request"
	"tebiki/bot/roster"
)

// flows are the request flow and the review as the tickets' pages need them.
type flows struct {
	state request.AgainState
	asked []string
}

func (f *flows) CheckAgain(_ context.Context, ticket, component, who string, _ time.Time) (request.Again, error) {
	f.asked = append(f.asked, fmt.Sprintf("checks of %s for %s by %s", component, ticket, who))
	return request.Again{State: f.state, At: now}, nil
}

func (f *flows) SendBack(_ context.Context, ticket string, by roster.Person, why string, _ time.Time) error {
	f.asked = append(f.asked, fmt.Sprintf("%s back by %s: %s", ticket, by.ID, why))
	return nil
}

// TestChecksOfATicket: anybody lets the checks of an open ticket run again, on
// its page and on those of the sub-tickets that were made from it.
func TestChecksOfATicket(t *testing.T) {
	w := newWorld(t)
	f := &flows{state: request.AgainStarted}
	w.tickets.Requests, w.tickets.Reviews = f, f
	ticket := func(d tracker.Draft) string {
		t.Helper()
		d.Title, d.Label = "x", cmp.Or(d.Label, "form/"+d.Component)
		made, err := w.local.Create(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		return made.Key
	}
	checks := func(by web.Person, key string) error {
		return w.tickets.Do(t.Context(), by, key, web.TicketAction{Kind: web.Checks})
	}
	parent := ticket(tracker.Draft{Component: "account"})
	sub := ticket(tracker.Draft{Parent: parent, Label: "tebiki/request/" + parent + "/account/0"})
	for _, by := range []web.Person{leader, worker} {
		for _, key := range []string{parent, sub} {
			if err := checks(by, key); err != nil {
				t.Errorf("%s by %s: %v", key, by.ID, err)
			}
		}
	}
	w.same("asked", f.asked, []string{"checks of account for T-1 by sato", "checks of account for T-1 by sato",
		"checks of account for T-1 by tanaka", "checks of account for T-1 by tanaka"})

	for state, already := range map[request.AgainState]bool{request.AgainRunning: true, request.AgainFresh: true, request.AgainGone: false, request.AgainNone: false} {
		f.state = state
		var no *web.Refusal
		if err := checks(worker, sub); !errors.As(err, &no) || no.Already != already || no.Text == "" {
			t.Errorf("%s: %+v", state, err)
		}
	}
	for name, d := range map[string]tracker.Draft{"none": {}, "one without know-how": {Component: "nothing"}, "a label of another flow": {Label: "tebiki/digest/jp/2026-01-05/x"}} {
		w.refused("a ticket with "+name, checks(leader, ticket(d)), "ありません")
	}
	fixed := tracker.Fixed
	if _, err := w.local.Change(t.Context(), parent, tracker.Change{Status: &fixed}); err != nil {
		t.Fatal(err)
	}
	w.refused("a ticket that is fixed", checks(worker, parent), "no checks")
}

// TestOnlyLeadersSendBack: and they have to say why in a bearable length.
func TestOnlyLeadersSendBack(t *testing.T) {
	w := newWorld(t)
	f := &flows{}
	w.tickets.Reviews = f
	key := w.create(web.TicketRequest{Title: "x"})
	back := func(by web.Person, why string) error {
		return w.tickets.Do(t.Context(), by, key, web.TicketAction{Kind: web.Reopen, Text: why})
	}
	w.refused("an open one", back(leader, "why"), "リーダー")
	if err := w.tickets.Do(t.Context(), worker, key, web.TicketAction{Kind: web.Fix}); err != nil {
		t.Fatal(err)
	}
	w.refused("a worker", back(worker, "why"), "Only a leader")
	w.refused("a novel", back(leader, strings.Repeat("長", 3001)), "3000")
	w.notFound("a leader whom the roster has no longer", back(web.Person{ID: "ghost", Leader: true}, "why"))
	if err := back(leader, strings.Repeat("長", 3000)); err != nil {
		t.Error(err)
	}
	w.same("sent back", f.asked, []string{"T-1 back by sato: " + strings.Repeat("長", 3000)})
}
