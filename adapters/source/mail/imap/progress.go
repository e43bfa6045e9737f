package imap

import "time"

// A progress is how far one round has come.
type progress struct {
	mailbox     *Mailbox
	done, total int
}

func (p *progress) found() {
	p.mailbox.state.change(func(st *Status) { st.Waiting, st.Done, st.Total = p.total, 0, p.total })
	p.tell()
}

// oldest is told when the first of those that still wait was delivered.
func (p *progress) oldest(at time.Time) {
	p.mailbox.state.change(func(st *Status) { st.Oldest = at })
}

// vanished takes out what somebody has removed since the search.
func (p *progress) vanished(n int) {
	if n > 0 {
		p.taken(n)
	}
}

func (p *progress) taken(n int) {
	p.done += n
	p.mailbox.state.change(func(st *Status) { st.Waiting, st.Done = p.total-p.done, p.done })
	p.tell()
}

func (p *progress) tell() {
	if p.total > 0 {
		p.mailbox.o.Progress(p.done, p.total)
	}
}
