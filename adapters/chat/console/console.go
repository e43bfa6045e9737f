// Package console is the chat that Tebiki brings along: each person's
// messages are kept in Tebiki's own store and read on the console's pages.
//
// A message comes in through Send and is kept at its address; the page reads
// Messages and waits at Watch for the next. What a person does on the page
// comes in through Press or Say, is held against what they have before them,
// and goes to the handler, whose reply the page shows to them alone.
//
// The buckets, where an address and a key are followed by a zero byte or
// come last, and n is the number of the message:
//
//	chat.message  address 0 Seq(^n)  -> record; the newest message of an address comes first
//	chat.key      address 0 key      -> Seq(n): the message with this key
//	chat.channel  address            -> nothing: the addresses that are channels
//
// An address is any text: a person's id, or a channel's name that begins
// with "#". Nobody is looked up: who is in the roster is not known here.
package console

import (
	"context"
	"sync"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/chat"
	"tebiki/store"
)

// A Console keeps messages in a store. It is safe for concurrent use.
type Console struct {
	store store.Store

	mu      sync.Mutex
	handler chat.Handler
	changed chan struct{}
	replies map[string]*replies // by address of who got them
}

var _ chat.Chat = (*Console)(nil)

// New gives the chat whose messages are in st. It has no handler yet, because
// what handles commands usually sends messages too.
func New(st store.Store) *Console {
	return &Console{store: st, changed: make(chan struct{}), replies: map[string]*replies{}}
}

// SetHandler says who is called when somebody acts.
func (c *Console) SetHandler(h chat.Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handler = h
}

// Watch gives a channel that is closed after the next change of any message.
func (c *Console) Watch() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *Console) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.changed)
	c.changed = make(chan struct{})
}

// Send keeps m at its address, or brings the message with its key up to date
// where it stands. Sent again as it is, it changes nothing.
func (c *Console) Send(ctx context.Context, m chat.Message) error {
	op := "send a message to " + quote(m.To)
	m, err := fit(m)
	if err != nil {
		return failed(op, err)
	}
	now := time.Now().UTC().Round(0) // as it is read back from the store
	if m.Sent.IsZero() {
		m.Sent = now
	}
	var changed bool
	err = c.store.Update(ctx, func(tx store.Writer) (err error) {
		changed, err = put(tx, m, now)
		return err
	})
	if err == nil && changed {
		c.wake()
	}
	return failed(op, err)
}

// failed gives an error its operation, and the code Unavailable to one that
// comes from the store.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	out := &adapters.Error{Op: op, Code: adapters.Unavailable, Err: err}
	if f, ok := err.(*fault); ok {
		out.Code = f.code
	}
	return out
}
