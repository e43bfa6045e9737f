package slack

import (
	"strconv"
	"strings"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

// field makes the block of a field; lang is for what it says when it is empty.
func (s *Slack) field(f chat.Field, lang string, was current) (sdk.Block, error) {
	if f.Name == "" || len(f.Name) > maxID-20 {
		return nil, refused("the field %.80q has no name, or one that is too long", f.Label)
	}
	element, err := element(f, lang)
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

func element(f chat.Field, lang string) (sdk.BlockElement, error) {
	choose := plain(say(lang).Choose)
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
