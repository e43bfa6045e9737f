package outbox

import "context"

// Behind gives items that wait behind one in its lane, oldest first and at
// most so many, for a handler that can do several at once. Whoever settles
// one of them removes it as its own handler would; what it takes no part in
// is delivered as ever.
func (o *Outbox) Behind(ctx context.Context, it Item, most int) ([]Item, error) {
	var out []Item
	for _, q := range o.queues {
		if q.Name != it.Dest {
			continue
		}
		for _, seq := range q.behind(head{Lane: it.Lane}.lane(), it.Seq, most) {
			next, found, err := fetch(ctx, o.st, seq)
			if err != nil {
				return nil, err
			}
			if found && next.Lane == it.Lane { // two names may share a number
				out = append(out, next)
			}
		}
	}
	return out, nil
}

func (q *queue) behind(number, seq uint64, most int) (seqs []uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.byNumber[number]
	if l == nil {
		return nil
	}
	for it := l.first; it != nil && len(seqs) < most; it = it.next {
		if it.seq > seq {
			seqs = append(seqs, it.seq)
		}
	}
	return seqs
}
