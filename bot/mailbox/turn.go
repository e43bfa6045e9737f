package mailbox

import (
	"context"
	"sync"
)

// turns let whoever brings a mail wait while another brings the same.
type turns struct {
	mu   sync.Mutex
	busy map[mark]chan struct{} // closed when the mail is done with
}

// take waits until nobody else has one of the letters, and then has them all.
// Nobody has some while waiting for others, so no two wait for each other.
func (t *turns) take(ctx context.Context, letters []letter) (leave func(), err error) {
	for {
		other := t.try(letters)
		if other == nil {
			return func() { t.leave(letters) }, nil
		}
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try gives what to wait for; nil when the letters are had.
func (t *turns) try(letters []letter) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range letters {
		if other, ok := t.busy[l.mark]; ok {
			return other
		}
	}
	done := make(chan struct{})
	for _, l := range letters {
		t.busy[l.mark] = done
	}
	return nil
}

func (t *turns) leave(letters []letter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, l := range letters {
		if i == 0 {
			close(t.busy[l.mark])
		}
		delete(t.busy, l.mark)
	}
}
