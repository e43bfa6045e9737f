// Package mailbox makes alerts of mails, each mail once, on whatever way and
// however often it comes.
//
// The data's way, for mails that came together:
//
//	mails ─► text ─► rules ─► those that are known already fall away ─► ONE commit: alerts + marks ─► taken
//
// A mail's mark is written in the commit that holds its alerts (runner.
// SubmitWith), so there is no moment at which the one is there without the
// other. Whoever brought a mail hears that it is taken after that commit, and
// tells its mail server then; what breaks in between makes the mail come again,
// and its mark is found.
//
// Marks are looked for before the commit, not within it: a request that fails
// within has the runner do all others of the same commit anew. Two bringers of
// one mail therefore wait for each other (turn.go), which is exact because all
// mails pass through the one process that leads.
//
// Nothing that a mail holds can keep it from being taken. One that no rule
// takes, that cannot be read, or that the reader stumbles over is a low alert
// of its own kind.
//
// Stored, in buckets that only this package writes:
//
//	mail.seen    hash of the mail's identity (16 bytes)   when it was taken: 8 bytes, big-endian Unix seconds
//	mail.cursor  name of a mailbox                        up to where it is taken: JSON, version 1
//
// Marks are forgotten after a month: no mail server tries that long.
package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"tebiki/adapters/source/mail/rule"
	"tebiki/escalation"
	"tebiki/store"
)

// A Core takes alerts, together with other writes; the runner does.
type Core interface {
	SubmitWith(ctx context.Context, also func(store.Writer) error, events ...escalation.Event) ([]escalation.Receipt, error)
}

// A Mail is one as it came.
type Mail struct {
	Raw   []byte
	Size  int64  // of the whole, when Raw is only its beginning; 0 otherwise
	Fault string // why Raw could not be had
	// Place names where it lies, when it lies somewhere: it tells mails apart
	// that say nothing of themselves.
	Place string
}

// An Intake takes mails in.
type Intake struct {
	core  Core
	store store.Store
	set   *rule.Set
	now   func() time.Time
	log   *slog.Logger
	turns turns
	counts
}

// New makes an Intake.
func New(core Core, st store.Store, rules *rule.Set, now func() time.Time, log *slog.Logger) *Intake {
	return &Intake{core: core, store: st, set: rules, now: now, log: log, turns: turns{busy: map[mark]chan struct{}{}},
		counts: counts{rules: map[string]uint64{}, told: map[string]time.Time{}}}
}

// Accept takes mails in, all or none, in their order. When it returns nil they
// are on stable storage, or were before.
func (in *Intake) Accept(ctx context.Context, mails ...Mail) error {
	var letters []letter
	for i := range mails {
		letters = append(letters, in.read(&mails[i])...)
	}
	letters, repeated := distinct(letters)
	leave, err := in.turns.take(ctx, letters)
	if err != nil {
		return err
	}
	defer leave()
	fresh, err := in.unknown(ctx, letters)
	if err != nil {
		return fmt.Errorf("look for mails that were taken already: %w", err)
	}
	if err := in.commit(ctx, fresh); err != nil {
		return fmt.Errorf("take in %d mails: %w", len(fresh), err)
	}
	in.count(fresh, repeated+len(letters)-len(fresh))
	return nil
}

// distinct leaves of letters with one mark the first.
func distinct(letters []letter) (out []letter, repeated int) {
	seen := map[mark]bool{}
	for _, l := range letters {
		if seen[l.mark] {
			repeated++
			continue
		}
		seen[l.mark] = true
		out = append(out, l)
	}
	return out, repeated
}

func (in *Intake) commit(ctx context.Context, letters []letter) error {
	if len(letters) == 0 {
		return nil
	}
	now := in.now()
	var events []escalation.Event
	for _, l := range letters {
		for _, a := range l.alerts {
			events = append(events, escalation.Signal{Alert: a})
		}
	}
	_, err := in.core.SubmitWith(ctx, func(tx store.Writer) error {
		for _, l := range letters {
			if err := tx.Put(bucketSeen, l.mark.key(), seenAt(now)); err != nil {
				return err
			}
		}
		return nil
	}, events...)
	return err
}
