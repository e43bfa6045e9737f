package imap

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// What is read at once: sizes of many mails, then the bodies of as many as fit
// into the memory that they may take. A mail above the limit is read up to
// where its text as a rule has ended.
const (
	sizesAtOnce = 500
	batchMails  = 100
	batchBytes  = 4 << 20
	beginning   = 256 << 10
)

// A head is what is known of a mail before it is read.
type head struct {
	uid      imap.UID
	size     int64
	received time.Time
}

// heads asks for the sizes. What others have removed meanwhile is left out.
func (s *session) heads(ctx context.Context, uids []imap.UID) (heads []head, err error) {
	if len(uids) == 0 {
		return nil, nil // no command has an empty set
	}
	err = s.within(ctx, s.limits.fetch, fmt.Sprintf("ask for the sizes of %d mails", len(uids)), func() error {
		got, err := s.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}).Collect()
		for _, m := range got {
			if slices.Contains(uids, m.UID) {
				heads = append(heads, head{uid: m.UID, size: m.RFC822Size, received: m.InternalDate})
			}
		}
		return err
	})
	slices.SortFunc(heads, func(a, b head) int { return cmp.Compare(a.uid, b.uid) })
	return heads, err
}

// refusals is how often a server may say that it cannot give a mail before
// that is all there is to be had of it.
const refusals = 3

// read gets the bodies of a batch. When the server refuses, each mail is asked
// for by itself, so that one that is damaged there keeps back no others.
func (s *session) read(ctx context.Context, batch []head) ([]Mail, error) {
	mails, err := s.bodies(ctx, batch)
	var refused *imap.Error
	if !errors.As(err, &refused) {
		return mails, err
	}
	if len(batch) > 1 {
		mails = nil
		for i := range batch {
			one, err := s.read(ctx, batch[i:i+1])
			if err != nil {
				return nil, err
			}
			mails = append(mails, one...)
		}
		return mails, nil
	}
	uid := uint32(batch[0].uid)
	if s.unreadable[uid]++; s.unreadable[uid] < refusals {
		s.o.Log.Warn("the mail server does not give a mail; it is asked for again", "mailbox", s.Name(), "uid", uid, "err", err)
		return nil, nil
	}
	mail := s.mail(batch[0])
	mail.Fault = refused.Text
	return []Mail{mail}, nil
}

func (s *session) mail(h head) Mail {
	return Mail{UID: uint32(h.uid), UIDValidity: s.validity, Received: h.received, Size: h.size}
}

// bodies reads a batch, in its order.
func (s *session) bodies(ctx context.Context, batch []head) ([]Mail, error) {
	known := map[imap.UID]head{}
	var uids imap.UIDSet
	for _, h := range batch {
		known[h.uid] = h
		uids.AddNum(h.uid)
	}
	section := &imap.FetchItemBodySection{Peek: true}
	if len(batch) == 1 && batch[0].size > s.o.Max {
		section.Partial = &imap.SectionPartial{Size: beginning}
	}
	var mails []Mail
	err := s.within(ctx, s.limits.fetch, fmt.Sprintf("read %d mails", len(batch)), func() error {
		cmd := s.client.Fetch(uids, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			uid, body, cut := s.message(msg)
			if h, ok := known[uid]; ok && body != nil {
				mail := s.mail(h)
				mail.Body, mail.Cut = body, cut || section.Partial != nil
				mails = append(mails, mail)
				delete(known, uid)
			}
		}
		return cmd.Close() // also says when a body broke off in its midst
	})
	slices.SortFunc(mails, func(a, b Mail) int { return cmp.Compare(a.UID, b.UID) })
	return mails, err
}

// message reads one mail's items. However long the server says a body is, no
// more than the limit of it is kept.
func (s *session) message(msg *imapclient.FetchMessageData) (uid imap.UID, body []byte, cut bool) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			buffer := bytes.NewBuffer(make([]byte, 0, min(item.Literal.Size(), s.o.Max)+bytes.MinRead))
			if _, err := buffer.ReadFrom(io.LimitReader(item.Literal, s.o.Max+1)); err != nil {
				s.broken()
			}
			if body = buffer.Bytes(); int64(len(body)) > s.o.Max {
				body, cut = slices.Clone(body[:min(beginning, len(body))]), true
			}
		}
	}
	return uid, body, cut
}

// broken ends a connection that broke within a body, and waits for its reader:
// until then two would read from it, since whoever asks for the next item first
// reads the rest of the one before. The command's end tells of the error.
func (s *session) broken() {
	_ = s.conn.Close()
	<-s.client.Closed()
}
