package hotline

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
)

// A caller is a line on which somebody presses the keys of a script, one for
// each question, and hangs up at its end. What they hear is kept.
type caller struct {
	id, number string
	keys       []string           // "" is silence, hangUp is that
	words      []phone.Recording  // what is recorded, in order; then half a minute of speech
	talks      []phone.Outcome    // how connections end, in order; then they talk
	fault      func(op int) error // what an operation gives in place of what it would
	onSay      func(words string) // before it is heard
	said       func(lang string, say []phone.Sentence)
	onAsk      func(asked int) // before a key is pressed
	slow       time.Duration   // of every question, in place of five seconds
	talkative  time.Duration   // how long a talk lasts, in place of twenty minutes

	mu    sync.Mutex
	ops   int
	asked int
	gone  bool
	heard []string // "ja: sentence"
	rang  []string // endpoints
	open  int      // recordings that are not closed
}

const hangUp = "hang up"

// begin counts an operation, and gives its end when it has one already.
func (c *caller) begin(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ops++
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.gone:
		return phone.ErrHungUp
	case c.fault != nil:
		err := c.fault(c.ops)
		c.gone = errors.Is(err, phone.ErrHungUp)
		return err
	}
	return nil
}

// take lets time pass.
func take(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (c *caller) ID() string     { return c.id }
func (c *caller) Caller() string { return c.number }

func (c *caller) hear(lang string, say []phone.Sentence) {
	if c.said != nil {
		c.said(lang, say)
	}
	for _, s := range say {
		if c.onSay != nil {
			c.onSay(s.Text)
		}
		c.mu.Lock()
		c.heard = append(c.heard, lang+": "+s.Text)
		c.mu.Unlock()
	}
}

func (c *caller) Say(ctx context.Context, lang string, say []phone.Sentence) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	c.hear(lang, say)
	return take(ctx, 3*time.Second)
}

func (c *caller) Ask(ctx context.Context, lang string, q phone.Question) (string, error) {
	if err := c.begin(ctx); err != nil {
		return "", err
	}
	c.hear(lang, q.Say)
	if err := take(ctx, max(c.slow, 5*time.Second)); err != nil {
		return "", err
	}
	c.mu.Lock()
	n := c.asked
	c.asked++
	c.mu.Unlock()
	if c.onAsk != nil {
		c.onAsk(n)
	}
	if n >= len(c.keys) || c.keys[n] == hangUp {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.gone = true
		return "", phone.ErrHungUp
	}
	return c.keys[n], nil
}

func (c *caller) Record(ctx context.Context, limit time.Duration) (phone.Recording, error) {
	if err := c.begin(ctx); err != nil {
		return phone.Recording{}, err
	}
	r := speech(30 * time.Second)
	if len(c.words) > 0 {
		r, c.words = c.words[0], c.words[1:]
	}
	if err := take(ctx, min(r.Duration, limit)); err != nil {
		return phone.Recording{}, err
	}
	if r.WAV != nil {
		c.mu.Lock()
		c.open++
		c.mu.Unlock()
		r.WAV = &tape{r.WAV, sync.OnceFunc(func() { c.mu.Lock(); defer c.mu.Unlock(); c.open-- })}
	}
	return r, nil
}

// A tape tells when it is closed.
type tape struct {
	io.Reader
	close func()
}

func (t *tape) Close() error { t.close(); return nil }

// speech is a recording of somebody who speaks.
func speech(d time.Duration) phone.Recording {
	return phone.Recording{Duration: d, WAV: io.NopCloser(strings.NewReader("RIFF....WAVE" + strings.Repeat("voice", int(d/time.Second))))}
}

func (c *caller) Connect(ctx context.Context, to string, ring time.Duration) (phone.Outcome, error) {
	if err := c.begin(ctx); err != nil {
		return "", err
	}
	c.rang = append(c.rang, to)
	outcome, length := phone.Heard, cmp.Or(c.talkative, 20*time.Minute)
	if len(c.talks) > 0 {
		outcome, c.talks, length = c.talks[0], c.talks[1:], ring
	}
	if err := take(ctx, length); err != nil && outcome != phone.Heard {
		return phone.Withdrawn, err
	} else if err != nil {
		return outcome, err
	}
	return outcome, nil
}

var errLine = &adapters.Error{Op: "play a prompt", Code: adapters.Unavailable, Err: errors.New("asterisk answers 500")}

// expect wants to have heard each of these, in this order.
func (c *caller) expect(t *testing.T, want ...string) {
	t.Helper()
	i := 0
	for _, h := range c.heard {
		if i < len(want) && strings.Contains(h, want[i]) {
			i++
		}
	}
	if i < len(want) {
		t.Errorf("%s did not hear %q (after %q). Heard:\n%s", c.number, want[i], want[:i], strings.Join(c.heard, "\n"))
	}
}

func (c *caller) expectNot(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if slices.ContainsFunc(c.heard, func(h string) bool { return strings.Contains(h, w) }) {
			t.Errorf("%s heard %q:\n%s", c.number, w, strings.Join(c.heard, "\n"))
		}
	}
}
