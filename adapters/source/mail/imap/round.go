package imap

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"tebiki/adapters"
)

// round takes all mails that wait now.
func (s *session) round(ctx context.Context) error {
	if err := s.mark(ctx); err != nil {
		return err
	}
	uids, err := s.waiting(ctx)
	if err != nil {
		return err
	}
	p := progress{mailbox: s.Mailbox, total: len(uids)}
	p.found()
	for chunk := range slices.Chunk(uids, sizesAtOnce) {
		heads, err := s.heads(ctx, chunk)
		if err != nil {
			return err
		}
		p.vanished(len(chunk) - len(heads))
		for batch := range batches(heads, s.o.Max) {
			p.oldest(batch[0].received)
			if err := s.transfer(ctx, batch); err != nil {
				return err
			}
			p.taken(len(batch))
		}
	}
	return s.advance(ctx, uids)
}

// transfer takes one batch and marks it.
func (s *session) transfer(ctx context.Context, batch []head) error {
	mails, err := s.read(ctx, batch)
	if err != nil {
		return err
	}
	if err := s.take(ctx, mails); err != nil {
		return err
	}
	for _, mail := range mails {
		s.unmarked.AddNum(imap.UID(mail.UID))
		s.taken.AddNum(imap.UID(mail.UID))
		delete(s.unreadable, mail.UID)
	}
	s.state.change(func(st *Status) { st.Taken += uint64(len(mails)) })
	return s.mark(ctx)
}

// takeTries bounds how often mails are offered over one connection. The pause
// doubles from takePause.
const (
	takeTries = 6
	takePause = 100 * time.Millisecond
)

// take offers mails until they are safe.
func (s *session) take(ctx context.Context, mails []Mail) (err error) {
	if len(mails) == 0 {
		return nil
	}
	for i := range takeTries {
		if err = s.o.Take(ctx, mails); err == nil || ctx.Err() != nil {
			break
		}
		if err := adapters.Sleep(ctx, takePause<<i); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("take in %d mails: %w", len(mails), err)
	}
	return nil
}

// batches cuts what is to be read into parts that fit into memory. A mail that
// is too large is a part of its own.
func batches(heads []head, most int64) func(func([]head) bool) {
	return func(yield func([]head) bool) {
		for len(heads) > 0 {
			n, bytes := 1, heads[0].size
			for ; n < min(len(heads), batchMails) && bytes <= most; n++ {
				if bytes += heads[n].size; bytes > batchBytes || heads[n].size > most {
					break
				}
			}
			if !yield(heads[:n]) {
				return
			}
			heads = heads[n:]
		}
	}
}
