package console

import (
	"context"
	"strconv"
	"time"

	"tebiki/adapters/chat"
	"tebiki/store"
)

// A Stored is a message as the page shows it.
type Stored struct {
	chat.Message
	ID      string    // names the message on pages; later messages have greater numbers
	Updated time.Time // when it was last brought up to date; zero when never
}

const defaultLimit = 50

// Messages gives an address's newest messages first, at most limit of them (50
// when it is 0), and only those older than the one with the ID before, if that is not "".
// A message in a thread stands among the others by its own time, with Thread
// naming the one it belongs under: news on an old incident is news.
func (c *Console) Messages(ctx context.Context, to string, limit int, before string) ([]Stored, error) {
	op := "read the messages of " + quote(to)
	if !isAddress(to) {
		return nil, failed(op, nobody)
	}
	if limit <= 0 {
		limit = defaultLimit
	}
	from := place(to, 1<<64-1)
	if before != "" {
		number, err := strconv.ParseUint(before, 10, 64)
		if err != nil || number == 0 {
			return nil, failed(op, refused("%s is no message's ID", quote(before)))
		}
		from = place(to, number-1)
	}
	var out []Stored
	err := c.store.View(ctx, func(tx store.Reader) error {
		out = nil
		for _, value := range tx.Scan(messageBucket, from, to+"\x01") {
			if len(out) >= limit {
				break
			}
			var r record
			if _, err := store.Decode(value, version, &r); err != nil {
				return err
			}
			out = append(out, Stored{r.Message, strconv.FormatUint(r.Number, 10), r.Updated})
		}
		return nil
	})
	return out, failed(op, err)
}

// Channels lists the channels that have messages, by name.
func (c *Console) Channels(ctx context.Context) ([]string, error) {
	var out []string
	err := c.store.View(ctx, func(tx store.Reader) error {
		out = nil
		for address := range tx.Scan(channelBucket, "", "") {
			out = append(out, address)
		}
		return nil
	})
	return out, failed("list the channels", err)
}
