package asterisktest

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tebiki/adapters/fake"
)

// What every Asterisk here has.
const (
	User         = "tebiki" // may do everything
	Password     = "ari-secret"
	ReadOnlyUser = "reader" // may only look; the same password
	ID           = "00:00:5e:00:53:01"
)

// How long threads of Asterisk take to do what they were told. A request that
// comes within a farewell still finds the channel.
const (
	reaction = 500 * time.Microsecond
	farewell = 2 * time.Millisecond
)

// An Asterisk is one server.
type Asterisk struct {
	tb       testing.TB
	speed    float64
	version  string
	app      string // into which calls from outside come
	language string
	record   bool
	sounds   []fs.FS
	folder   string // that absolute names of sounds begin with
	power    power
	client   *http.Transport

	life  context.Context // ends with the test
	end   context.CancelFunc
	done  <-chan struct{}
	tasks sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	lives      int        // how often it has died
	rng        *rand.Rand // nil: threads run in the usual order
	born       time.Time
	people     map[string]*person
	hotlines   map[string]hotline
	channels   map[string]*channel
	order      []*channel // as they were made
	lines      []*line    // all calls so far
	apps       map[string]*application
	playbacks  map[string]*playback
	recordings map[string]*recording // that go on
	stored     map[string]*Recording
	bridges    map[string]*bridge
	serials    map[string]int
	faults     fake.Queue[Fault]
	trouble    fake.Queue[Trouble] // of events
	log        []*Entry
	counts     counts
}

// New starts an Asterisk that ends with the test.
func New(tb testing.TB, options ...Option) *Asterisk {
	tb.Helper()
	a := &Asterisk{
		tb: tb, speed: 1, version: "22.10.1", app: "tebiki", language: "en", record: true, born: time.Now(),
		people: map[string]*person{}, hotlines: map[string]hotline{}, apps: map[string]*application{},
		stored: map[string]*Recording{}, serials: map[string]int{},
	}
	a.power.wires = map[*wire]bool{}
	a.counts.now = map[string]int{}
	a.counts.most = map[string]int{}
	a.wipe()
	a.life, a.end = context.WithCancel(context.Background())
	a.done = a.life.Done()
	a.client = &http.Transport{DialContext: a.DialContext, MaxIdleConnsPerHost: 64}
	for _, set := range options {
		set(a)
	}
	if err := a.on(); err != nil {
		tb.Fatalf("starting a fake Asterisk: %v", err)
	}
	tb.Cleanup(a.close)
	return a
}

func (a *Asterisk) close() {
	a.mu.Lock()
	a.closed = true
	a.wipe()
	a.mu.Unlock()
	a.end()
	a.power.gate.release()
	a.power.off()
	a.client.CloseIdleConnections()
	a.tasks.Wait()
}

// start runs what the end of the test waits for, unless that is there.
func (a *Asterisk) start(fn func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.startLocked(fn)
}

func (a *Asterisk) startLocked(fn func()) bool {
	if a.closed {
		return false
	}
	a.tasks.Go(fn)
	return true
}

// wipe is what the end of a process takes with it. The lock is held.
func (a *Asterisk) wipe() {
	a.lives++
	for _, l := range a.lines {
		l.finish(CutOff) // nothing that waits on its channel begins after this
	}
	for _, p := range a.playbacks {
		p.drop()
	}
	for _, r := range a.recordings {
		r.cancel()
	}
	for _, app := range a.apps {
		app.socket.cut()
	}
	a.channels, a.order = map[string]*channel{}, nil
	a.playbacks, a.recordings = map[string]*playback{}, map[string]*recording{}
	a.bridges, a.apps = map[string]*bridge{}, map[string]*application{}
	a.counts.now = map[string]int{}
}

// URL is the address of ARI: http://127.0.0.1:45678/ari.
func (a *Asterisk) URL() string { return "http://" + a.host() + prefix }

// WebsocketURL is the address of the events, without parameters.
func (a *Asterisk) WebsocketURL() string { return "ws://" + a.host() + prefix + "/events" }

func (a *Asterisk) host() string {
	a.power.mu.Lock()
	defer a.power.mu.Unlock()
	return a.power.address
}

// Transport carries requests to Asterisk; see DialContext.
func (a *Asterisk) Transport() http.RoundTripper { return a.client }

// HTTPClient is a client with Transport.
func (a *Asterisk) HTTPClient() *http.Client { return &http.Client{Transport: a.client} }

// Dialer opens websockets to Asterisk; see DialContext.
func (a *Asterisk) Dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: a.DialContext}
}

// next gives the next number of a series.
func (a *Asterisk) next(series string) int {
	n := a.serials[series]
	a.serials[series] = n + 1
	return n
}

// shortened is a time of Asterisk's own at this server's speed.
func (a *Asterisk) shortened(d time.Duration) time.Duration {
	return time.Duration(float64(d) / a.speed)
}

// later runs fn under the lock after d, unless cancel was closed before. The
// lock is held.
func (a *Asterisk) later(d time.Duration, cancel <-chan struct{}, fn func()) {
	a.startLocked(func() {
		if !a.pause(d, cancel) {
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		select {
		case <-cancel: // while the lock was awaited
		default:
			fn()
		}
	})
}

// pause waits, and tells whether neither cancel nor the end came first.
func (a *Asterisk) pause(d time.Duration, cancel <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-cancel:
	case <-a.done:
	}
	return false
}

// race is what two threads do at the same instant: the first one wins, or
// after WithSeed, chance decides at each step. The lock is held.
func (a *Asterisk) race(first, second []func()) {
	for len(first) > 0 && len(second) > 0 {
		turn := &first
		if a.chance() {
			turn = &second
		}
		(*turn)[0]()
		*turn = (*turn)[1:]
	}
	for _, do := range append(first, second...) {
		do()
	}
}

// chance is a coin that always falls on its usual side without a seed. The
// lock is held.
func (a *Asterisk) chance() bool { return a.rng != nil && a.rng.IntN(2) == 0 }
