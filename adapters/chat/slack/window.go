package slack

import (
	"context"
	"encoding/json"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

// openWindow opens a window and gives its id. A trigger lives for three
// seconds only and serves once.
func (s *Slack) openWindow(ctx context.Context, a acted, view sdk.ModalViewRequest) (id string, err error) {
	err = s.call(ctx, openView, "", true, func(ctx context.Context) error {
		got, err := s.api.OpenViewContext(ctx, a.trigger, view)
		if err == nil {
			id = got.View.ID
		}
		return err
	})
	return id, err
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
		h, ok := s.formHandling()
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
	h, ok := s.formHandling()
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
