package imap

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
)

// markAtOnce keeps a command from growing beyond what servers take.
const markAtOnce = 500

// mark marks all that is taken and not marked yet. A server that refuses, as
// one whose folder is full, keeps nothing from being read: marking is tried
// again with the next round.
func (s *session) mark(ctx context.Context) error {
	uids, _ := s.unmarked.Nums()
	for len(uids) > 0 {
		n := min(len(uids), markAtOnce)
		err := s.within(ctx, s.limits.command, fmt.Sprintf("mark %d mails as taken", n), func() error { return s.put(imap.UIDSetNum(uids[:n]...)) })
		var refused *imap.Error
		if errors.As(err, &refused) {
			s.o.Log.Warn("mails that were taken could not be marked; it is tried again", "mailbox", s.Name(), "mails", len(uids), "err", err)
			break
		}
		if err != nil {
			return err
		}
		uids = uids[n:]
	}
	s.unmarked = imap.UIDSetNum(uids...)
	return nil
}

// put moves mails, or flags them. A server that cannot move gets a copy and a
// flag: the command that would take the first away deletes, which we do not.
func (s *session) put(uids imap.UIDSet) error {
	if s.move {
		return s.intoFolder(func() error { _, err := s.client.Move(uids, s.o.Move).Wait(); return err })
	}
	if s.o.Move != "" {
		err := s.intoFolder(func() error { _, err := s.client.Copy(uids, s.o.Move).Wait(); return err })
		if err != nil {
			return err
		}
	}
	return s.client.Store(uids, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{s.flag}}, nil).Close()
}

// intoFolder makes the folder when the server says that it is missing.
func (s *session) intoFolder(do func() error) error {
	err := do()
	var refused *imap.Error
	if !errors.As(err, &refused) || refused.Code != imap.ResponseCodeTryCreate {
		return err
	}
	if err := s.client.Create(s.o.Move, nil).Wait(); err != nil {
		return fmt.Errorf("make the folder %s: %w", s.o.Move, err)
	}
	return do()
}
