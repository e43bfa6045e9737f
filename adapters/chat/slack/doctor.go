package slack

import (
	"context"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters"
)

// A Person is somebody, or a channel, that the bot has to reach.
type Person struct {
	Name    string // as the roster has it
	Address string // Slack id, mail address, #name or channel id
}

// Doctor tries what the bot needs and tells what is wrong; nothing means that
// all is well. It posts nothing.
func (s *Slack) Doctor(ctx context.Context, people []Person) (found []adapters.Finding) {
	found = s.checkToken(ctx)
	if s.opt.Mode == Socket {
		found = append(found, s.checkSocket(ctx)...)
	}
	if len(found) > 0 && found[0].About == botToken {
		return found // nothing else can be tried
	}
	for _, p := range people {
		found = append(found, s.checkAddress(ctx, p)...)
	}
	return found
}

const botToken = "the bot token"

// checkToken tries the token and compares what it may with what is needed.
func (s *Slack) checkToken(ctx context.Context) []adapters.Finding {
	var header http.Header
	err := s.call(ctx, authTest, "", false, func(ctx context.Context) error {
		got, err := s.api.AuthTestContext(ctx)
		if err == nil {
			header = got.Header
		}
		return err
	})
	if err != nil {
		return []adapters.Finding{finding(botToken, err)}
	}
	granted := header.Get("X-OAuth-Scopes")
	if granted == "" {
		return nil // Slack did not say
	}
	has := strings.FieldsFunc(granted, func(r rune) bool { return r == ',' || r == ' ' })
	lacks := slices.DeleteFunc(Scopes(), func(scope string) bool { return slices.Contains(has, scope) })
	if len(lacks) == 0 {
		return nil
	}
	return []adapters.Finding{{
		About: "the scopes of the app", Fault: "these are missing: " + strings.Join(lacks, ", "),
		Do: "put in the manifest again under \"App Manifest\", or add them under \"OAuth & Permissions\", and install the app again",
	}}
}

// checkSocket tries the app token. Asking for a connection opens none.
func (s *Slack) checkSocket(ctx context.Context) []adapters.Finding {
	err := s.attempt(ctx, func(ctx context.Context) error {
		_, _, err := s.api.StartSocketModeContext(ctx)
		return err
	})
	if err == nil {
		return nil
	}
	f := explainSocket(err)
	if f.code == adapters.Denied {
		return []adapters.Finding{findingOf("the app token", f)}
	}
	return []adapters.Finding{findingOf("Socket Mode", f)}
}

// finding makes one of an error.
func finding(about string, err error) adapters.Finding { return findingOf(about, explain(err)) }

// findingOf parts what is wrong from what to do: the sentences of remedies
// are made so.
func findingOf(about string, f *fault) adapters.Finding {
	what, do, ok := strings.Cut(f.what, ": ")
	if !ok {
		do = what
	}
	if f.cause != nil {
		what += " (" + f.cause.Error() + ")"
	}
	return adapters.Finding{About: about, Fault: what, Do: do}
}

// checkAddress tries to find somebody; what is remembered counts for nothing.
func (s *Slack) checkAddress(ctx context.Context, p Person) []adapters.Finding {
	if err := s.reach(ctx, p.Address); err != nil {
		return []adapters.Finding{finding(p.Name+" ("+p.Address+")", err)}
	}
	return nil
}

func (s *Slack) reach(ctx context.Context, address string) error {
	switch {
	case userID.MatchString(address):
		return s.reachUser(ctx, address)
	case isMail(address):
		user, err := s.byMail(ctx, address, false)
		if err != nil {
			return err
		}
		return usable(user)
	case strings.HasPrefix(address, "#") && len(address) > 1:
		id, err := s.searchChannel(ctx, address[1:], false)
		if err != nil {
			return err
		}
		return s.reachChannel(ctx, id)
	case channelID.MatchString(address):
		return s.reachChannel(ctx, address)
	}
	_, _, err := s.resolve(ctx, address, false)
	return err
}

func (s *Slack) reachUser(ctx context.Context, id string) error {
	return s.call(ctx, userInfo, "", false, func(ctx context.Context) error {
		user, err := s.api.GetUserInfoContext(ctx, id)
		if err != nil {
			return err
		}
		return usable(user)
	})
}

func usable(u *sdk.User) error {
	switch {
	case u.Deleted:
		return missing("%s", remedies["user_disabled"].what)
	case u.IsBot:
		return missing("%s", remedies["cannot_dm_bot"].what)
	}
	return nil
}

func (s *Slack) reachChannel(ctx context.Context, id string) error {
	return s.call(ctx, conversationInfo, "", false, func(ctx context.Context) error {
		c, err := s.api.GetConversationInfoContext(ctx, &sdk.GetConversationInfoInput{ChannelID: id})
		switch {
		case err != nil:
			return err
		case c.IsArchived:
			return missing("%s", remedies["is_archived"].what)
		case !c.IsMember && !c.IsIM:
			return &fault{code: adapters.NotFound, what: "the bot is not in the channel: invite it with /invite"}
		}
		return nil
	})
}
