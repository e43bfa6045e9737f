package slack

import (
	"context"
	"errors"
	"time"

	sdk "github.com/slack-go/slack"
)

// call passes the gates of a method and calls it, again when Slack says
// when and that is soon enough. It repeats nothing else: whether that is
// harmless is known only to the caller.
func (s *Slack) call(ctx context.Context, m method, channel string, urgent bool, do func(context.Context) error) error {
	give := time.Now().Add(s.opt.MaxWait)
	gates := s.gates.of(m, channel)
	for {
		for _, g := range gates {
			if err := g.wait(ctx, urgent, time.Until(give)); err != nil {
				f := *explain(err)
				f.unsent = true
				return &f
			}
		}
		err := s.attempt(ctx, do)
		s.token(err)
		var limited *sdk.RateLimitedError
		if !errors.As(err, &limited) {
			return err
		}
		s.count(func(st *Status) { st.Throttled++ })
		gates[len(gates)-1].close(max(limited.RetryAfter, time.Second))
	}
}

// attempt makes one attempt in its own time.
func (s *Slack) attempt(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
	defer cancel()
	return do(ctx)
}
