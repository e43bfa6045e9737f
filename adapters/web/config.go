package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// A Config is what a Server is made of. A page whose interface is nil is not
// there, as when the tracker is Jira and has pages of its own.
type Config struct {
	People []Person // in the order in which they are shown; at least one

	Tickets   Tickets
	Messages  Messages
	Phones    Phones
	Incidents Incidents // required
	KnowHow   KnowHow
	Audit     Audit // which checks were run; nil answers 404 to the API
	OnCall    OnCall
	Servers   Servers // completes the host in the request form; nil completes nothing
	Intake    Intake  // required

	// Mailboxes are those that need a line above the incidents: a flood of
	// mails is being read, or none can be; nil for none.
	Mailboxes func() []Mailbox

	// Webhooks are the addresses that senders have with a proof of their own,
	// or for bodies of their own.
	Webhooks []Webhook

	Recordings Recordings // what callers have said

	// Digest runs the morning flow now, or says what a run would do; nil
	// answers 404 to the API.
	Digest func(ctx context.Context, o DigestOrder) (Digest, error)
	// KnowHowHook takes what the service of the know-how's repository sends
	// after a push; nil answers 404. It checks by itself who sends.
	KnowHowHook http.Handler
	// Ready tells in words why work cannot be done; nil means it always can.
	Ready func(ctx context.Context) error
	// Metrics answers /metrics; nil answers 404.
	Metrics http.Handler
	Changes Changes

	// Password is asked for by the pages, Token by the API. When only one of
	// them is set it serves for both; when neither is, everything is open to
	// whoever reaches the server, which CheckListen keeps to this machine.
	Password string
	Token    string
	// SessionKey signs sessions: 32 random bytes or more, kept by the
	// application so that a restart ends no session. Required with a secret.
	SessionKey []byte
	// Names are the host names, besides the loopback ones, under which the
	// server may be called while it has no secret.
	Names []string

	Now func() time.Time // nil means time.Now
	Log *slog.Logger     // nil means slog.Default
}

// Changes tell open pages that there is something new. Each function gives a
// channel that is closed at the next change; a nil function means that kind
// of thing never changes by itself.
type Changes struct {
	Tickets   func() <-chan struct{}
	Messages  func() <-chan struct{}
	Phones    func() <-chan struct{}
	Incidents func() <-chan struct{}
	Mailboxes func() <-chan struct{}
}

const minSessionKey = 32

func (c *Config) check() error {
	var errs []error
	if len(c.People) == 0 {
		errs = append(errs, errors.New("the console has no people: give it the roster"))
	}
	if c.Incidents == nil || c.Intake == nil {
		errs = append(errs, errors.New("the console needs Incidents and Intake"))
	}
	if c.hasSecret() && len(c.SessionKey) < minSessionKey {
		errs = append(errs, fmt.Errorf("the console's session key has %d bytes: want %d random ones or more", len(c.SessionKey), minSessionKey))
	}
	seen := map[string]bool{}
	for _, p := range c.People {
		if p.ID == "" || seen[p.ID] {
			errs = append(errs, fmt.Errorf("the console was given two people with the id %q: ids are unique and not empty", p.ID))
		}
		seen[p.ID] = true
	}
	return errors.Join(errs...)
}

func (c *Config) fill() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Password == "" {
		c.Password = c.Token
	}
	if c.Token == "" {
		c.Token = c.Password
	}
}

func (c *Config) hasSecret() bool { return c.Password != "" || c.Token != "" }
