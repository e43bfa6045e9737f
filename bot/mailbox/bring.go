package mailbox

import (
	"context"
	"fmt"

	"tebiki/adapters/source/mail/imap"
)

// FromIMAP is what a mailbox gives its mails to. The name is the mailbox's.
func (in *Intake) FromIMAP(name string) func(context.Context, []imap.Mail) error {
	return func(ctx context.Context, mails []imap.Mail) error {
		out := make([]Mail, len(mails))
		for i, m := range mails {
			out[i] = Mail{Raw: m.Body, Fault: m.Fault, Place: fmt.Sprintf("%s, %d/%d", name, m.UIDValidity, m.UID)}
			if m.Cut {
				out[i].Size = m.Size
			}
		}
		return in.Accept(ctx, out...)
	}
}

// FromSMTP is what a listener gives its mails to.
func (in *Intake) FromSMTP(ctx context.Context, raw []byte) error {
	return in.Accept(ctx, Mail{Raw: raw})
}
