package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"tebiki/store"
)

const (
	bucket  = "outbox"
	version = 1
)

// Item is one thing to do in the outside world.
type Item struct {
	Seq     uint64          `json:"-"`    // set when stored
	Dest    string          `json:"dest"` // destination: "tracker", "chat", "phone", ...
	Lane    string          `json:"lane"` // items of one lane keep their order
	Kind    string          `json:"kind"` // what the handler is to do
	Key     string          `json:"key"`  // makes repeating harmless; unique for each intended effect
	Urgent  bool            `json:"urgent,omitempty"`
	Weight  uint8           `json:"weight,omitempty"` // of urgent items the weightier go first
	Created time.Time       `json:"created"`
	Body    json.RawMessage `json:"body,omitempty"`
	Attempt int             `json:"-"` // 1 at first delivery since the start of the process
}

// Add stores items. They are delivered after the commit; call Wake then.
func Add(tx store.Writer, items ...Item) error {
	for _, it := range items {
		if it.Dest == "" || it.Key == "" {
			return fmt.Errorf("add to the outbox: item %q for %q: its destination or its key is missing", it.Key, it.Dest)
		}
		n, err := tx.Next(bucket)
		if err != nil {
			return fmt.Errorf("add to the outbox: %w", err)
		}
		if err := store.Put(tx, bucket, store.Seq(n), version, it); err != nil {
			return fmt.Errorf("add to the outbox: %s %s %s: %w", it.Dest, it.Kind, it.Key, err)
		}
	}
	return nil
}

// Remove deletes the item. Whoever commits its result calls it.
func (it Item) Remove(tx store.Writer) error {
	return tx.Delete(bucket, store.Seq(it.Seq))
}

// fetch reads an item whole; found is false when it has been removed.
func fetch(ctx context.Context, st store.Store, seq uint64) (it Item, found bool, err error) {
	err = st.View(ctx, func(tx store.Reader) error {
		it = Item{}
		found, err = store.Get(tx, bucket, store.Seq(seq), version, &it)
		return err
	})
	it.Seq = seq
	return it, found, err
}

// head is what the queues need of an item: all but what it is about.
type head struct {
	Dest    string    `json:"dest"`
	Lane    string    `json:"lane"`
	Urgent  bool      `json:"urgent"`
	Weight  uint8     `json:"weight"`
	Created time.Time `json:"created"`
	seq     uint64
}

var laneSeed = maphash.MakeSeed()

// lane gives the number that stands for the lane's name. Two names that share
// one wait for each other, which once in 10^7 loads of a million is no harm.
func (h head) lane() uint64 { return maphash.String(laneSeed, h.Lane) }

// rank is the item's place in the order of delivery, 0 for one that is not
// urgent.
func (h head) rank() int16 {
	if !h.Urgent {
		return 0
	}
	return 1 + int16(h.Weight)
}

// loadAtOnce bounds how long one View holds its pages.
const loadAtOnce = 10_000

// load queues the items that were stored since the last time.
func (o *Outbox) load(ctx context.Context) error {
	for {
		heads, err := o.next(ctx)
		if err != nil {
			return err
		}
		o.dispatch(heads)
		if len(heads) < loadAtOnce {
			return nil
		}
	}
}

// next reads the heads of the items after those read already.
func (o *Outbox) next(ctx context.Context) (heads []head, err error) {
	err = o.st.View(ctx, func(tx store.Reader) error {
		heads = heads[:0]
		for key, value := range tx.Scan(bucket, store.Seq(o.read+1), "") {
			h, err := decodeHead(key, value)
			if err != nil {
				o.log.Error("outbox: an item cannot be read; it is kept and not delivered", "key", fmt.Sprintf("%x", key), "err", err)
			}
			if heads = append(heads, h); len(heads) == loadAtOnce {
				break
			}
		}
		return nil
	})
	return heads, err
}

func decodeHead(key string, value []byte) (h head, err error) {
	_, err = store.Decode(value, version, &h)
	if err != nil {
		h = head{}
	}
	seq, keyErr := store.ParseSeq(key)
	h.seq = seq
	return h, errors.Join(err, keyErr)
}

// dispatch gives each destination its share, in order.
func (o *Outbox) dispatch(heads []head) {
	shares := map[string][]head{}
	for _, h := range heads {
		o.read = max(o.read, h.seq)
		if h.Dest != "" { // else it could not be read, which has been logged
			shares[h.Dest] = append(shares[h.Dest], h)
		}
	}
	for _, q := range o.queues {
		if share := shares[q.Name]; share != nil {
			q.add(share)
			delete(shares, q.Name)
		}
	}
	for dest, share := range shares {
		if !o.unserved[dest] {
			o.unserved[dest] = true
			o.log.Warn("outbox: items for a destination that is not configured; they are kept", "dest", dest, "items", len(share), "first", share[0].seq)
		}
	}
}
