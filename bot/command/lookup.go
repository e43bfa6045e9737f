package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tebiki/adapters/chat"
	"tebiki/bot/console"
)

const (
	maxHosts = 100
	maxHost  = 150 // characters that chats take for a choice
)

// Options completes a server from the inventory. What was typed is a choice
// too when it is a name that a request can be about.
func (h *Handler) Options(ctx context.Context, a chat.Answers, field, typed string) ([]chat.Choice, error) {
	c, _, err := h.filling(ctx, a)
	if err != nil {
		return nil, err
	}
	if field != fieldServer {
		return nil, fmt.Errorf("look up %.80q for %s: the form has no such field", field, a.From)
	}
	typed = strings.TrimSpace(typed)
	hosts, err := console.Servers{Inventory: h.Inventory}.Hosts(ctx, typed, maxHosts)
	same := func(host string) bool { return strings.EqualFold(host, typed) }
	w := c.wish(a.Values)
	if typed != "" && utf8.RuneCountInString(typed) <= maxHost && !slices.ContainsFunc(hosts, same) && w.entry != nil && c.takes(w.entry, typed) {
		hosts = append([]string{typed}, hosts[:min(len(hosts), maxHosts-1)]...)
	}
	var out []chat.Choice
	for _, host := range hosts {
		out = append(out, chat.Choice{Value: host, Label: host})
	}
	return out, err
}
