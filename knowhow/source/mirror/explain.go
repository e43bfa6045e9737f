package mirror

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"tebiki/knowhow/keys"
)

// explain says in words what people must do about an error.
func (m *Mirror) explain(ctx context.Context, err error) error {
	var distrust *keys.Distrust
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it did not end in the time it has; look whether the server is well: %w", ctx.Err())
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrDamaged), errors.As(err, &distrust): // that has a line to copy, which must stay whole
		return err
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return errors.New("the server does not let the bot in; give it a token that may read this repository and has not expired")
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return errors.New("the server has no such repository, or does not show it to the bot; correct the address, or let the bot in")
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return errors.New("the repository is empty; push the know-how to it")
	}
	return m.clean(plain(err))
}

// plain takes the layers off that name this side's port, or the address with
// what may be in it.
func plain(err error) error {
	var op *net.OpError
	var where *url.Error
	var odd *plumbing.UnexpectedError
	var lasting *plumbing.PermanentError
	switch {
	case errors.As(err, &op):
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	case errors.As(err, &odd):
		return plain(odd.Err)
	case errors.As(err, &lasting):
		return plain(lasting.Err)
	case errors.As(err, &where):
		return plain(where.Err)
	}
	return err
}

// clean keeps out what a server may have repeated or made up: secrets, and what
// is more than a line.
func (m *Mirror) clean(err error) error {
	text := err.Error()
	for _, secret := range []func() string{m.options.Token, m.options.Passphrase} {
		if secret == nil {
			continue
		}
		if s := secret(); s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	if text = line(text, 600); text != err.Error() {
		return errors.New(text)
	}
	return err
}
