package console

import "tebiki/adapters/chat"

// maxReplies is how many of a person's last replies keep their buttons.
const maxReplies = 20

// replies are the buttons of the replies that one person has got. A reply is
// on the page only, so its buttons need not outlive the process: pressed
// after a restart they are no longer there, and the person asks again.
type replies struct {
	last [maxReplies][]chat.Button
	next int
}

func (c *Console) remember(from string, buttons []chat.Button) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.replies[from]
	if r == nil {
		r = &replies{}
		c.replies[from] = r
	}
	r.last[r.next] = buttons
	r.next = (r.next + 1) % maxReplies
}

func (c *Console) remembered(from string) (buttons []chat.Button) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.replies[from]; r != nil {
		for _, b := range r.last {
			buttons = append(buttons, b...)
		}
	}
	return buttons
}
