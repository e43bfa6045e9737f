package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"tebiki/adapters"
)

// connect opens the websocket and reads it until it ends.
func (a *Asterisk) connect(ctx context.Context) error {
	conn, err := a.dial(ctx)
	if err != nil {
		a.link.set(false, err)
		return err
	}
	alive, end := context.WithCancelCause(ctx)
	var helpers sync.WaitGroup
	helpers.Go(func() { a.ping(alive, conn) })
	helpers.Go(func() {
		<-alive.Done()
		_ = conn.Close() // the reader sees it
	})
	defer func() { end(nil); helpers.Wait() }()
	if err := a.awaitRegistration(alive); err != nil {
		a.link.set(false, err)
		return err
	}
	a.link.setCut(func() { end(errUnknownApp) })
	a.link.set(true, nil)
	a.opt.Count("connected")
	a.log.Info("connected to Asterisk", "app", a.opt.App)
	if err = a.read(ctx, conn); errors.Is(context.Cause(alive), errUnknownApp) {
		err = errUnknownApp
	}
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
		if err := adapters.Sleep(ctx, pause); err != nil {
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
	f := &adapters.Error{Op: "connect to Asterisk", Code: adapters.Unavailable, Err: noAnswer(err)}
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
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout():
			return errVanished
		case err != nil:
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
