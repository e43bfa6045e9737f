package slack

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/chat/slack/mrkdwn"
)

const (
	maxButtons  = 25
	perRow      = 5 // more than that looks like a wall
	maxLabel    = 75
	maxID       = 240 // of 255, for the number before it
	maxValue    = 2000
	maxOption   = 150 // characters of a choice's value
	maxChoices  = 1000
	choiceGroup = 100 // choices in one list; with more they are in groups
)

// buttons makes rows of buttons and lists, numbered on from those before.
func (b *builder) buttons(list []chat.Button) (rows []sdk.Block, err error) {
	if len(list) > maxButtons {
		return nil, refused("the message has %d buttons, at most %d are taken", len(list), maxButtons)
	}
	var row []sdk.BlockElement
	for i, one := range list {
		element, err := b.button(one)
		if err != nil {
			return nil, err
		}
		row = append(row, element)
		if len(row) == perRow || i == len(list)-1 {
			rows, row = append(rows, sdk.NewActionBlock("", row...)), nil
		}
	}
	return rows, nil
}

// openButton opens the page that a message is about: the browser does that,
// and there is nothing left to do here.
const openButton = "tebiki.open"

// opening puts a button that opens the message's page behind those that it
// has. A message without any keeps to its title, which is a link too.
func (b *builder) opening(rows []sdk.Block, link string) []sdk.Block {
	if len(rows) == 0 || !strings.HasPrefix(link, "http") || !mrkdwn.Safe(link) {
		return rows
	}
	open := sdk.NewButtonBlockElement(actionID(b.actions, openButton), "", plain(say(b.lang).Open))
	open.URL = link
	b.actions++
	if last, ok := rows[len(rows)-1].(*sdk.ActionBlock); ok && len(last.Elements.ElementSet) < perRow {
		last.Elements.ElementSet = append(last.Elements.ElementSet, open)
		return rows
	}
	return append(rows, sdk.NewActionBlock("", open))
}

func (b *builder) button(one chat.Button) (sdk.BlockElement, error) {
	label := cutLabel(mrkdwn.Line(one.Label), maxLabel)
	switch {
	case one.ID == "" || len(one.ID) > maxID || !utf8.ValidString(one.ID):
		return nil, refused("the button %.80q has an id that is empty, too long or not UTF-8", one.Label)
	case label == "":
		return nil, refused("the button %.80q has no label", one.ID)
	case len(one.Value) > maxValue || !utf8.ValidString(one.Value):
		return nil, refused("the value of the button %.80q is above %d bytes or not UTF-8", one.ID, maxValue)
	}
	id := actionID(b.actions, one.ID)
	b.actions++
	if len(one.Choices) > 0 {
		return choiceList(id, label, one)
	}
	element := sdk.NewButtonBlockElement(id, one.Value, plain(label))
	switch one.Style {
	case chat.Primary:
		element.Style = sdk.StylePrimary
	case chat.Danger:
		element.Style = sdk.StyleDanger
	}
	return element, nil
}

// actionID numbers an ID, because two buttons of a message may have the same.
func actionID(n int, id string) string { return strconv.Itoa(n) + "/" + id }

// buttonID reads back what actionID made.
func buttonID(action string) string {
	_, id, _ := strings.Cut(action, "/")
	return id
}

func choiceList(id, label string, one chat.Button) (sdk.BlockElement, error) {
	options, err := options(one.Choices, one.ID)
	if err != nil {
		return nil, err
	}
	element := sdk.NewOptionsSelectBlockElement(sdk.OptTypeStatic, plain(label), id)
	element.Options, element.OptionGroups = grouped(options)
	return element, nil
}

// options makes a list's choices. A label that would be cut the same as
// another's is still another choice by its value.
func options(choices []chat.Choice, of string) (out []*sdk.OptionBlockObject, err error) {
	if len(choices) > maxChoices {
		return nil, refused("%.80q has %d choices, at most %d are taken", of, len(choices), maxChoices)
	}
	for _, c := range choices {
		option, ok := option(c)
		if !ok {
			return nil, refused("the choice %.80q of %.80q has no label, or a value that is empty, above %d characters or not UTF-8", c.Value, of, maxOption)
		}
		out = append(out, option)
	}
	return out, nil
}

func option(c chat.Choice) (*sdk.OptionBlockObject, bool) {
	label := cutLabel(mrkdwn.Line(c.Label), maxLabel)
	if label == "" || c.Value == "" || mrkdwn.Size(c.Value) > maxOption || !utf8.ValidString(c.Value) {
		return nil, false
	}
	return sdk.NewOptionBlockObject(c.Value, plain(label), nil), true
}

// grouped puts more choices than one list takes into groups, each named by
// where it begins and ends. Slack searches in them all the same.
func grouped(options []*sdk.OptionBlockObject) ([]*sdk.OptionBlockObject, []*sdk.OptionGroupBlockObject) {
	if len(options) <= choiceGroup {
		return options, nil
	}
	var groups []*sdk.OptionGroupBlockObject
	for len(options) > 0 {
		n := min(choiceGroup, len(options))
		part := options[:n]
		name := fmt.Sprintf("%s – %s", cutLabel(part[0].Text.Text, maxLabel/2-2), cutLabel(part[n-1].Text.Text, maxLabel/2-2))
		groups = append(groups, sdk.NewOptionGroupBlockElement(plain(name), part...))
		options = options[n:]
	}
	return nil, groups
}

// plain is text without marks; names of emoji in it stay text.
func plain(text string) *sdk.TextBlockObject {
	emoji := false
	return &sdk.TextBlockObject{Type: sdk.PlainTextType, Text: text, Emoji: &emoji}
}
