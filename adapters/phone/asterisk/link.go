package asterisk

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tebiki/adapters"
)

const (
	pingEvery  = 3 * time.Second
	deadAfter  = 10 * time.Second // without a word from Asterisk
	firstPause = 500 * time.Millisecond
	lastPause  = 15 * time.Second
	takenPause = 45 * time.Second // the last one while another client takes the application again and again
	maxEvent   = 4 << 20
)

// A link is the state of the connection.
type link struct {
	mu     sync.Mutex
	up     bool
	change chan struct{} // closed when up changes
	why    error         // while it is down
	times  int           // how often it came up
	lost   time.Time     // since when it is down
	cut    func()        // ends the connection
}

func (l *link) init() {
	l.lost = time.Now()
	l.change, l.why, l.cut = make(chan struct{}), errors.New("there was no connection yet"), func() {}
}

func (l *link) set(up bool, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.why = why; l.up == up {
		return
	}
	if l.up = up; up {
		l.times++
	} else {
		l.lost = time.Now()
	}
	close(l.change)
	l.change = make(chan struct{})
}

// state tells whether the connection is up, how often it came up, why it is
// down, and what is closed when that changes.
func (l *link) state() (up bool, times int, change <-chan struct{}, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up, l.times, l.change, l.why
}

// down tells why the connection is down, and whether it has been for so long
// that nobody should wait for it; nil while it is up.
func (l *link) down() (why error, long bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.up {
		return nil, false
	}
	return l.why, time.Since(l.lost) >= blip
}

// renew ends the connection, so that there is a new one soon.
func (l *link) renew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut()
}

func (l *link) setCut(cut func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
}

// keepLink connects again and again, with growing pauses that no two
// processes share. Two who take the application from each other do so ever
// less often; from one who was there for a moment it is taken back at once,
// because calls are waiting.
func (a *Asterisk) keepLink(ctx context.Context) {
	pause, told := firstPause, ""
	for ctx.Err() == nil {
		began := time.Now()
		_, before, _, _ := a.link.state()
		err := a.connect(ctx)
		if ctx.Err() != nil {
			break
		}
		if _, times, _, _ := a.link.state(); times > before { // what was told before is over
			told = ""
		}
		if time.Since(began) > time.Minute {
			pause = firstPause
		}
		a.opt.Count("connection lost: " + whyLost(err))
		if err.Error() != told { // the same is not said every few seconds
			a.log.Warn("there is no connection to Asterisk; calls go to the next channel at once", "err", err)
			told = err.Error()
		}
		if adapters.Sleep(ctx, pause/2+rand.N(pause)) != nil {
			break
		}
		last := lastPause
		if errors.Is(err, errTaken) {
			last = takenPause
		}
		pause = min(2*pause, last)
	}
	a.link.set(false, context.Cause(ctx))
}

// The ways in which a connection ends, or does not begin.
var (
	errUnknownApp = errors.New("Asterisk does not know the application")
	errVanished   = fmt.Errorf("nothing has come from Asterisk for %v: it hangs, or the network to it is gone", deadAfter)
)

// whyLost names why there is no connection, for a metric.
func whyLost(err error) string {
	switch {
	case errors.Is(err, errTaken):
		return "taken"
	case errors.Is(err, errVanished):
		return "half-open"
	case errors.Is(err, errUnknownApp):
		return "not registered"
	case adapters.CodeOf(err) == adapters.Denied:
		return "password"
	}
	return "away"
}

// Connected tells whether calls can be made, and events come.
func (a *Asterisk) Connected() bool {
	up, _, _, _ := a.link.state()
	return up
}

// errTaken says that another client has the application: Asterisk sends it all
// events, and this one nothing any more.
var errTaken = errors.New("another client has taken the application: give each its own name (phone.asterisk.app)")
