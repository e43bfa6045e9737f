package command_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/chat"
	"tebiki/bot/request"
	"tebiki/bot/roster"
)

// requests answers as it is told to, and notes what it was asked.
type requests struct {
	again request.Again
	help  request.Help
	err   error
	asked []string
}

func (r *requests) CheckAgain(_ context.Context, ticket, component, _ string, _ time.Time) (request.Again, error) {
	r.asked = append(r.asked, ticket+"|"+component)
	return r.again, r.err
}

func (r *requests) AskLeader(_ context.Context, ticket, component string, asker roster.Person, _ time.Time) (request.Help, error) {
	r.asked = append(r.asked, asker.ID+"|"+ticket+"|"+component)
	return r.help, r.err
}

func TestPushButtons(t *testing.T) {
	w := newWorld(t)
	rq := &requests{}
	w.h.Requests = rq
	for state, want := range map[request.AgainState][2]string{
		request.AgainStarted: {"T-1 are running again", "もう一度実行しています"},
		request.AgainRunning: {"running already", "すでに実行中"},
		request.AgainFresh:   {"have just run (Mon 5 Jan 12:00)", "実行したばかりです(1月5日(月) 21:00)"},
		request.AgainNone:    {"no checks for T-1", "なくなりました"},
		request.AgainGone:    {"no longer of use", "もう使えません"},
	} {
		rq.again = request.Again{State: state, At: now}
		w.want(w.press("lee", request.ButtonChecks, "T-1 disk-full"), want[0])
		w.want(w.press("tanaka", request.ButtonChecks, "T-1 disk-full"), want[1])
	}
	for state, want := range map[request.HelpState][2]string{
		request.HelpSent:    {"佐藤 is told", "佐藤 さんに伝えます"},
		request.HelpAlready: {"佐藤 was told before", "すでに 佐藤 さんに"},
		request.HelpAlone:   {"nobody to ask about T-1", "あなたのほかにいません"},
		request.HelpGone:    {"no longer of use", "もう使えません"},
	} {
		rq.help = request.Help{State: state, Leader: roster.Person{ID: "sato", Name: "佐藤"}}
		w.want(w.press("lee", request.ButtonLeader, "T-1 disk-full"), want[0])
		w.want(w.press("tanaka", request.ButtonLeader, "T-1 disk-full"), want[1])
	}
}

// TestPushButtonsFor: who is not in the roster starts nothing, and whatever
// the value is, it is passed on as two words.
func TestPushButtonsFor(t *testing.T) {
	w := newWorld(t)
	rq := &requests{again: request.Again{State: request.AgainGone}, help: request.Help{State: request.HelpGone}}
	w.h.Requests = rq
	for _, button := range []string{request.ButtonChecks, request.ButtonLeader} {
		w.want(w.press("stranger", button, "T-1 disk-full"), "I do not know you")
		w.press("tanaka", button, "T-1 disk full")
		w.press("tanaka", button, "")
	}
	if got := strings.Join(rq.asked, " & "); got != "T-1|disk full & | & tanaka|T-1|disk full & tanaka||" {
		t.Errorf("asked: %s", got)
	}
	rq.err = errors.New("full")
	for _, button := range []string{request.ButtonChecks, request.ButtonLeader} {
		r, err := w.h.Act(t.Context(), chat.Action{From: "lee", Button: button, Value: "T-1 disk-full"})
		if !errors.Is(err, rq.err) || !strings.Contains(r.Title, "did not work") {
			t.Errorf("%s: %q, error %v", button, r.Title, err)
		}
	}
}
