package console

import (
	"reflect"
	"strings"
	"time"

	"tebiki/adapters/chat"
	"tebiki/store"
)

// The buckets.
const (
	messageBucket = "chat.message"
	keyBucket     = "chat.key"
	channelBucket = "chat.channel"
)

const version = 1 // of record

// record is a message as it is stored. chat.Message says in its tags that it
// is kept; a change of its shape raises the version.
type record struct {
	Number  uint64       `json:"number"`
	Message chat.Message `json:"message"`
	Updated time.Time    `json:"updated,omitzero"`
}

func at(address, rest string) string { return address + "\x00" + rest }

// place is where a message stands among those of its address: the newest is
// the first key of a walk.
func place(address string, number uint64) string { return at(address, store.Seq(^number)) }

func isChannel(address string) bool { return strings.HasPrefix(address, "#") }

// find gives the message with a key; found is false when there is none.
func find(tx store.Reader, address, key string) (r record, found bool, err error) {
	seq := tx.Get(keyBucket, at(address, key))
	if seq == nil {
		return r, false, nil
	}
	number, err := store.ParseSeq(string(seq))
	if err != nil {
		return r, false, err
	}
	found, err = store.Get(tx, messageBucket, place(address, number), version, &r)
	return r, found, err
}

// put keeps m and tells whether that changed anything.
func put(tx store.Writer, m chat.Message, now time.Time) (changed bool, err error) {
	old, found, err := find(tx, m.To, m.Key)
	if err != nil {
		return false, err
	}
	if !found {
		return true, add(tx, m)
	}
	m.Sent = old.Message.Sent
	if reflect.DeepEqual(normal(m), normal(old.Message)) {
		return false, nil
	}
	old.Message, old.Updated = m, now
	return true, store.Put(tx, messageBucket, place(m.To, old.Number), version, old)
}

func add(tx store.Writer, m chat.Message) error {
	number, err := tx.Next(messageBucket)
	if err != nil {
		return err
	}
	if err := tx.Put(keyBucket, at(m.To, m.Key), []byte(store.Seq(number))); err != nil {
		return err
	}
	if isChannel(m.To) {
		if err := tx.Put(channelBucket, m.To, nil); err != nil {
			return err
		}
	}
	return store.Put(tx, messageBucket, place(m.To, number), version, record{Number: number, Message: m})
}

// normal makes an empty list and none the same, as storing does.
func normal(m chat.Message) chat.Message {
	if len(m.Sections) == 0 {
		m.Sections = nil
	}
	buttons := make([]chat.Button, len(m.Buttons))
	for i, b := range m.Buttons {
		if len(b.Choices) == 0 {
			b.Choices = nil
		}
		buttons[i] = b
	}
	m.Buttons = buttons
	return m
}
