// Package asterisk is the telephone: calls out through Asterisk's REST
// interface (ARI), Asterisk 18 or newer.
//
// Two ways lead to Asterisk. Requests go over HTTP, each with its own time.
// Events come over one websocket that Run keeps open: it is read with pings
// and a deadline, so that a peer which vanished is noticed, and what Asterisk
// tells of events that nobody here knows is skipped. An event goes to the
// mailbox of its channel, which never fills: a bus that drops would lose the
// key that somebody pressed.
//
// A call is one goroutine, that of Call's caller. It originates a channel
// with an id chosen from the call's, so that the same call made twice rings
// once; waits for StasisStart, which alone means that somebody picked up;
// plays the prompt piece by piece, and does what keys say. It never waits for
// an event alone: each wait has a deadline, and ends with the connection too.
// When the connection breaks a call asks Asterisk whether its channel is
// still there as soon as there is a connection again, and goes on with it; and
// it asks now and then while nothing happens, because events get lost.
//
// Channels that no call has are hung up by one goroutine, the sweeper: those
// of a process that died, unless the call that is made again finds them by
// their id before; those that could not be hung up when they should have
// been; and those that a slow Asterisk makes when nobody waits any more.
//
// What is heard is made before the phone rings. When a piece cannot be played
// on a line that is alive, the same is said by recorded words, then by a tone:
// nobody is to hear silence and take it for nothing.
//
// From github.com/CyCoreSystems/ari come the types of the events and their
// decoding. Its connection is not used: it waits for ever while Asterisk is
// away, and an event that it does not know ends the process.
package asterisk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"tebiki/adapters/lanes"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
)

// Options say where Asterisk is and how it calls.
type Options struct {
	URL            string // of ARI: "http://127.0.0.1:8088/ari"
	User, Password string // of ari.conf
	App            string // "tebiki" unless it is set
	CallerID       string // what the person's phone shows: `"on call" <100>`
	// Number is the endpoint of a plain telephone number, which stands for
	// {number}: "PJSIP/{number}@trunk". Without it a number alone is refused.
	Number string

	Voice speech.Voice // speaks the sentences, and does not fail: see speech.Fallback
	Spare speech.Voice // speaks when Asterisk cannot play what Voice gave

	CA        []byte            // PEM of certificates that Asterisk's is signed with, or it itself
	Transport http.RoundTripper // http.DefaultTransport's like, with CA, unless it is set
	Dialer    *websocket.Dialer // websocket.DefaultDialer's like unless it is set
	Dial      Dial              // how these two connect unless they are set: by the network without it
	Log       *slog.Logger
	Count     func(what string) // counts what a metric is for; may be nil
}

// Dial makes a connection, as net.Dialer's DialContext does.
type Dial = func(ctx context.Context, network, address string) (net.Conn, error)

// An Asterisk is one telephone exchange. It is safe for concurrent use.
type Asterisk struct {
	opt   Options
	log   *slog.Logger
	http  *http.Client
	ws    string // address of the events
	link  link
	lanes lanes.Lanes // one call at a time for each endpoint

	kinds map[string]bool // types of events that nothing waits for, and whether they are known: the reader's

	callers sync.WaitGroup // those who called in
	nudge   chan struct{}  // has a token when the sweeper is wanted

	mu        sync.Mutex
	calls     map[string]*call     // under way, by the caller's id
	boxes     map[string]*mailbox  // by channel
	condemned map[string]time.Time // paths of what must not be, and until when it is looked for
	answerer  phone.Answerer
}

var (
	_ phone.Phone    = (*Asterisk)(nil)
	_ phone.Receiver = (*Asterisk)(nil)
)

// New checks the options. Nothing is called before Run.
func New(o Options) (*Asterisk, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("asterisk: %q is no address of ARI; want one such as http://127.0.0.1:8088/ari", o.URL)
	case o.User == "" || o.Password == "":
		return nil, errors.New("asterisk: a user and a password of ari.conf are missing")
	case o.Voice == nil:
		return nil, errors.New("asterisk: nothing speaks")
	}
	trusted, err := trust(o.CA)
	if err != nil {
		return nil, err
	}
	if o.fill(trusted); !appName.MatchString(o.App) {
		return nil, fmt.Errorf("asterisk: %q is no name of an application; want letters, digits, '_', '-' and '.'", o.App)
	}
	a := &Asterisk{opt: o, log: o.Log, kinds: map[string]bool{}, calls: map[string]*call{}, boxes: map[string]*mailbox{}, condemned: map[string]time.Time{}, nudge: make(chan struct{}, 1)}
	a.http = &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	u.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	a.ws = u.JoinPath("events").String() + "?" + url.Values{"app": {o.App}}.Encode()
	a.link.init()
	return a, nil
}

var appName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func (o *Options) fill(trusted *tls.Config) {
	if o.App == "" {
		o.App = "tebiki"
	}
	if o.Spare == nil {
		o.Spare = o.Voice
	}
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 64
		if trusted != nil {
			t.TLSClientConfig = trusted.Clone()
		}
		if o.Dial != nil {
			t.DialContext, t.Proxy = o.Dial, nil
		}
		o.Transport = t
	}
	if o.Dialer == nil && o.Dial != nil {
		o.Dialer = &websocket.Dialer{NetDialContext: o.Dial, TLSClientConfig: trusted}
	}
	if o.Dialer == nil {
		o.Dialer = &websocket.Dialer{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trusted}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Count == nil {
		o.Count = func(string) {}
	}
}

// How patient the adapter is.
const (
	requestTime = 5 * time.Second        // of one request
	ringSlack   = 5 * time.Second        // how much longer than asked for a phone may ring
	lookEvery   = 5 * time.Second        // how often Asterisk is asked while it tells nothing
	lookAgain   = time.Second            // and when its answer was odd
	quiet       = 8 * time.Second        // after the prompt, until it is said again
	pieceTime   = 2 * time.Minute        // of one piece of a prompt
	talkTime    = 10 * time.Minute       // of one call
	pressTime   = 10 * time.Second       // of doing what a key says
	speakTime   = 15 * time.Second       // of making sentences audible
	endTime     = 2 * time.Second        // of a channel that was hung up
	lastWord    = 200 * time.Millisecond // for events that were told before an answer to come after it
	grace       = 15 * time.Second       // for a broken connection to come back, when somebody is on the line
	blip        = 3 * time.Second        // for one that broke, when nobody is
)

// Run keeps the connection until ctx ends, and waits for those who have called
// in. Calls out end by their own contexts.
func (a *Asterisk) Run(ctx context.Context) error {
	if unencrypted(a.opt.URL) {
		a.log.Warn(openly+"; "+encrypt, "url", a.opt.URL)
	}
	var sweeping sync.WaitGroup
	sweeping.Go(func() { a.keepSwept(ctx) })
	a.keepLink(ctx)
	sweeping.Wait()
	a.callers.Wait()
	a.http.CloseIdleConnections()
	return nil
}
