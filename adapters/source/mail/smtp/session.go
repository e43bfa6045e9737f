package smtp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/emersion/go-smtp"
)

// What is answered. Sentences go to mail servers' logs, so they say what an
// administrator can do.
var (
	errSender    = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "this sender is not on Tebiki's list (mail.smtp.from)"}
	errRecipient = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "this recipient is not on Tebiki's list (mail.smtp.to)"}
	errFull      = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "too many mails at once; send it again later"}
	errNotStored = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the mail could not be stored; send it again later"}
	errLine      = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "a line of the mail is too long"}
	errBroken    = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "the mail broke off; send it again"}
	errSlow      = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "too slow; send it again later"}
	errClosing   = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Tebiki is shutting down; send it again later"}
)

// A session is what one connection has said.
type session struct {
	server *Server
	ctx    context.Context // for what is committed, which lasts beyond the end of Serve
	conn   *smtp.Conn
}

// Mail implements smtp.Session.
func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if !x.server.from.match(from) {
		return x.refuse(errSender, "sender", from)
	}
	return nil
}

// Rcpt implements smtp.Session.
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if !x.server.to.match(to) {
		return x.refuse(errRecipient, "recipient", to)
	}
	return nil
}

func (x *session) refuse(err error, what, who string) error {
	x.server.counts.refused.Add(1)
	x.server.o.Log.Warn("a mail was refused", what, who, "peer", x.conn.Conn().RemoteAddr(), "err", err)
	return err
}

// Data implements smtp.Session.
func (x *session) Data(r io.Reader) error {
	_ = x.conn.Conn().SetReadDeadline(time.Now().Add(x.server.o.Slow)) // a connection that is over says so when it is read
	body := allowance{server: x.server}
	defer body.release()
	if err := body.read(r); err != nil {
		return x.failed(err)
	}
	if err := x.server.o.Take(x.ctx, body.Bytes()); err != nil {
		x.server.o.Log.Error("a mail could not be stored; its sender is asked to send it again", "peer", x.conn.Conn().RemoteAddr(), "err", err)
		return x.failed(errNotStored)
	}
	x.server.counts.taken.Add(1)
	return nil
}

// failed gives the answer to a body that was not taken. go-smtp takes any
// error but its own for one that lasts, which would lose the mail.
func (x *session) failed(err error) error {
	answer := errBroken
	var own *smtp.SMTPError
	switch {
	case errors.As(err, &own):
		answer = own
	case errors.Is(err, smtp.ErrTooLongLine):
		answer = errLine
	}
	if !answer.Temporary() {
		return x.refuse(answer, "reason", answer.Message)
	}
	x.server.counts.deferred.Add(1)
	return answer
}

// Reset implements smtp.Session.
func (x *session) Reset() {}

// Logout implements smtp.Session.
func (x *session) Logout() error { return nil }

// An allowance is a body in memory, within what all bodies together may have.
type allowance struct {
	bytes.Buffer
	server *Server
	held   int64
}

// step is how much is allowed at a time.
const step = 64 << 10

func (a *allowance) read(r io.Reader) error {
	for {
		// A buffer that grows has twice what is in it.
		if need := 2 * (int64(a.Len()) + step); need > a.held {
			if a.server.held.Add(need-a.held) > 2*a.server.o.Hold {
				a.server.held.Add(a.held - need)
				return errFull
			}
			a.held = need
		}
		n, err := a.ReadFrom(io.LimitReader(r, step))
		if err != nil {
			return err
		}
		if n < step {
			return nil
		}
	}
}

func (a *allowance) release() { a.server.held.Add(-a.held) }
