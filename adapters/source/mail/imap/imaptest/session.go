package imaptest

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

// A session is the memory server's with our peculiarities.
type session struct {
	imapserver.SessionIMAP4rev2
	s *Server
}

func (s *Server) session(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	if err := s.called("greeting"); err != nil {
		return nil, nil, err
	}
	return &session{s.mem.NewSession().(imapserver.SessionIMAP4rev2), s}, nil, nil
}

// AuthenticateMechanisms implements imapserver.SessionSASL.
func (x *session) AuthenticateMechanisms() []string {
	if x.s.o.Mechanisms == nil {
		return []string{sasl.Plain}
	}
	return x.s.o.Mechanisms
}

// Authenticate implements imapserver.SessionSASL.
func (x *session) Authenticate(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return x.Login(user, password) }), nil
	case sasl.OAuthBearer:
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if o.Token != Token || x.Login(User, Password) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
			}
			return nil
		}), nil
	}
	return &xoauth2{x: x}, nil
}

// Login implements imapserver.Session.
func (x *session) Login(user, password string) error {
	if err := x.s.called("login"); err != nil {
		return err
	}
	return x.SessionIMAP4rev2.Login(user, password)
}

// xoauth2 refuses as Google does: first it says why, then it waits for an
// empty answer, then it refuses.
type xoauth2 struct {
	x    *session
	told bool
}

// Next implements sasl.Server.
func (a *xoauth2) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case a.told:
		return nil, false, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: "Invalid credentials"}
	case response == nil:
		return []byte{}, false, nil
	case string(response) == "user="+User+"\x01auth=Bearer "+Token+"\x01\x01":
		return nil, true, a.x.Login(User, Password)
	}
	a.told = true
	return []byte(`{"status":"400","schemes":"Bearer"}`), false, nil
}

// Select implements imapserver.Session.
func (x *session) Select(name string, o *imap.SelectOptions) (*imap.SelectData, error) {
	if err := x.s.called("select"); err != nil {
		return nil, err
	}
	data, err := x.SessionIMAP4rev2.Select(name, o)
	if err == nil && x.s.o.Permanent != nil {
		data.PermanentFlags = x.s.o.Permanent
	}
	return data, err
}

// Search implements imapserver.Session.
func (x *session) Search(kind imapserver.NumKind, c *imap.SearchCriteria, o *imap.SearchOptions) (*imap.SearchData, error) {
	if err := x.s.called("search"); err != nil {
		return nil, err
	}
	return x.SessionIMAP4rev2.Search(kind, c, o)
}

// Fetch implements imapserver.Session.
func (x *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	command := "sizes"
	if len(o.BodySection) > 0 {
		command = "bodies"
	}
	if err := x.s.called(command); err != nil {
		return err
	}
	if uids, ok := set.(imap.UIDSet); ok && command == "bodies" && x.s.anyDamaged(uids) {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "Some messages could not be FETCHed"}
	}
	return x.SessionIMAP4rev2.Fetch(w, set, o)
}

func (s *Server) anyDamaged(uids imap.UIDSet) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for uid := range s.damaged {
		if uids.Contains(uid) {
			return true
		}
	}
	return false
}

// Store implements imapserver.Session. No server keeps a flag that it has not
// said it does.
func (x *session) Store(w *imapserver.FetchWriter, set imap.NumSet, f *imap.StoreFlags, o *imap.StoreOptions) error {
	if err := x.s.called("store"); err != nil {
		return err
	}
	if x.s.o.Permanent != nil {
		kept := *f
		kept.Flags = slices.DeleteFunc(slices.Clone(f.Flags), func(flag imap.Flag) bool {
			return !slices.ContainsFunc(x.s.o.Permanent, func(p imap.Flag) bool { return strings.EqualFold(string(p), string(flag)) })
		})
		f = &kept
	}
	return x.SessionIMAP4rev2.Store(w, set, f, o)
}

// Copy implements imapserver.Session.
func (x *session) Copy(set imap.NumSet, to string) (*imap.CopyData, error) {
	if err := x.s.called("copy"); err != nil {
		return nil, err
	}
	return x.SessionIMAP4rev2.Copy(set, to)
}

// Move implements imapserver.SessionMove.
func (x *session) Move(w *imapserver.MoveWriter, set imap.NumSet, to string) error {
	if err := x.s.called("move"); err != nil {
		return err
	}
	return x.SessionIMAP4rev2.Move(w, set, to)
}

// Expunge implements imapserver.Session. Nobody who reads mails for others has
// any business with it.
func (x *session) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	_ = x.s.called("expunge")
	return x.SessionIMAP4rev2.Expunge(w, uids)
}
