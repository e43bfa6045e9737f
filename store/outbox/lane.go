package outbox

import "container/heap"

// item is one waiting item in memory: its place in its lane, and among all of
// its destination in the order of age.
type item struct {
	seq          uint64
	created      int64 // Unix nanoseconds
	rank         int16 // among the lanes
	next         *item // in the lane
	older, newer *item // at the destination
}

// lane is the waiting items of one lane. Its first stays until it is settled.
type lane struct {
	number      uint64
	first, last *item
	ranking     int32 // how many of its items have its rank
	attempt     int32 // of the first item
	logged      int64 // the longest pause of the first item that was logged
	due         int64 // Unix nanoseconds: not before
	index       int   // in the heap that holds it
	rank        int16 // the highest of its items
	held        bool  // under way, or waiting for due
}

func (l *lane) push(it *item) {
	if l.first == nil {
		l.first = it
	} else {
		l.last.next = it
	}
	l.last = it
	l.count(it)
}

// count makes the lane's rank that of an item which is higher.
func (l *lane) count(it *item) {
	switch {
	case it.rank > l.rank:
		l.rank, l.ranking = it.rank, 1
	case it.rank == l.rank:
		l.ranking++
	}
}

// pop drops the first item; the next one begins with no attempts.
func (l *lane) pop() {
	was := l.first
	l.first = was.next
	l.attempt, l.logged = 0, 0
	if was.rank < l.rank {
		return
	}
	if l.ranking--; l.ranking > 0 {
		return
	}
	// It had the highest rank alone. Each such look finds a lower one, and
	// there are few ranks, so a long lane is looked through a few times.
	l.rank = 0
	for it := l.first; it != nil; it = it.next {
		l.count(it)
	}
}

// before is the order of delivery among lanes that are ready.
func (l *lane) before(other *lane) bool {
	if l.rank != other.rank {
		return l.rank > other.rank
	}
	return l.first.seq < other.first.seq
}

// sooner is the order of lanes that wait for their time.
func (l *lane) sooner(other *lane) bool { return l.due < other.due }

// lanes is a heap of lanes that know their index in it.
type lanes struct {
	all  []*lane
	less func(a, b *lane) bool
}

func (h *lanes) Len() int           { return len(h.all) }
func (h *lanes) Less(i, j int) bool { return h.less(h.all[i], h.all[j]) }
func (h *lanes) Swap(i, j int) {
	h.all[i], h.all[j] = h.all[j], h.all[i]
	h.all[i].index, h.all[j].index = i, j
}

// Push and Pop are for package heap alone.
func (h *lanes) Push(x any) {
	l := x.(*lane)
	l.index = len(h.all)
	h.all = append(h.all, l)
}

func (h *lanes) Pop() any {
	n := len(h.all) - 1
	l := h.all[n]
	h.all[n] = nil
	h.all = h.all[:n]
	return l
}

func (h *lanes) add(l *lane)   { heap.Push(h, l) }
func (h *lanes) take() *lane   { return heap.Pop(h).(*lane) }
func (h *lanes) moved(l *lane) { heap.Fix(h, l.index) }
