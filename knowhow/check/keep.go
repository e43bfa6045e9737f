package check

import "slices"

// floodAfter is how many times its limit a command may print before it is
// stopped: enough for a long log, too little to keep the host busy.
const floodAfter = 256

// A keeper takes a command's output and holds the first and the last of it.
type keeper struct {
	limit int
	head  []byte // the first half of limit
	tail  []byte // a ring of the other half
	next  int    // where in the ring the next byte goes
	total int

	flooded bool
}

func newKeeper(limit int) *keeper {
	return &keeper{limit: limit, tail: make([]byte, 0, limit-limit/2)}
}

// Write never fails before the flood; then it stops the command's output.
func (k *keeper) Write(p []byte) (int, error) {
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
func (k *keeper) last(p []byte) {
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

// output gives what was kept, with the note if something was lost.
func (k *keeper) output() Output {
	text := slices.Concat(k.head, k.tail[k.next:], k.tail[:k.next])
	if k.total <= k.limit {
		return Output{Text: text}
	}
	// The note takes the place of bytes before the cut, to stay in the limit.
	head := max(len(k.head)-len(cutNote(k.total)), 0)
	tail := text[len(k.head):]
	note := cutNote(k.total - head - len(tail))
	return Output{Text: slices.Concat(k.head[:head], []byte(note), tail), Truncated: true}
}
