package asterisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/gorilla/websocket"

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
		err := a.connect(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > time.Minute {
			pause, told = firstPause, ""
		}
		a.opt.Count("connection lost")
		if err.Error() != told { // the same is not said every few seconds
			a.log.Warn("there is no connection to Asterisk; calls go to the next channel at once", "err", err)
			told = err.Error()
		}
		if sleep(ctx, pause/2+rand.N(pause)) != nil {
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

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errTaken says that another client has the application: Asterisk sends it all
// events, and this one nothing any more.
var errTaken = errors.New("another client has taken the application: give each its own name (phone.asterisk.app)")

// connect opens the websocket and reads it until it ends.
func (a *Asterisk) connect(ctx context.Context) error {
	conn, err := a.dial(ctx)
	if err != nil {
		a.link.set(false, err)
		return err
	}
	alive, end := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	helpers.Go(func() { a.ping(alive, conn) })
	helpers.Go(func() {
		<-alive.Done()
		_ = conn.Close() // the reader sees it
	})
	defer func() { end(); helpers.Wait() }()
	if err := a.awaitRegistration(alive); err != nil {
		a.link.set(false, err)
		return err
	}
	a.link.setCut(end)
	a.link.set(true, nil)
	a.opt.Count("connected")
	a.log.Info("connected to Asterisk", "app", a.opt.App)
	err = a.read(ctx, conn)
	a.link.set(false, err)
	return err
}

// ready waits until a phone can be rung: a moment, when the connection has
// just broken or the process has just begun, else not at all.
func (a *Asterisk) ready(ctx context.Context) error {
	for until := time.Now().Add(blip); ; {
		_, _, change, _ := a.link.state()
		err, long := a.link.down()
		if err == nil {
			if err = a.registered(ctx); err == nil {
				return nil
			}
			if adapters.CodeOf(err) != adapters.NotFound {
				return err
			}
		}
		if long || !time.Now().Before(until) {
			return away(err)
		}
		limited, cancel := context.WithTimeout(ctx, lookAgain/4)
		select {
		case <-change:
		case <-limited.Done():
		}
		cancel()
		if ctx.Err() != nil {
			return away(ctx.Err())
		}
	}
}

// awaitRegistration waits until Asterisk knows the application, which is a
// moment after it has taken the websocket.
func (a *Asterisk) awaitRegistration(ctx context.Context) error {
	until := time.Now().Add(requestTime)
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		err := a.registered(ctx)
		if err == nil || time.Now().Add(pause).After(until) {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// dial opens the websocket. An answer that says no is told as what it means.
func (a *Asterisk) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	header := http.Header{"Authorization": {a.basic()}}
	conn, resp, err := a.opt.Dialer.DialContext(ctx, a.ws, header)
	if err == nil {
		conn.SetReadLimit(maxEvent)
		return conn, nil
	}
	f := &adapters.Error{Op: "connect to Asterisk", Code: adapters.Unavailable, Err: fmt.Errorf("it does not answer: is it running, and is http.conf enabled on that address? %w", err)}
	if resp != nil {
		f.Code, f.Err = meaning(resp.StatusCode, nil)
	}
	return nil, f
}

// ping lets a vanished peer be noticed: without a pong the read's deadline
// passes.
func (a *Asterisk) ping(ctx context.Context, conn *websocket.Conn) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(pingEvery)) != nil {
			return // the reader sees it too
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// read hands on what comes until nothing does.
func (a *Asterisk) read(ctx context.Context, conn *websocket.Conn) error {
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(deadAfter)) }
	conn.SetPongHandler(alive)
	for {
		if err := alive(""); err != nil {
			return err
		}
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("the connection to Asterisk broke: %w", err)
		}
		if kind != websocket.TextMessage {
			continue
		}
		if err := a.take(ctx, data); err != nil {
			return err
		}
	}
}

// take hands one event to whom it concerns. What cannot be read is counted
// and skipped: newer Asterisks have events that nobody here needs.
func (a *Asterisk) take(ctx context.Context, data []byte) error {
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(data, &head) != nil {
		a.opt.Count("unreadable event")
		return nil
	}
	if !concerns[head.Type] {
		return nil
	}
	event, err := ari.DecodeEvent(data)
	if err != nil {
		a.opt.Count("unreadable event")
		a.log.Warn("an event of Asterisk cannot be read; a call may miss it and go on by its deadlines", "type", head.Type, "err", err)
		return nil
	}
	if replaced, ok := event.(*ari.ApplicationReplaced); ok && replaced.Application == a.opt.App {
		return errTaken
	}
	a.deliver(ctx, event)
	return nil
}

// concerns are the events that anything here waits for.
var concerns = map[string]bool{
	"StasisStart": true, "StasisEnd": true, "ChannelDestroyed": true, "ChannelDtmfReceived": true, "ChannelHangupRequest": true,
	"PlaybackFinished": true, "Dial": true, "RecordingFinished": true, "RecordingFailed": true, "ApplicationReplaced": true,
}
