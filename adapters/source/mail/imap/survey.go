package imap

import (
	"context"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// A Survey is what somebody should know who sets a mailbox up.
type Survey struct {
	Mails   int  // in the folder
	Waiting int  // of them, to be taken
	Idle    bool // the server says when a mail comes
	Moves   bool // it can move mails
	Flag    string
	Newest  []Mail // of the folder, newest first
}

// Survey connects, and looks at the folder and the newest so many mails of it.
// It changes nothing.
func (m *Mailbox) Survey(ctx context.Context, newest int) (Survey, error) {
	s, err := m.connect(ctx)
	if err != nil {
		return Survey{}, err
	}
	defer s.close()
	s.o.Cursor = nil
	if err := s.open(ctx); err != nil {
		return Survey{}, err
	}
	out := Survey{Idle: s.caps.Has(imap.CapIdle), Moves: s.caps.Has(imap.CapMove), Flag: string(s.flag), Mails: s.mails}
	waiting, err := s.waiting(ctx)
	if err != nil {
		return out, err
	}
	out.Waiting = len(waiting)
	out.Newest, err = s.newest(ctx, newest)
	return out, err
}

func (s *session) newest(ctx context.Context, n int) ([]Mail, error) {
	uids, err := s.search(ctx, &imap.SearchCriteria{})
	if err != nil {
		return nil, err
	}
	slices.Sort(uids)
	heads, err := s.heads(ctx, uids[max(len(uids)-n, 0):])
	if err != nil {
		return nil, err
	}
	var mails []Mail
	for i := range heads {
		one, err := s.bodies(ctx, heads[i:i+1])
		if err != nil {
			return nil, err
		}
		mails = append(mails, one...)
	}
	slices.Reverse(mails)
	return mails, nil
}

// HasMoveFolder tells whether the folder is there that taken mails go to.
func (m *Mailbox) HasMoveFolder(ctx context.Context) (found bool, err error) {
	s, err := m.connect(ctx)
	if err != nil {
		return false, err
	}
	defer s.close()
	err = s.within(ctx, s.limits.command, fmt.Sprintf("look for the folder %s", m.o.Move), func() error {
		folders, err := s.client.List("", m.o.Move, nil).Collect()
		found = len(folders) > 0
		return err
	})
	return found, err
}
