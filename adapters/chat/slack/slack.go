// Package slack is the chat in Slack: direct messages, channels, buttons,
// forms, slash commands and the home tab.
//
// A message goes out through Send. Its address becomes a conversation (a
// person's id or mail address, a channel's id or name), its text becomes
// blocks within Slack's limits, and what is known of its key decides whether
// it is posted, updated in place or left alone. Slack has no key of its own
// that would make a repeated post harmless: so the intent is stored before
// the post, the key travels in the message's metadata, and when an answer was
// lost the conversation is searched for it before it is posted again.
//
// What people do comes in by Socket Mode (Run) or by HTTP. Either way it is
// acknowledged at once, taken once however often it is repeated, and then
// handled in the order of each person by a bounded number at a time; the
// answer follows by the response_url, a view or a message. What a press or a
// line means is the handler's to decide, here it is only translated.
//
// Every call goes through gate, which holds the rate of its method and
// channel and lets urgent calls go first, and fails as an *adapters.Error
// that says what an administrator can do.
//
// It imports the store, which most adapters need not: where a message stands in
// Slack must outlive the process, and a port of its own for that would only be
// the store's again. The buckets, where parts of a key are joined by a zero byte:
//
//	slack.message  address 0 key -> record: where the message with this key is
//	slack.at       channel 0 ts  -> address 0 key: which message stands there
//	slack.person   mail or id    -> person: their id and direct conversation
//	slack.channel  name          -> the channel's id
//
// The first two are forgotten with the message's age: see prune.go.
//
// A section that may be folded is sent without Slack's "expand": Slack shows
// its beginning with "see more", which is what its users know. A reply in the
// thread would notify, and hide the rest of what belongs together.
package slack

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	sdk "github.com/slack-go/slack"

	"tebiki/adapters/chat"
	"tebiki/adapters/lanes"
)

// A Slack is the chat of one workspace. It is safe for concurrent use.
type Slack struct {
	opt   Options
	log   *slog.Logger
	api   *sdk.Client
	gates *gates
	lanes lanes.Lanes // Sends of one key, and look-ups of one address, one at a time
	crew  *crew       // does what may take long: Slack has its receipt already
	quick *crew       // answers what Slack waits for: suggestions and forms
	once  *recent     // envelopes, events and triggers that were taken
	forms *held       // forms that could not be opened in time

	names names // of those who acted

	signatures *recent

	mu      sync.Mutex
	handler chat.Handler
	self    identity
	status  Status

	tokenFault string // what to do about the bot's token
}

var _ chat.Chat = (*Slack)(nil)

// New checks the options and gives the chat. It calls nothing yet; until
// SetHandler people are asked to try again.
func New(opt Options) (*Slack, error) {
	if opt.Mode == "" {
		opt.Mode = Socket
	}
	if err := opt.check(); err != nil {
		return nil, err
	}
	opt.fill()
	s := &Slack{
		opt: opt, log: opt.Log, gates: newGates(*opt.Rates),
		crew: newCrew(opt.Workers), quick: newCrew(opt.Workers), once: newRecent(10*time.Minute, 50_000),
		forms: newHeld(200), names: names{seen: map[string]named{}}, signatures: newRecent(2*signatureWindow, 0),
	}
	s.status.Mode = opt.Mode
	s.api = sdk.New(opt.BotToken, s.clientOptions()...)
	return s, nil
}

func (s *Slack) clientOptions() []sdk.Option {
	out := []sdk.Option{sdk.OptionHTTPClient(s.opt.HTTPClient), sdk.OptionAppLevelToken(s.opt.AppToken)}
	if s.opt.APIURL != "" {
		out = append(out, sdk.OptionAPIURL(strings.TrimRight(s.opt.APIURL, "/")+"/"))
	}
	return out
}

// SetHandler says who is called when somebody acts.
func (s *Slack) SetHandler(h chat.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
}

// identity is who the bot is in this workspace.
type identity struct{ user, bot, team string }

// whoami asks Slack once who the bot is.
func (s *Slack) whoami(ctx context.Context) (identity, error) {
	s.mu.Lock()
	self := s.self
	s.mu.Unlock()
	if self.user != "" {
		return self, nil
	}
	err := s.call(ctx, authTest, "", false, func(ctx context.Context) error {
		answer, err := s.api.AuthTestContext(ctx)
		if err == nil {
			self = identity{answer.UserID, answer.BotID, answer.TeamID}
		}
		return err
	})
	if err != nil {
		return self, s.failed("find out who the bot is", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.self = self
	return self, nil
}
