package slack_test

import (
	"context"
	"sync"

	"tebiki/adapters/chat"
)

// handler keeps what it was asked, and answers as a test says.
type handler struct {
	mu      sync.Mutex
	acts    []chat.Action
	lines   []chat.Command
	filled  []chat.Answers
	command func(ctx context.Context, c chat.Command) (chat.Reply, error)
	act     func(ctx context.Context, a chat.Action) (chat.Reply, error)
	reload  func(a chat.Answers) (chat.Form, error)
	options func(a chat.Answers, field, typed string) ([]chat.Choice, error)
	submit  func(ctx context.Context, a chat.Answers) (chat.Reply, map[string]string, error)
	home    []chat.Block
}

func (h *handler) Act(ctx context.Context, a chat.Action) (chat.Reply, error) {
	h.mu.Lock()
	h.acts = append(h.acts, a)
	act := h.act
	h.mu.Unlock()
	if act == nil {
		return chat.Reply{}, nil
	}
	return act(ctx, a)
}

func (h *handler) Command(ctx context.Context, c chat.Command) (chat.Reply, error) {
	h.mu.Lock()
	h.lines = append(h.lines, c)
	command := h.command
	h.mu.Unlock()
	if command == nil {
		return chat.Reply{Title: "heard " + c.Line}, nil
	}
	return command(ctx, c)
}

func (h *handler) Reload(_ context.Context, a chat.Answers) (chat.Form, error) { return h.reload(a) }

func (h *handler) Options(_ context.Context, a chat.Answers, field, typed string) ([]chat.Choice, error) {
	return h.options(a, field, typed)
}

func (h *handler) Submit(ctx context.Context, a chat.Answers) (chat.Reply, map[string]string, error) {
	h.mu.Lock()
	h.filled = append(h.filled, a)
	h.mu.Unlock()
	return h.submit(ctx, a)
}

func (h *handler) Home(context.Context, string) ([]chat.Block, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.home, nil
}

func (h *handler) heard() []chat.Command {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]chat.Command(nil), h.lines...)
}

func (h *handler) pressed() []chat.Action {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]chat.Action(nil), h.acts...)
}
