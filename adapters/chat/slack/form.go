package slack

import (
	"context"
	"encoding/json"
	"strings"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

const (
	maxWindowTitle = 24
	maxFieldText   = 2000 // of a label or hint, far above what is readable
	maxInput       = 3000
	maxMetadata    = 3000
	maxCallback    = 255
	maxFields      = 80
)

// windowState is what a window carries beside its fields.
type windowState struct {
	State   string `json:"s,omitempty"`
	Channel string `json:"c,omitempty"` // where the form was asked for
}

// formView makes a window of a form. was tells which block holds a field now
// and what is in it: Slack keeps what somebody typed as long as the block has
// the same id, so a field that the handler changed gets a new one.
func (s *Slack) formView(f chat.Form, channel string, was current) (sdk.ModalViewRequest, error) {
	lang := or(f.Lang, s.opt.Lang)
	w := say(lang)
	state, err := json.Marshal(windowState{f.State, channel})
	if len(f.Fields) > maxFields {
		return sdk.ModalViewRequest{}, refused("the form %.80q has %d fields, at most %d are taken", f.ID, len(f.Fields), maxFields)
	}
	if err != nil || len(state) > maxMetadata || f.ID == "" || len(f.ID) > maxCallback {
		return sdk.ModalViewRequest{}, refused("the id or state of the form %.80q is empty or too long", f.ID)
	}
	b := builder{lang: lang, left: 5 * maxMessage, room: maxViewBlocks - len(f.Fields)}
	b.sections(f.Intro)
	for _, field := range f.Fields {
		block, err := s.field(field, lang, was)
		if err != nil {
			return sdk.ModalViewRequest{}, err
		}
		b.out = append(b.out, block)
	}
	if len(b.out) == 0 {
		b.add(sdk.NewDividerBlock()) // a window without blocks is none to Slack
	}
	view := window(f.Title, b.out, or(mrkdwn.Line(f.Submit), w.Send), w.Cancel)
	view.CallbackID, view.PrivateMetadata = f.ID, string(state)
	return view, nil
}

func window(title string, blocks []sdk.Block, submit, close string) sdk.ModalViewRequest {
	view := sdk.ModalViewRequest{
		Type: sdk.VTModal, Title: plain(cutLabel(or(mrkdwn.Line(title), "Tebiki"), maxWindowTitle)),
		Close: plain(cutLabel(close, maxWindowTitle)), Blocks: sdk.Blocks{BlockSet: blocks},
	}
	if submit != "" {
		view.Submit = plain(cutLabel(mrkdwn.Line(submit), maxWindowTitle))
	}
	return view
}

func or(s, otherwise string) string {
	if strings.TrimSpace(s) == "" {
		return otherwise
	}
	return s
}

// answers are what is filled in.
func answers(c sdk.InteractionCallback) (chat.Answers, windowState) {
	var state windowState
	_ = json.Unmarshal([]byte(c.View.PrivateMetadata), &state) // a window of ours has it; another's has no form
	return chat.Answers{From: c.User.ID, Form: c.View.CallbackID, State: state.State, Values: readWindow(c.View).values}, state
}

// showForm opens a form, or fills the window that waits for it. When it is
// too late for a window the person gets a button that opens it.
func (s *Slack) showForm(ctx context.Context, a acted, waiting string, f chat.Form) error {
	view, err := s.formView(f, a.channel, current{})
	if err != nil {
		return err
	}
	if waiting != "" {
		return s.changeWindow(ctx, waiting, view)
	}
	if a.trigger != "" {
		_, err := s.openWindow(ctx, a, view)
		if err == nil || is(err, "invalid_arguments", "invalid_blocks", "view_too_large") {
			return err // a button would not help either
		}
		s.log.Info("slack: a window did not open, a button follows", "user", a.user, "error", explain(err))
	}
	w := say(or(f.Lang, s.opt.Lang))
	return s.show(ctx, a, chat.Reply{Lang: f.Lang, Title: w.FormLate, Buttons: []chat.Button{
		{ID: formButton, Value: s.forms.put(heldForm{f, a.channel}), Label: w.OpenForm, Style: chat.Primary},
	}})
}
