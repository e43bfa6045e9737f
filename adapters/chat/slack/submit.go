package slack

import (
	"context"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

// submitted is what a handler said about a form.
type submitted struct {
	reply  chat.Reply
	faults map[string]string
}

// submit is the job that hands in a form. Slack waits for the answer no
// longer than for any other: when it takes longer the window says so and is
// changed when the answer is there.
func (s *Slack) submit(c sdk.InteractionCallback, ack ack) job {
	return func(ctx context.Context) {
		h, ok := s.formHandling()
		if !ok {
			ack(s.faultAnswer(c, nil, say(s.opt.Lang).Starting))
			return
		}
		filled, state := answers(c)
		done := make(chan submitted, 1)
		go func() { done <- s.handIn(ctx, h, filled) }()
		late := time.NewTimer(ackTime - 500*time.Millisecond)
		defer late.Stop()
		select {
		case got := <-done:
			s.submittedInTime(ctx, c, got, state, ack)
		case <-late.C:
			view := s.waitingView()
			ack(sdk.NewUpdateViewSubmissionResponse(&view))
			s.submittedLate(ctx, c, <-done, h, filled, state)
		}
	}
}

func (s *Slack) handIn(ctx context.Context, h chat.FormHandler, filled chat.Answers) (got submitted) {
	got.reply = s.ask(ctx, func(ctx context.Context, _ chat.Handler) (r chat.Reply, err error) {
		r, got.faults, err = h.Submit(ctx, filled)
		return r, err
	})
	return got
}

func (s *Slack) submittedInTime(ctx context.Context, c sdk.InteractionCallback, got submitted, state windowState, ack ack) {
	a := acted{user: c.User.ID, channel: state.Channel}
	switch {
	case len(got.faults) > 0:
		ack(s.faultAnswer(c, got.faults, ""))
	case got.reply.Form != nil:
		view, err := s.formView(*got.reply.Form, state.Channel, current{})
		if err != nil {
			s.log.Error("slack: a form cannot be shown", "error", err)
			ack(s.faultAnswer(c, nil, say(s.opt.Lang).Failed))
			return
		}
		ack(sdk.NewUpdateViewSubmissionResponse(&view))
	default:
		ack(sdk.NewClearViewSubmissionResponse())
		if got.reply.Title == "" && len(got.reply.Sections) == 0 {
			return
		}
		if err := s.show(ctx, a, got.reply); err != nil {
			s.log.Warn("slack: somebody did not get the answer to their form", "user", a.user, "error", s.failed("answer a form", err))
		}
	}
}

// submittedLate changes the window that waits. With faults it shows the form
// again, as the handler has it, under what is wrong.
func (s *Slack) submittedLate(ctx context.Context, c sdk.InteractionCallback, got submitted, h chat.FormHandler, filled chat.Answers, state windowState) {
	view, err := s.replyView(got.reply), error(nil)
	form := got.reply.Form
	if len(got.faults) > 0 {
		var again chat.Form
		again, err = h.Reload(ctx, filled)
		again.Intro = append([]chat.Section{{Markdown: faultList(got.faults)}}, again.Intro...)
		form = &again
	}
	if form != nil && err == nil {
		view, err = s.formView(*form, state.Channel, current{})
	}
	if err == nil {
		err = s.changeWindow(ctx, c.View.ID, view)
	}
	if err != nil {
		s.log.Warn("slack: somebody did not get the answer to their form", "user", c.User.ID, "error", s.failed("answer a form", err))
	}
}
