package runner

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"

	"tebiki/escalation"
	"tebiki/store"
)

// Incident reads an incident as it was committed last, closed ones included;
// ok is false when there is none.
func (r *Runner) Incident(ctx context.Context, id escalation.ID) (inc escalation.Incident, ok bool, err error) {
	err = r.store.View(ctx, func(tx store.Reader) error {
		inc, ok, err = readIncident(tx, id)
		return err
	})
	return inc, ok, err
}

func readIncident(tx store.Reader, id escalation.ID) (inc escalation.Incident, ok bool, err error) {
	key := store.Seq(uint64(id))
	for _, bucket := range []string{bucketOpen, bucketClosed} {
		if value := tx.Get(bucket, key); value != nil {
			found, err := decodeIncident(key, value)
			if err != nil {
				return inc, true, err
			}
			return *found, true, nil
		}
	}
	return inc, false, nil
}

// Alerts reads the first n alerts of an incident, each with its newest
// signal, in the order of their joining.
func (r *Runner) Alerts(ctx context.Context, id escalation.ID, n int) ([]escalation.Member, error) {
	var out []escalation.Member
	err := r.store.View(ctx, func(tx store.Reader) error {
		for key, value := range tx.Scan(bucketAlert, numbered(id, 0), numbered(id+1, 0)) {
			if len(out) == n {
				break
			}
			m, err := decodeMember(key, value)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

// Alert reads one alert of an incident; ok is false when there is none.
func (r *Runner) Alert(ctx context.Context, id escalation.ID, seq uint32) (m escalation.Member, ok bool, err error) {
	err = r.store.View(ctx, func(tx store.Reader) error {
		key := numbered(id, seq)
		value := tx.Get(bucketAlert, key)
		if ok = value != nil; ok {
			m, err = decodeMember(key, value)
		}
		return err
	})
	return m, ok, err
}

// History reads an incident's timeline, oldest first.
func (r *Runner) History(ctx context.Context, id escalation.ID) ([]escalation.Line, error) {
	var out []escalation.Line
	err := r.store.View(ctx, func(tx store.Reader) error {
		for key, value := range tx.Scan(bucketHistory, numbered(id, 0), numbered(id+1, 0)) {
			l := escalation.Line{Incident: id, N: binary.BigEndian.Uint32([]byte(key[8:]))}
			if _, err := store.Decode(value, 1, &l); err != nil {
				return fmt.Errorf("line %x of %s: %w", key, id, err)
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}

// Open lists the incidents that are not closed, newest first, up to n.
func (r *Runner) Open(ctx context.Context, n int, keep func(*escalation.Incident) bool) ([]escalation.Incident, error) {
	return r.list(ctx, bucketOpen, n, keep)
}

// Closed lists closed incidents, newest first, up to n.
func (r *Runner) Closed(ctx context.Context, n int, keep func(*escalation.Incident) bool) ([]escalation.Incident, error) {
	return r.list(ctx, bucketClosed, n, keep)
}

// list reads the newest incidents of a bucket. It goes backwards in pieces:
// a list of the newest must not read all there ever were.
func (r *Runner) list(ctx context.Context, bucket string, n int, keep func(*escalation.Incident) bool) ([]escalation.Incident, error) {
	var out []escalation.Incident
	err := r.store.View(ctx, func(tx store.Reader) error {
		last, _, ok := tx.Last(bucket)
		if !ok {
			return nil
		}
		end, err := store.ParseSeq(last)
		if err != nil {
			return err
		}
		for end > 0 && len(out) < n {
			const piece = 256
			from := end - min(end, piece)
			found, err := incidentsIn(tx.Scan(bucket, store.Seq(from+1), store.Seq(end+1)))
			if err != nil {
				return err
			}
			for i := len(found) - 1; i >= 0 && len(out) < n; i-- {
				if keep(&found[i]) {
					out = append(out, found[i])
				}
			}
			end = from
		}
		return nil
	})
	return out, err
}

func incidentsIn(seq iter.Seq2[string, []byte]) ([]escalation.Incident, error) {
	var out []escalation.Incident
	for key, value := range seq {
		inc, err := decodeIncident(key, value)
		if err != nil {
			return nil, err
		}
		out = append(out, *inc)
	}
	return out, nil
}

// SetTicket notes the ticket of an incident that was closed before its ticket
// could be made; of one that is not closed the event TicketMade does.
func SetTicket(tx store.Writer, id escalation.ID, ticket string) error {
	key := store.Seq(uint64(id))
	value := tx.Get(bucketClosed, key)
	if value == nil {
		return nil
	}
	inc, err := decodeIncident(key, value)
	if err != nil {
		return err
	}
	inc.Ticket = ticket
	return tx.Put(bucketClosed, key, encodeIncident(inc))
}
