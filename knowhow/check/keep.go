package check

import (
	"slices"
	"sync"
)

// floodAfter is how many times its limit a command may print before it is
// stopped: enough for a long log, too little to keep the host busy.
const floodAfter = 256

// A Keeper takes a command's output and holds the first and the last of it.
// Both outputs of a command may be written to it at once.
type Keeper struct {
	mu      sync.Mutex
	limit   int
	head    []byte // the first half of limit
	tail    []byte // a ring of the other half
	next    int    // where in the ring the next byte goes
	total   int
	flooded bool
}

// NewKeeper makes a keeper of at most limit bytes.
func NewKeeper(limit int) *Keeper {
	return &Keeper{limit: limit, tail: make([]byte, 0, limit-limit/2)}
}

// Write never fails before the flood; then it gives ErrFlood, which is for
// the Executor to stop the command by.
func (k *Keeper) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.total > k.limit*floodAfter {
		k.flooded = true
		return 0, ErrFlood
	}
	n := len(p)
	k.total += n
	room := min(k.limit/2-len(k.head), n)
	k.head = append(k.head, p[:room]...)
	k.last(p[room:])
	return n, nil
}

// last puts p into the ring; only its end can matter.
func (k *Keeper) last(p []byte) {
	size := cap(k.tail)
	if len(p) > size {
		p = p[len(p)-size:]
	}
	room := min(size-len(k.tail), len(p))
	k.tail = append(k.tail, p[:room]...)
	for p = p[room:]; len(p) > 0; {
		n := copy(k.tail[k.next:], p)
		k.next = (k.next + n) % size
		p = p[n:]
	}
}

// Flooded tells whether a Write has given ErrFlood.
func (k *Keeper) Flooded() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.flooded
}

// Output gives what was kept.
func (k *Keeper) Output() Output {
	k.mu.Lock()
	defer k.mu.Unlock()
	rest := slices.Concat(k.tail[k.next:], k.tail[:k.next])
	if lost := k.total - len(k.head) - len(rest); lost > 0 {
		return Output{Text: slices.Clone(k.head), Rest: rest, Lost: lost}
	}
	return Output{Text: slices.Concat(k.head, rest)}
}
