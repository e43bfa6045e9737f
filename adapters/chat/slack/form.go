package slack

import (
	"context"
	"encoding/json"
	"strconv"
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
	w := say(s.opt.Lang)
	state, err := json.Marshal(windowState{f.State, channel})
	if len(f.Fields) > maxFields {
		return sdk.ModalViewRequest{}, refused("the form %.80q has %d fields, at most %d are taken", f.ID, len(f.Fields), maxFields)
	}
	if err != nil || len(state) > maxMetadata || f.ID == "" || len(f.ID) > maxCallback {
		return sdk.ModalViewRequest{}, refused("the id or state of the form %.80q is empty or too long", f.ID)
	}
	b := builder{lang: s.opt.Lang, left: 5 * maxMessage, room: maxViewBlocks - len(f.Fields)}
	b.sections(f.Intro)
	for _, field := range f.Fields {
		block, err := s.field(field, was)
		if err != nil {
			return sdk.ModalViewRequest{}, err
		}
		b.out = append(b.out, block)
	}
	view := window(f.Title, b.out, or(f.Submit, w.Send), w.Cancel)
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

func (s *Slack) field(f chat.Field, was current) (sdk.Block, error) {
	if f.Name == "" || len(f.Name) > maxID-20 {
		return nil, refused("the field %.80q has no name, or one that is too long", f.Label)
	}
	element, err := s.element(f)
	if err != nil {
		return nil, err
	}
	block := sdk.NewInputBlock(was.blockID(f), plain(cutLabel(or(mrkdwn.Line(f.Label), f.Name), maxFieldText)), nil, element)
	block.Optional, block.DispatchAction = !f.Required, f.Reload
	if hint := mrkdwn.Line(f.Hint); hint != "" {
		block.Hint = plain(cutLabel(hint, maxFieldText))
	}
	return block, nil
}

func (s *Slack) element(f chat.Field) (sdk.BlockElement, error) {
	choose := plain(say(s.opt.Lang).Choose)
	switch f.Kind {
	case chat.SelectField:
		if len(f.Choices) == 0 {
			return nil, refused("the field %.80q has no choices", f.Name)
		}
		list, err := options(f.Choices, f.Name)
		if err != nil {
			return nil, err
		}
		e := sdk.NewOptionsSelectBlockElement(sdk.OptTypeStatic, choose, f.Name)
		e.Options, e.OptionGroups = grouped(list)
		for _, o := range list {
			if o.Value == f.Value {
				e.InitialOption = o
			}
		}
		return e, nil
	case chat.LookupField:
		e := sdk.NewOptionsSelectBlockElement(sdk.OptTypeExternal, choose, f.Name)
		atOnce := 0
		e.MinQueryLength = &atOnce
		if o, ok := option(chat.Choice{Value: f.Value, Label: or(f.Reads, f.Value)}); ok {
			e.InitialOption = o
		}
		return e, nil
	}
	e := sdk.NewPlainTextInputBlockElement(nil, f.Name)
	e.Multiline, e.MaxLength = f.Kind == chat.TextField, maxInput
	e.InitialValue = cutLabel(f.Value, maxInput)
	return e, nil
}

// current is how a window stands: the value and the block of each field.
type current struct {
	values map[string]string
	blocks map[string]string
}

// readWindow reads what is in a window's fields.
func readWindow(v sdk.View) current {
	c := current{map[string]string{}, map[string]string{}}
	for _, block := range v.Blocks.BlockSet {
		if input, ok := block.(*sdk.InputBlock); ok {
			c.values[fieldOf(input.BlockID)] = ""
			c.blocks[fieldOf(input.BlockID)] = input.BlockID
		}
	}
	if v.State == nil {
		return c
	}
	for block, actions := range v.State.Values {
		for name, a := range actions {
			if fieldOf(block) != name {
				continue
			}
			c.blocks[name], c.values[name] = block, a.Value
			if a.SelectedOption.Value != "" {
				c.values[name] = a.SelectedOption.Value
			}
		}
	}
	return c
}

// A field's block is "field/" with a number that changes with what the
// handler put there, and the name.
const fieldBlock = "field/"

func fieldOf(block string) string {
	rest, ok := strings.CutPrefix(block, fieldBlock)
	_, name, _ := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return name
}

func (c current) blockID(f chat.Field) string {
	old, ok := c.blocks[f.Name]
	if ok && c.values[f.Name] == f.Value {
		return old
	}
	n, _, _ := strings.Cut(strings.TrimPrefix(old, fieldBlock), "/")
	generation, _ := strconv.Atoi(n)
	return fieldBlock + strconv.Itoa(generation+1) + "/" + f.Name
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
	if a.trigger != "" && s.openWindow(ctx, a, view) != "" {
		return nil
	}
	w := say(s.opt.Lang)
	return s.show(ctx, a, chat.Reply{Title: w.FormLate, Buttons: []chat.Button{
		{ID: formButton, Value: s.forms.put(heldForm{f, a.channel}), Label: w.OpenForm, Style: chat.Primary},
	}})
}
