package slacktest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tebiki/adapters/fake"
)

// What every workspace has; a test may compare with them.
const (
	BotToken      = "xoxb-1111-2222-slacktest"
	AppToken      = "xapp-1-A0TEBIKI-1111-slacktest"
	SigningSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	TeamID        = "T0TEBIKI"
	AppID         = "A0TEBIKI"
	BotUserID     = "U0BOT"
	BotID         = "B0BOT"
)

// A Workspace is one team with one app in it.
type Workspace struct {
	tb      testing.TB
	handler http.Handler
	base    string           // its address
	server  *httptest.Server // nil without a network
	http    *http.Client     // of Deliver
	timings Timings
	rates   Rates
	record  bool

	life  context.Context // ends with the test
	end   context.CancelFunc
	done  <-chan struct{} // of life
	tasks sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	people    map[string]*User
	channels  map[string]*Channel
	messages  map[string][]*message // by channel, oldest first
	views     map[string]*view
	homes     map[string]*view   // by person
	modals    map[string][]*view // by person, the uppermost last
	offers    map[string][]any   // options that a person was shown, by view or message and action
	triggers  map[string]*trigger
	replyURLs map[string]*replyURL
	scopes    []string
	appScopes []string
	revoked   string // the error that the bot's token gives
	appError  string // the error that the app's token gives
	lastTS    int64
	serial    int
	buckets   map[string]*bucket
	faults    fake.Queue[Fault]
	requests  []Request
	sent      []delivery // envelopes, for Repeat

	sockets sockets
	target  endpoint // of Deliver
}

// Timings are how long things last. A test may shorten them; zero keeps
// Slack's own.
type Timings struct {
	Ack         time.Duration   // an envelope must be acknowledged within
	Trigger     time.Duration   // a trigger_id lives
	ResponseURL time.Duration   // a response_url lives
	Ping        time.Duration   // between the pings of a websocket
	Grace       time.Duration   // between "disconnect" and the end of the connection
	Retries     []time.Duration // before each repetition of an unacknowledged event
}

var slackTimings = Timings{
	Ack: 3 * time.Second, Trigger: 3 * time.Second, ResponseURL: 30 * time.Minute,
	Ping: 10 * time.Second, Grace: 10 * time.Second,
	Retries: []time.Duration{0, time.Minute, 5 * time.Minute},
}

// New starts a workspace that ends with the test.
func New(tb testing.TB, options ...Option) *Workspace {
	tb.Helper()
	ws := &Workspace{
		tb: tb, timings: slackTimings, rates: SlackRates(), record: true,
		people: map[string]*User{}, channels: map[string]*Channel{}, messages: map[string][]*message{},
		views: map[string]*view{}, homes: map[string]*view{}, modals: map[string][]*view{}, offers: map[string][]any{},
		triggers: map[string]*trigger{}, replyURLs: map[string]*replyURL{}, buckets: map[string]*bucket{},
		scopes: BotScopes(), appScopes: []string{"connections:write"},
	}
	ws.life, ws.end = context.WithCancel(context.Background())
	ws.done = ws.life.Done()
	ws.sockets.tickets = map[string]bool{}
	ws.AddPeople(User{ID: BotUserID, Name: "tebiki", RealName: "Tebiki", Bot: true}, User{ID: "USLACKBOT", Name: "slackbot", Bot: true})
	for _, set := range options {
		set(ws)
	}
	ws.http = &http.Client{Transport: &http.Transport{}}
	ws.handler = ws.routes()
	if ws.base == "" {
		ws.server = httptest.NewServer(ws.handler)
		ws.base = ws.server.URL
	}
	tb.Cleanup(ws.close)
	return ws
}

// URL is the base of the Web API, with a slash at its end, as
// slack.OptionAPIURL wants it.
func (ws *Workspace) URL() string { return ws.base + "/api/" }

func (ws *Workspace) close() {
	ws.mu.Lock()
	ws.closed = true
	ws.end()
	ws.mu.Unlock()
	ws.DropSockets()
	if ws.server != nil {
		ws.server.CloseClientConnections()
	}
	ws.tasks.Wait()
	if ws.server != nil {
		ws.server.Close()
	}
	ws.http.CloseIdleConnections()
}

// start runs f beside the test, which waits for it at its end. Once the test
// is over it does nothing and says so.
func (ws *Workspace) start(f func()) (started bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if !ws.closed {
		ws.tasks.Go(f)
	}
	return !ws.closed
}

// pause waits for d and tells whether the test still runs.
func (ws *Workspace) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ws.done:
		return false
	case <-timer.C:
		return true
	}
}

// id gives a new id, such as V000012. The lock is held.
func (ws *Workspace) id(prefix string) string {
	ws.serial++
	return fmt.Sprintf("%s%06d", prefix, ws.serial)
}

// ts gives a new message's name, later than all before it. The lock is held.
func (ws *Workspace) ts() string {
	ws.lastTS = max(ws.lastTS+1, time.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", ws.lastTS/1e6, ws.lastTS%1e6)
}
