package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// A bot runs slack-go's Socket Mode client and answers by a function.
type bot struct {
	client *socketmode.Client
	mu     sync.Mutex
	seen   []socketmode.Event
	came   chan socketmode.Event
}

func listen(t *testing.T, ws *Workspace, answer func(*bot, socketmode.Event), options ...socketmode.Option) *bot {
	t.Helper()
	b := &bot{client: socketmode.New(ws.client(), options...), came: make(chan socketmode.Event, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := b.client.RunContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
		cancel()
	})
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-b.client.Events:
				b.mu.Lock()
				b.seen = append(b.seen, e)
				b.mu.Unlock()
				b.came <- e
				answer(b, e)
			}
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	b.wait(t, socketmode.EventTypeHello)
	return b
}

// wait reads on until an event of a type.
func (b *bot) wait(t *testing.T, kind socketmode.EventType) socketmode.Event {
	t.Helper()
	// A busy machine loses connections, and the client waits longer after each.
	timeout := time.After(time.Minute)
	for {
		select {
		case e := <-b.came:
			if e.Type == kind {
				return e
			}
		case <-timeout:
			t.Fatalf("no %s came", kind)
		}
	}
}

func (b *bot) ack(e socketmode.Event, payload any) {
	if e.Request != nil && e.Request.EnvelopeID != "" {
		_ = b.client.AckCtx(context.Background(), e.Request.EnvelopeID, payload)
	}
}

func acks(b *bot, e socketmode.Event) { b.ack(e, nil) }

func TestSocketModeEvent(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, acks)
	r := ws.Person("UTANAKA").Mention("CINFRA", "disk <full> & more")
	if !r.Acked {
		t.Fatalf("reply %+v", r)
	}
	e := b.wait(t, socketmode.EventTypeEventsAPI)
	if got := string(e.Request.Payload); !strings.Contains(got, "app_mention") || !strings.Contains(got, `\u003c@U0BOT\u003e disk \u0026lt;full\u0026gt; \u0026amp; more`) {
		t.Errorf("payload %s", got)
	}
	if r := ws.Person("UTANAKA").Mention("COTHER", "hello"); r.Err != "not_subscribed" {
		t.Errorf("a mention where the bot is not: %+v", r)
	}
	again := ws.Repeat(1)
	if e2 := b.wait(t, socketmode.EventTypeEventsAPI); !again[0].Acked || e2.Request.EnvelopeID != e.Request.EnvelopeID || e2.Request.RetryAttempt != 1 {
		t.Errorf("repeated: %+v, %+v", again, e2.Request)
	}
}

func TestUnacknowledgedEventsComeAgain(t *testing.T) {
	ws := team(t, WithTimings(Timings{Ack: 20 * time.Millisecond, Retries: []time.Duration{0, time.Millisecond, time.Millisecond}}))
	b := listen(t, ws, func(b *bot, e socketmode.Event) {
		if e.Request != nil && e.Request.RetryAttempt == 2 {
			b.ack(e, nil)
		}
	})
	if r := ws.Person("UTANAKA").DM("hello"); r.Acked || r.Err != "timeout" {
		t.Errorf("the first time: %+v", r)
	}
	for attempt := range 3 {
		e := b.wait(t, socketmode.EventTypeEventsAPI)
		if e.Request.RetryAttempt != attempt || attempt > 0 && e.Request.RetryReason != "timeout" {
			t.Errorf("attempt %d: %+v", attempt, e.Request)
		}
	}
	if r := ws.Person("UTANAKA").Command("/tebiki", "help", "CINFRA"); r.Err != "operation_timeout" {
		t.Errorf("a command: %+v", r)
	}
}

func TestNobodyListens(t *testing.T) {
	ws := team(t, WithTimings(Timings{Retries: []time.Duration{}}))
	if r := ws.Person("UTANAKA").DM("hello"); r.Err != "connection_failed" {
		t.Errorf("a message: %+v", r)
	}
	if r := ws.Person("UTANAKA").Command("/tebiki", "help", "CINFRA"); r.Err != "dispatch_failed" {
		t.Errorf("a command: %+v", r)
	}
}

func TestReconnect(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, acks)
	for _, cut := range []func(){
		func() { ws.Disconnect("refresh_requested") },
		func() { ws.Disconnect("warning") },
		ws.DropSockets,
	} {
		cut()
		b.wait(t, socketmode.EventTypeHello)
	}
	ws.SendRaw(`{"type":"surprise"}`)
	b.wait(t, socketmode.EventTypeErrorBadMessage)
	if r := ws.Person("UTANAKA").DM("still there?"); !r.Acked {
		t.Errorf("afterwards: %+v", r)
	}
}

func TestHalfOpenConnection(t *testing.T) {
	t.Parallel()
	ws := team(t, WithTimings(Timings{Ping: 10 * time.Millisecond, Ack: 500 * time.Millisecond}))
	b := listen(t, ws, acks, socketmode.OptionPingInterval(2*time.Second))
	ws.FreezeSockets()
	if r := ws.Person("UTANAKA").Command("/tebiki", "help", "CINFRA"); r.Err != "operation_timeout" {
		t.Errorf("while it is frozen: %+v", r)
	}
	b.wait(t, socketmode.EventTypeHello)
	r := ws.Person("UTANAKA").Command("/tebiki", "help", "CINFRA")
	for r.Err == "dispatch_failed" { // Slack had not noticed yet that the old connection was given up
		if ws.Connections() == 0 { // or a busy machine has lost the new one
			b.wait(t, socketmode.EventTypeHello)
		}
		r = ws.Person("UTANAKA").Command("/tebiki", "help", "CINFRA")
	}
	if !r.Acked {
		t.Errorf("on the new connection: %+v", r)
	}
}

func TestLongAnswersAreDropped(t *testing.T) {
	ws := team(t, WithTimings(Timings{Ack: 50 * time.Millisecond}))
	_, address, err := ws.client().StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, _, err := websocket.DefaultDialer.Dial(address, nil); err == nil {
		t.Error("a ticket served twice")
	}
	replies := make(chan Reply, 2)
	for _, size := range []int{mostAck - 60, mostAck} {
		go func() { replies <- ws.Person("UTANAKA").Command("/tebiki", "help", "CINFRA") }()
		for {
			var frame struct {
				Type       string
				EnvelopeID string `json:"envelope_id"`
			}
			if err := conn.ReadJSON(&frame); err != nil {
				t.Fatal(err)
			}
			if frame.Type != "slash_commands" {
				continue
			}
			out, _ := json.Marshal(obj{"envelope_id": frame.EnvelopeID, "payload": obj{"text": ""}})
			out = []byte(strings.Replace(string(out), `"text":""`, `"text":"`+strings.Repeat("x", size-len(out))+`"`, 1))
			if err := conn.WriteMessage(websocket.TextMessage, out); err != nil {
				t.Fatal(err)
			}
			break
		}
		if r := <-replies; r.Acked != (size < mostAck) {
			t.Errorf("%d bytes: %+v", size, r)
		}
	}
}

func TestConnectionsTakeTurns(t *testing.T) {
	ws := team(t)
	one := listen(t, ws, acks)
	two := listen(t, ws, acks)
	for range 4 {
		if r := ws.Person("UTANAKA").OpenHome(); !r.Acked {
			t.Fatalf("%+v", r)
		}
	}
	for range 2 {
		one.wait(t, socketmode.EventTypeEventsAPI)
		two.wait(t, socketmode.EventTypeEventsAPI)
	}
}

func TestTooManyConnections(t *testing.T) {
	ws := team(t)
	var last *websocket.Conn
	for range mostSockets + 1 {
		_, address, err := ws.client().StartSocketModeContext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if last, _, err = websocket.DefaultDialer.Dial(address, nil); err != nil {
			t.Fatal(err)
		}
		defer last.Close()
		_, text, err := last.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if n := ws.Connections(); n == mostSockets+1 != strings.Contains(string(text), "too_many_websockets") && n > mostSockets {
			t.Errorf("connection %d begins with %s", n, text)
		}
	}
	if _, _, err := last.ReadMessage(); err == nil {
		t.Error("one connection too many stays open")
	}
}

func TestTheBotHearsItself(t *testing.T) {
	ws := team(t)
	b := listen(t, ws, acks)
	if _, _, err := ws.client().PostMessage("UTANAKA", slack.MsgOptionText("hello", false)); err != nil {
		t.Fatal(err)
	}
	if e := b.wait(t, socketmode.EventTypeEventsAPI); !strings.Contains(string(e.Request.Payload), `"bot_id":"B0BOT"`) {
		t.Errorf("payload %s", e.Request.Payload)
	}
}

func TestTheSocketIsWhereTheCallCameTo(t *testing.T) {
	ws := team(t)
	api := slack.New(BotToken, slack.OptionAPIURL(strings.Replace(ws.URL(), "127.0.0.1", "localhost", 1)), slack.OptionAppLevelToken(AppToken))
	_, address, err := api.StartSocketModeContext(t.Context())
	if err != nil || !strings.HasPrefix(address, "ws://localhost:") {
		t.Errorf("address %s, %v: a proxy in between would be passed by", address, err)
	}
}
