package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// errDenied is wrapped when the server does not let us in.
var errDenied = errors.New("the mail server refuses to log in")

// A session is one connection.
type session struct {
	*Mailbox
	conn   net.Conn
	client *imapclient.Client
	news   chan struct{} // something has changed in the folder
	caps   imap.CapSet   // of the server, to who is logged in

	flag     imap.Flag // that marks what is taken
	move     bool      // the server can move
	validity uint32
	mails    int // in the folder when it was opened
	cursor   Mark
	unmarked imap.UIDSet // taken, and not marked yet
	taken    imap.UIDSet // in this session
}

func (m *Mailbox) connect(ctx context.Context) (*session, error) {
	address := net.JoinHostPort(m.o.Host, strconv.Itoa(m.o.Port))
	dialing, cancel := context.WithTimeout(ctx, m.limits.connect)
	defer cancel()
	conn, err := m.o.Dial(dialing, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to the mail server: %w", err)
	}
	s := &session{Mailbox: m, conn: conn, news: make(chan struct{}, 1)}
	if err := s.within(ctx, s.limits.connect, "greet the mail server "+address, s.secure); err != nil {
		s.close()
		return nil, err
	}
	if err := s.within(ctx, s.limits.command, "log in at the mail server "+address, s.login); err != nil {
		s.close()
		return nil, err
	}
	// What the client remembers may be what it was told before.
	err = s.within(ctx, s.limits.command, "ask the mail server what it can", func() (err error) {
		s.caps, err = s.client.Capability().Wait()
		return err
	})
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// within gives something so long. Then the connection is cut, which ends
// whatever waits for it.
func (s *session) within(ctx context.Context, most time.Duration, what string, do func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("no answer within %s", most))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	err := do()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (s *session) close() {
	_ = s.conn.Close()
	if s.client != nil {
		_ = s.client.Close() // waits for its reader; whatever it says follows from the line above
	}
}

// secure makes the connection one that others cannot read, and waits for the
// greeting.
func (s *session) secure() error {
	config := &tls.Config{ServerName: s.o.Host, RootCAs: s.o.Roots, MinVersion: tls.VersionTLS12}
	options := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: s.changed}}
	switch s.o.Security {
	case StartTLS:
		options.TLSConfig = config
		client, err := imapclient.NewStartTLS(s.conn, options)
		if err != nil {
			return fmt.Errorf("begin TLS: %w", err)
		}
		s.client = client
	case Plain:
		s.client = imapclient.New(s.conn, options)
	default:
		secured := tls.Client(s.conn, config)
		if err := secured.Handshake(); err != nil {
			return fmt.Errorf("begin TLS: %w", err)
		}
		s.client = imapclient.New(secured, options)
	}
	return s.client.WaitGreeting()
}

// changed is called by the connection's reader, which must not wait.
func (s *session) changed(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *session) login() error {
	if s.client.State() == imap.ConnStateAuthenticated {
		return nil // the greeting said so
	}
	caps := s.client.Caps()
	if s.o.Token != nil {
		return s.loginByToken(caps)
	}
	password, err := s.o.Password()
	if err != nil {
		return err
	}
	switch {
	case caps.Has(imap.AuthCap(sasl.Plain)):
		err = s.client.Authenticate(sasl.NewPlainClient("", s.o.User, password))
	case caps.Has(imap.CapLoginDisabled):
		return fmt.Errorf("%w with a password on this connection: use tls or starttls, or a token", errDenied)
	default:
		err = s.client.Login(s.o.User, password).Wait()
	}
	return denied(err, "check user and password, and whether the account may use IMAP")
}

func (s *session) loginByToken(caps imap.CapSet) error {
	token, err := s.o.Token()
	if err != nil {
		return err
	}
	const todo = "check that the token is not older than it may be, belongs to this user, and is meant for IMAP"
	switch {
	case caps.Has(imap.AuthCap(sasl.OAuthBearer)):
		client := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: s.o.User, Token: token, Host: s.o.Host, Port: s.o.Port})
		return denied(s.client.Authenticate(client), todo)
	case caps.Has(imap.AuthCap(xoauth2)):
		client := &xoauth2Client{user: s.o.User, token: token}
		err := s.client.Authenticate(client)
		if err != nil && client.said != "" {
			err = fmt.Errorf("%w: it says %.300q", err, client.said)
		}
		return denied(err, todo)
	}
	return fmt.Errorf("%w with a token: it offers neither OAUTHBEARER nor XOAUTH2", errDenied)
}

// denied tells a refusal, which does not pass by itself, from a line that
// broke.
func denied(err error, todo string) error {
	var refused *imap.Error
	var bearer *sasl.OAuthBearerError
	if errors.As(err, &refused) || errors.As(err, &bearer) {
		return fmt.Errorf("%w: %w: %s", errDenied, err, todo)
	}
	return err
}
