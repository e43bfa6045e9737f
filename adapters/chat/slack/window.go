package slack

import (
	"context"
	"encoding/json"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

// openWindow opens a window and gives its id, or "" when it did not open: a
// trigger lives for three seconds only.
func (s *Slack) openWindow(ctx context.Context, a acted, view sdk.ModalViewRequest) (id string) {
	err := s.call(ctx, openView, "", true, func(ctx context.Context) error {
		got, err := s.api.OpenViewContext(ctx, a.trigger, view)
		if err == nil {
			id = got.View.ID
		}
		return err
	})
	if err != nil {
		s.log.Info("slack: a window did not open, a button follows", "user", a.user, "error", explain(err))
	}
	return id
}

func (s *Slack) changeWindow(ctx context.Context, id string, view sdk.ModalViewRequest) error {
	return s.call(ctx, updateView, "", true, func(ctx context.Context) error {
		_, err := s.api.UpdateViewContext(ctx, view, "", "", id)
		return err
	})
}

// waitingView keeps a window open for what is to come.
func (s *Slack) waitingView() sdk.ModalViewRequest {
	w := say(s.opt.Lang)
	return window("", []sdk.Block{section(w.Working, true)}, "", w.Cancel)
}

// replyView shows a reply in a window that was opened for a form.
func (s *Slack) replyView(r chat.Reply) sdk.ModalViewRequest {
	r.Buttons = nil
	blocks := []sdk.Block{section("…", true)}
	if c, err := s.reply(r); err == nil && len(c.blocks) > 0 {
		blocks = c.blocks
	}
	return window("", blocks, "", "OK")
}

// suggestions are the choices for what somebody types. Slack wants the list
// also when it is empty.
type suggestions struct {
	Options []*sdk.OptionBlockObject `json:"options"`
}

// maxAnswer is how many bytes an answer may have: Socket Mode loses more
// than 20 KiB without a word.
const maxAnswer = 19 << 10

// suggest is the job that finds what a field may hold.
func (s *Slack) suggest(c sdk.InteractionCallback, ack ack) job {
	return func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, ackTime)
		defer cancel()
		out := suggestions{Options: []*sdk.OptionBlockObject{}}
		h, ok := s.handling().(chat.FormHandler)
		if !ok {
			ack(out)
			return
		}
		filled, _ := answers(c)
		choices, err := h.Options(ctx, filled, c.ActionID, c.Value)
		if err != nil {
			s.log.Warn("slack: cannot tell what a field may hold", "field", c.ActionID, "error", err)
		}
		out.add(choices)
		ack(out)
	}
}

// add takes as many choices as an answer may carry.
func (l *suggestions) add(choices []chat.Choice) {
	size := 100
	for _, c := range choices {
		o, ok := option(c)
		if !ok {
			continue
		}
		text, err := json.Marshal(o)
		if size += len(text) + 1; err != nil || size > maxAnswer || len(l.Options) == choiceGroup {
			return
		}
		l.Options = append(l.Options, o)
	}
}

// reload asks for the form again after a choice changed it.
func (s *Slack) reload(ctx context.Context, c sdk.InteractionCallback) {
	h, ok := s.handling().(chat.FormHandler)
	if !ok {
		return
	}
	filled, state := answers(c)
	form, err := h.Reload(ctx, filled)
	if err == nil {
		var view sdk.ModalViewRequest
		if view, err = s.formView(form, state.Channel, readWindow(c.View)); err == nil {
			err = s.changeWindow(ctx, c.View.ID, view)
		}
	}
	if err != nil {
		s.log.Warn("slack: a form did not change after a choice", "form", filled.Form, "error", s.failed("change a form", err))
	}
}

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
		h, ok := s.handling().(chat.FormHandler)
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
