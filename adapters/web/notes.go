package web

import (
	"crypto/rand"
	"slices"
	"sync"

	"tebiki/adapters/chat"
)

// A note is what there is to say to one person after a form was sent: the
// form leads to a page, and the page shows it.
type note struct {
	id     string
	person string
	Bad    bool
	Reply  chat.Reply
}

// keptNotes bounds the memory; a note is read within a second.
const keptNotes = 256

// notes keeps the newest. A page may be read again, so reading takes none
// away.
type notes struct {
	mu  sync.Mutex
	all []note
}

func newNotes() *notes { return &notes{} }

func (n *notes) put(x note) (id string) {
	x.id = rand.Text()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.all) == keptNotes {
		n.all = slices.Delete(n.all, 0, 1)
	}
	n.all = append(n.all, x)
	return x.id
}

// get gives nil for a note that is gone or somebody else's.
func (n *notes) get(id, person string) *note {
	if id == "" {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.all, func(x note) bool { return x.id == id && x.person == person })
	if i < 0 {
		return nil
	}
	x := n.all[i]
	return &x
}
