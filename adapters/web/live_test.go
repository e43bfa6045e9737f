package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// serving runs a server on a real socket and gives its address and what ends
// it.
func serving(t *testing.T, s *Server) (base string, stop func() error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln, 5*time.Second) }()
	return "http://" + ln.Addr().String(), func() error { cancel(); return <-served }
}

func TestEventsTellOfChangesAndEndWithTheServer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	o := busyMorning()
	base, stop := serving(t, o.server(t))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answer, err := client.Get(base + "/events?on=tickets")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("the stream is %q", kind)
	}
	lines := bufio.NewScanner(answer.Body)
	nextEvent(t, lines) // whatever changed before the stream began
	o.wake()
	nextEvent(t, lines)
	began := time.Now()
	if err := stop(); err != nil {
		t.Errorf("stopping with an open stream: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("an open stream held the server up for %s", took)
	}
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "event:") {
			t.Errorf("after the end the stream says %q", lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream broke off: %v", err)
	}
}

func nextEvent(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
	for lines.Scan() {
		if lines.Text() == "event: change" {
			return
		}
	}
	t.Fatal("the stream ended without an event:", lines.Err())
}

func TestStreamEndsWithItsReader(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	base, stop := serving(t, busyMorning().server(t))
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "GET", base+"/events", nil)
	client := &http.Client{Transport: &http.Transport{}}
	answer, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	answer.Body.Close()
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestRequestsUnderWayAreFinished(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	o := newOffice()
	inside, goOn := make(chan struct{}), make(chan struct{})
	s := o.server(t, func(c *Config) {
		c.Ready = func(context.Context) error { close(inside); <-goOn; return nil }
	})
	base, stop := serving(t, s)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	got := make(chan string, 1)
	go func() {
		answer, err := client.Get(base + "/readyz")
		if err != nil {
			got <- err.Error()
			return
		}
		defer answer.Body.Close()
		got <- answer.Status
	}()
	<-inside
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	<-s.closing
	close(goOn)
	if status := <-got; status != "200 OK" {
		t.Errorf("the request under way got %q", status)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestServeSaysWhyItCannot(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	err = newOffice().server(t).Serve(context.Background(), ln, time.Second)
	if err == nil || !strings.Contains(err.Error(), "serve the console on 127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

func TestStreamOutlivesTheLimitsOfARequest(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	o := busyMorning()
	s := o.server(t)
	s.readTimeout, s.writeTimeout = 50*time.Millisecond, 50*time.Millisecond
	base, stop := serving(t, s)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answer, err := client.Get(base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	nextEvent(t, lines)

	// A request whose body never comes began later: when the server has
	// given it up, the stream's limits are past as well.
	half, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	if _, err := half.Write([]byte("POST /lang HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, half)

	o.wake()
	nextEvent(t, lines)
	if err := stop(); err != nil {
		t.Error(err)
	}
}
