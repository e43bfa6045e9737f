package console

import (
	"context"
	"slices"
	"strings"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/store"
)

// maxLine is how many bytes a person may say at once.
const maxLine = 4 << 10

// Press does what a button asks for. The message is the person's own, or a
// channel's, and must have the button now, with this value or this choice:
// a page may be older than what is true. With msgKey "" the button is one of
// a reply that the person has got lately.
func (c *Console) Press(ctx context.Context, from, msgKey, buttonID, value string) (chat.Reply, error) {
	op := "press " + quote(buttonID) + " on message " + quote(msgKey)
	if !isAddress(from) {
		return chat.Reply{}, failed(op, nobody)
	}
	buttons, err := c.buttons(ctx, from, msgKey)
	if err != nil {
		return chat.Reply{}, failed(op, err)
	}
	if !allowed(buttons, buttonID, value) {
		return chat.Reply{}, failed(op, gone)
	}
	return c.handle(op, from, func(h chat.Handler) (chat.Reply, error) {
		return h.Act(ctx, chat.Action{From: from, Message: msgKey, Button: buttonID, Value: value})
	})
}

// Say gives the handler a line that a person wrote.
func (c *Console) Say(ctx context.Context, from, line string) (chat.Reply, error) {
	const op = "take a line"
	line = strings.TrimSpace(strings.ToValidUTF8(line, "\uFFFD"))
	switch {
	case !isAddress(from):
		return chat.Reply{}, failed(op, nobody)
	case line == "":
		return chat.Reply{}, failed(op, refused("the line is empty"))
	case len(line) > maxLine:
		return chat.Reply{}, failed(op, refused("the line has %d bytes, at most %d are taken", len(line), maxLine))
	}
	return c.handle(op, from, func(h chat.Handler) (chat.Reply, error) {
		return h.Command(ctx, chat.Command{From: from, Line: line})
	})
}

// handle calls the handler and remembers which buttons its reply put before
// the person.
func (c *Console) handle(op, from string, call func(chat.Handler) (chat.Reply, error)) (chat.Reply, error) {
	c.mu.Lock()
	h := c.handler
	c.mu.Unlock()
	if h == nil {
		return chat.Reply{}, failed(op, &fault{adapters.Unavailable, "the program is still starting: try again"})
	}
	reply, err := call(h)
	if err == nil && len(reply.Buttons) > 0 {
		c.remember(from, reply.Buttons)
	}
	return reply, err
}

// buttons gives what a person can press on a message.
func (c *Console) buttons(ctx context.Context, from, msgKey string) ([]chat.Button, error) {
	if msgKey == "" {
		return c.remembered(from), nil
	}
	var out []chat.Button
	err := c.store.View(ctx, func(tx store.Reader) error {
		out = nil
		boxes := []string{from}
		for channel := range tx.Scan(channelBucket, "", "") {
			boxes = append(boxes, channel)
		}
		for _, box := range boxes {
			r, found, err := find(tx, box, msgKey)
			if err != nil {
				return err
			}
			if found {
				out = append(out, r.Message.Buttons...)
			}
		}
		return nil
	})
	return out, err
}

// allowed tells whether one of the buttons can send this value.
func allowed(buttons []chat.Button, id, value string) bool {
	return slices.ContainsFunc(buttons, func(b chat.Button) bool {
		if b.ID != id {
			return false
		}
		if len(b.Choices) == 0 {
			return b.Value == value
		}
		return slices.ContainsFunc(b.Choices, func(c chat.Choice) bool { return c.Value == value })
	})
}
