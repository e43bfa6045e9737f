package slack

import (
	"context"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
)

const maxViewBlocks = 98 // of 100

// showHome publishes what the handler has for a person's home.
func (s *Slack) showHome(ctx context.Context, user string) {
	h, ok := s.homeHandling()
	if !ok {
		return
	}
	parts, err := h.Home(ctx, user)
	if err == nil {
		err = s.publish(ctx, user, parts)
	}
	if err != nil {
		s.log.Warn("slack: a home page is not up to date", "user", user, "error", s.failed("publish a home page", err))
	}
}

func (s *Slack) publish(ctx context.Context, user string, parts []chat.Block) error {
	blocks, err := s.homeBlocks(parts)
	if err != nil {
		return err
	}
	return s.call(ctx, publishView, "", false, func(ctx context.Context) error {
		_, err := s.api.PublishViewContext(ctx, sdk.PublishViewContextRequest{
			UserID: user, View: sdk.HomeTabViewRequest{Type: sdk.VTHomeTab, Blocks: sdk.Blocks{BlockSet: blocks}},
		})
		return err
	})
}

// homeBlocks makes as much of the page as fits, each part with its buttons.
func (s *Slack) homeBlocks(parts []chat.Block) ([]sdk.Block, error) {
	b := builder{lang: s.opt.Lang, left: 10 * maxMessage, room: maxViewBlocks}
	for _, part := range parts {
		buttons, err := b.buttons(part.Buttons)
		if err != nil {
			return nil, err
		}
		if b.room < len(buttons)+4 {
			b.add(sdk.NewContextBlock("", mrkdwnText("…")))
			break
		}
		b.sections([]chat.Section{part.Section})
		for _, row := range buttons {
			b.add(row)
		}
	}
	if len(b.out) == 0 {
		b.add(sdk.NewDividerBlock())
	}
	return b.out, nil
}
