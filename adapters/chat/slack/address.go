package slack

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	sdk "github.com/slack-go/slack"

	"tebiki/store"
)

// maxAddress is how many bytes an address may have.
const maxAddress = 1 << 10

var (
	userID    = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
	channelID = regexp.MustCompile(`^[CGD][A-Z0-9]{2,30}$`)
)

func isMail(address string) bool { return strings.Index(address, "@") > 0 }

// person is what is remembered of somebody's address.
type person struct {
	User    string `json:"user"`
	Channel string `json:"channel"` // of direct messages with them
}

// resolve finds the conversation of an address; known tells that it was
// remembered, and may be out of date.
func (s *Slack) resolve(ctx context.Context, to string, urgent bool) (channel string, known bool, err error) {
	switch {
	case to == "" || len(to) > maxAddress || !utf8.ValidString(to) || strings.ContainsRune(to, 0):
		return "", false, missing("nobody has this address")
	case channelID.MatchString(to):
		return to, false, nil
	case strings.HasPrefix(to, "#") && len(to) > 1:
		return s.channel(ctx, to[1:], urgent)
	case userID.MatchString(to), isMail(to):
		p, known, err := s.person(ctx, to, urgent)
		return p.Channel, known, err
	}
	return "", false, missing("an address in Slack is a person's id (U…) or mail address, or a channel's id (C…) or #name: correct the roster")
}

// person finds somebody and the conversation with them.
func (s *Slack) person(ctx context.Context, to string, urgent bool) (p person, known bool, err error) {
	unlock, err := s.lanes.Lock(ctx, joined("person", to))
	if err != nil {
		return p, false, err
	}
	defer unlock()
	err = s.opt.Store.View(ctx, func(tx store.Reader) error {
		known, err = store.Get(tx, personBucket, to, version, &p)
		return err
	})
	if known || err != nil {
		return p, known, err
	}
	if p, err = s.lookup(ctx, to, urgent); err != nil {
		return p, false, err
	}
	return p, false, s.opt.Store.Update(ctx, func(tx store.Writer) error {
		return store.Put(tx, personBucket, to, version, p)
	})
}

// lookup asks Slack who has an address.
func (s *Slack) lookup(ctx context.Context, to string, urgent bool) (p person, err error) {
	p.User = to
	if isMail(to) {
		user, err := s.byMail(ctx, to, urgent)
		if err != nil {
			return p, err
		}
		if p.User = user.ID; user.Deleted {
			return p, missing("%s", remedies["user_disabled"].what)
		}
	}
	err = s.call(ctx, openConversation, "", urgent, func(ctx context.Context) error {
		got, _, _, err := s.api.OpenConversationContext(ctx, &sdk.OpenConversationParameters{Users: []string{p.User}, ReturnIM: true})
		if err == nil {
			p.Channel = got.ID
		}
		return err
	})
	return p, err
}

func (s *Slack) byMail(ctx context.Context, mail string, urgent bool) (user *sdk.User, err error) {
	err = s.call(ctx, lookupByEmail, "", urgent, func(ctx context.Context) error {
		user, err = s.api.GetUserByEmailContext(ctx, mail)
		return err
	})
	return user, err
}

// channel finds the channel with a name.
func (s *Slack) channel(ctx context.Context, name string, urgent bool) (id string, known bool, err error) {
	unlock, err := s.lanes.Lock(ctx, joined("channel", name))
	if err != nil {
		return "", false, err
	}
	defer unlock()
	err = s.opt.Store.View(ctx, func(tx store.Reader) error {
		id = string(tx.Get(channelBucket, name))
		return nil
	})
	if id != "" || err != nil {
		return id, true, err
	}
	if id, err = s.searchChannel(ctx, name, urgent); err != nil {
		return "", false, err
	}
	return id, false, s.opt.Store.Update(ctx, func(tx store.Writer) error {
		return tx.Put(channelBucket, name, []byte(id))
	})
}

// maxPages is how many pages of a list are read: of channels 100,000, of a
// conversation 4,000 messages.
const maxPages = 100

func (s *Slack) searchChannel(ctx context.Context, name string, urgent bool) (id string, err error) {
	archived := false
	params := sdk.GetConversationsParameters{Limit: 1000, Types: []string{"public_channel", "private_channel"}}
	for range maxPages {
		var page []sdk.Channel
		err := s.call(ctx, listConversations, "", urgent, func(ctx context.Context) (err error) {
			page, params.Cursor, err = s.listPage(ctx, params)
			return err
		})
		if err != nil {
			return "", err
		}
		for _, c := range page {
			if c.Name == name && !c.IsArchived {
				return c.ID, nil
			}
			archived = archived || c.Name == name
		}
		if params.Cursor == "" {
			break
		}
	}
	if archived {
		return "", missing("%s", remedies["is_archived"].what)
	}
	return "", missing("%s", remedies["channel_not_found"].what)
}

// listPage keeps the cursor when the call fails: it is repeated.
func (s *Slack) listPage(ctx context.Context, params sdk.GetConversationsParameters) ([]sdk.Channel, string, error) {
	page, next, err := s.api.GetConversationsContext(ctx, &params)
	if err != nil {
		next = params.Cursor
	}
	return page, next, err
}

// forgetAddress makes the next resolve ask Slack again.
func (s *Slack) forgetAddress(ctx context.Context, to string) error {
	return s.opt.Store.Update(ctx, func(tx store.Writer) error {
		if name, isChannel := strings.CutPrefix(to, "#"); isChannel {
			return tx.Delete(channelBucket, name)
		}
		return tx.Delete(personBucket, to)
	})
}
