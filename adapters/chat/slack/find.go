package slack

import (
	"context"
	"strconv"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters"
	"tebiki/adapters/chat"
)

// skew is how far Slack's clock may be from ours.
const skew = 5 * time.Minute

// find looks for a message whose post was not answered. When it may not look
// it says that the message is not there: twice is better than never.
func (s *Slack) find(ctx context.Context, m chat.Message, rec record) (record, error) {
	found, err := s.search(ctx, m, rec)
	if code := explainCode(err); err != nil && code != adapters.Unavailable && code != adapters.Throttled {
		s.log.Warn("slack: cannot see whether a message was posted, and post it again", "key", m.Key, "channel", rec.Channel, "error", err)
		return record{}, nil
	}
	if err != nil || found == nil {
		return record{}, err
	}
	s.count(func(st *Status) { st.Found++ })
	rec.TS, rec.Pending = found.Timestamp, ""
	rec.Hash, _ = found.Metadata.EventPayload["hash"].(string)
	return rec, s.remember(ctx, m, rec)
}

func explainCode(err error) adapters.Code {
	if err == nil {
		return adapters.Unavailable
	}
	return explain(err).code
}

// search goes through what was said since the post.
func (s *Slack) search(ctx context.Context, m chat.Message, rec record) (*sdk.Message, error) {
	self, err := s.whoami(ctx)
	if err != nil {
		return nil, err
	}
	oldest := strconv.FormatInt(rec.Asked.Add(-skew).Unix(), 10)
	for cursor, page := "", 0; page == 0 || cursor != "" && page < maxPages/5; page++ {
		var said []sdk.Message
		var next string
		if rec.Root == "" {
			said, next, err = s.history(ctx, rec.Channel, oldest, cursor, m.Urgent)
		} else {
			said, next, err = s.replies(ctx, rec.Channel, rec.Root, oldest, cursor, m.Urgent)
		}
		if err != nil {
			return nil, err
		}
		for i := range said {
			if ours(said[i], self) && said[i].Metadata.EventPayload["key"] == m.Key {
				return &said[i], nil
			}
		}
		cursor = next
	}
	return nil, nil
}

// ours tells whether the bot wrote a message: anybody's app may write the
// same metadata.
func ours(m sdk.Message, self identity) bool {
	return m.Metadata.EventType == metadataType && (m.User == self.user || self.bot != "" && m.BotID == self.bot)
}

func (s *Slack) history(ctx context.Context, channel, oldest, cursor string, urgent bool) (said []sdk.Message, next string, err error) {
	err = s.call(ctx, conversationHistory, "", urgent, func(ctx context.Context) error {
		got, err := s.api.GetConversationHistoryContext(ctx, &sdk.GetConversationHistoryParameters{
			ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
		})
		if err == nil {
			said, next = got.Messages, got.ResponseMetaData.NextCursor
		}
		return err
	})
	return said, next, err
}

func (s *Slack) replies(ctx context.Context, channel, root, oldest, cursor string, urgent bool) (said []sdk.Message, next string, err error) {
	err = s.call(ctx, conversationReplies, "", urgent, func(ctx context.Context) (err error) {
		said, _, next, err = s.api.GetConversationRepliesContext(ctx, &sdk.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: root, Oldest: oldest, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
		})
		return err
	})
	return said, next, err
}
