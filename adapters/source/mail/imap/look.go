package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// errReadOnly says that nothing could be marked, so that each mail would be
// read again for ever.
var errReadOnly = errors.New("flags cannot be set in this folder: give the account the right to write there, or name another folder")

// open selects the folder.
func (s *session) open(ctx context.Context) error {
	var data *imap.SelectData
	err := s.within(ctx, s.limits.command, "open the folder "+s.o.Folder, func() (err error) {
		data, err = s.client.Select(s.o.Folder, nil).Wait()
		return err
	})
	if err != nil {
		return err
	}
	s.flag, s.validity = markOf(imap.Flag(s.o.Flag), data.PermanentFlags), data.UIDValidity
	s.mails = int(data.NumMessages)
	s.move = s.o.Move != "" && s.caps.Has(imap.CapMove)
	if s.flag == "" && !s.move {
		return fmt.Errorf("open the folder %s: %w", s.o.Folder, errReadOnly)
	}
	s.state.change(func(st *Status) { st.Connected = true })
	return s.openCursor(ctx, data)
}

// markOf chooses the flag that marks what is taken: the configured one where
// it can be set, or else that of mails that were read. "" stands for none.
func markOf(wanted imap.Flag, permitted []imap.Flag) imap.Flag {
	switch {
	case slices.Contains(permitted, imap.FlagWildcard), slices.Contains(permitted, wanted):
		return wanted
	case slices.Contains(permitted, imap.FlagSeen):
		return imap.FlagSeen
	}
	return ""
}

// remembers tells whether the cursor counts: people may set the mark too.
func (s *session) remembers() bool { return s.flag == imap.FlagSeen && !s.move && s.o.Cursor != nil }

// openCursor finds up to where all is taken. In a folder that is new to us, or
// whose UIDs mean other mails than before, the flags alone decide on what is
// there already.
func (s *session) openCursor(ctx context.Context, data *imap.SelectData) error {
	if !s.remembers() {
		return nil
	}
	mark, err := s.o.Cursor.Load(ctx)
	if err != nil {
		return fmt.Errorf("load up to where %s is read: %w", s.Name(), err)
	}
	if s.cursor = mark; mark.UIDValidity == s.validity {
		return nil
	}
	if mark.UIDValidity != 0 {
		s.o.Log.Warn("the folder was made anew on the mail server; mails that are flagged there as read count as taken", "mailbox", s.Name())
	}
	s.cursor = Mark{UIDValidity: s.validity, UID: uint32(max(data.UIDNext, 1)) - 1}
	return s.saveCursor(ctx)
}

func (s *session) saveCursor(ctx context.Context) error {
	if err := s.o.Cursor.Save(ctx, s.cursor); err != nil {
		return fmt.Errorf("save up to where %s is read: %w", s.Name(), err)
	}
	return nil
}

// advance remembers that all of these are taken.
func (s *session) advance(ctx context.Context, uids []imap.UID) error {
	if len(uids) == 0 || !s.remembers() || uint32(uids[len(uids)-1]) <= s.cursor.UID {
		return nil
	}
	s.cursor.UID = uint32(uids[len(uids)-1])
	return s.saveCursor(ctx)
}

// waiting lists the mails that are to be taken, oldest first.
func (s *session) waiting(ctx context.Context) ([]imap.UID, error) {
	criteria := &imap.SearchCriteria{Since: s.o.Since}
	if s.flag != "" && !(s.move && s.flag == imap.FlagSeen) {
		criteria.NotFlag = []imap.Flag{s.flag}
	}
	found, err := s.search(ctx, criteria)
	if err != nil {
		return nil, err
	}
	if s.remembers() {
		beyond := imap.UIDSet{imap.UIDRange{Start: imap.UID(s.cursor.UID + 1), Stop: 0}}
		more, err := s.search(ctx, &imap.SearchCriteria{Since: s.o.Since, UID: []imap.UIDSet{beyond}})
		if err != nil {
			return nil, err
		}
		// The last mail is beyond "n:*" whatever n is.
		found = append(found, slices.DeleteFunc(more, func(uid imap.UID) bool { return uint32(uid) <= s.cursor.UID })...)
	}
	found = slices.DeleteFunc(found, s.taken.Contains)
	slices.Sort(found)
	return slices.Compact(found), nil
}

func (s *session) search(ctx context.Context, criteria *imap.SearchCriteria) (uids []imap.UID, err error) {
	err = s.within(ctx, s.limits.search, "search the folder "+s.o.Folder, func() error {
		data, err := s.client.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return err
		}
		uids = data.AllUIDs()
		return nil
	})
	return uids, err
}

// rest waits for news, or for the next look.
func (s *session) rest(ctx context.Context) error {
	if !s.caps.Has(imap.CapIdle) {
		s.await(ctx)
		return ctx.Err()
	}
	return s.within(ctx, s.o.Every+s.limits.command, "wait for mails", func() error {
		idle, err := s.client.Idle()
		if err != nil {
			return err
		}
		s.await(ctx)
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
}

func (s *session) await(ctx context.Context) {
	timer := time.NewTimer(s.o.Every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-s.client.Closed():
	case <-s.news:
	case <-timer.C:
	}
}
