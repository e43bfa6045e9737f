package outbox

import "time"

// link and unlink keep the items in the order of age.
func (q *queue) link(it *item) {
	if it.older = q.newest; it.older == nil {
		q.oldest = it
	} else {
		it.older.newer = it
	}
	q.newest = it
	q.count++
}

func (q *queue) unlink(it *item) {
	if it.older == nil {
		q.oldest = it.newer
	} else {
		it.older.newer = it.newer
	}
	if it.newer == nil {
		q.newest = it.older
	} else {
		it.newer.older = it.older
	}
	q.count--
}

func (q *queue) stats(now time.Time) DestStats {
	q.mu.Lock()
	defer q.mu.Unlock()
	st := DestStats{
		Name: q.Name, Waiting: q.count - q.running, Running: q.running,
		Failed: q.failed, Delivered: q.done, Paused: now.Before(q.pausedUntil),
	}
	if q.oldest != nil {
		st.Oldest = time.Unix(0, q.oldest.created)
	}
	return st
}
