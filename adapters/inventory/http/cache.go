package http

import (
	ordered "container/list"
	"sync"

	"tebiki/adapters/inventory"
)

// A cache holds the answers that were used last, up to a number of them.
type cache struct {
	mu    sync.Mutex
	most  int
	order *ordered.List // of *entry, the last used first
	at    map[string]*ordered.Element
}

type entry struct {
	name   string
	answer answer
}

func newCache(most int) *cache {
	return &cache{most: most, order: ordered.New(), at: map[string]*ordered.Element{}}
}

func (c *cache) get(name string) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.at[name]
	if !ok {
		return answer{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry).answer, true
}

// put keeps an answer and gives the name whose answer had to go for it, or "".
func (c *cache) put(name string, a answer) (gone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.at[name]; ok {
		e.Value.(*entry).answer = a
		c.order.MoveToFront(e)
		return ""
	}
	c.at[name] = c.order.PushFront(&entry{name, a})
	if len(c.at) <= c.most {
		return ""
	}
	last := c.order.Back()
	gone = last.Value.(*entry).name
	c.order.Remove(last)
	delete(c.at, gone)
	return gone
}

// servers are those in it, each once however many names it was asked by.
func (c *cache) servers() []inventory.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []inventory.Server
	seen := map[string]bool{}
	for e := c.order.Front(); e != nil; e = e.Next() {
		s := e.Value.(*entry).answer.server
		if s == nil || seen[inventory.Name(s.Host)] {
			continue
		}
		seen[inventory.Name(s.Host)] = true
		out = append(out, *s)
	}
	return out
}
