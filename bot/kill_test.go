package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

const (
	killAlerts  = 2000
	killSenders = 16
	kills       = 20
	killLimit   = 2 * time.Minute // for all of it, on a busy machine
)

// TestKill sends alerts of every sort to a process that is killed at random
// moments and started again, and counts afterwards: whatever was answered 202
// is there, once, with all that had to follow from it.
func TestKill(t *testing.T) {
	t.Logf("-seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 0))
	data, config := t.TempDir(), workspaceWith(t, killConfiguration())
	sent := mix(random, killAlerts)
	ctx, cancel := context.WithTimeout(t.Context(), killLimit)
	defer cancel()

	at, accepted := newHome(), make(chan struct{}, killAlerts)
	wait := sendAll(ctx, t, sent, at, accepted)
	for _, m := range moments(random) {
		m.live(ctx, t, data, config, at, accepted)
	}
	last := start(t, data, "--config", config)
	at.move(last.url)
	wait()
	awaitQuiet(t, last)
	last.terminate(t)
	if !t.Failed() {
		count(t, data, sent)
	}
}

// A moment is when a process is killed: some time after so many alerts were
// accepted since the moment before, or so long after its start, ready or not.
type moment struct {
	accepted int
	later    time.Duration
	starting bool
}

func moments(random *rand.Rand) []moment {
	out := make([]moment, kills)
	for i := range out {
		out[i] = moment{accepted: random.IntN(2 * killAlerts * 9 / 10 / kills), later: time.Duration(random.IntN(20_000)) * time.Microsecond}
	}
	for _, i := range random.Perm(kills)[:kills/5] {
		out[i] = moment{starting: true, later: time.Duration(random.IntN(400)) * time.Millisecond}
	}
	return out
}

// live lets a process live until the moment.
func (m moment) live(ctx context.Context, t *testing.T, data, config string, at *home, accepted <-chan struct{}) {
	t.Helper()
	p := launch(t, data, "--config", config)
	if !m.starting {
		p.awaitReady(t)
		at.move(p.url)
	}
	for range m.accepted {
		select {
		case <-accepted:
		case <-time.After(2 * time.Second): // all have been sent
		case <-ctx.Done():
			t.Fatal("the alerts are not accepted in time")
		}
	}
	<-time.After(m.later)
	p.kill()
}

// sendAll lets the senders send, each its own part, and gives a function that
// waits for them.
func sendAll(ctx context.Context, t *testing.T, sent []*sentAlert, at *home, accepted chan<- struct{}) (wait func()) {
	transport := &http.Transport{MaxIdleConnsPerHost: killSenders}
	client := &http.Client{Transport: transport, Timeout: 15 * time.Second}
	var senders sync.WaitGroup
	for n := range killSenders {
		senders.Go(func() {
			for i := n; i < len(sent); i += killSenders {
				if err := sent[i].send(ctx, client, at); err != nil {
					t.Errorf("alert %d: %v", i, err)
					return
				}
				accepted <- struct{}{}
			}
		})
	}
	return func() {
		senders.Wait()
		transport.CloseIdleConnections()
	}
}

// send sends the alert until it is accepted. A process that does not answer
// has been killed, so there is nothing to do before there is another.
func (s *sentAlert) send(ctx context.Context, client *http.Client, at *home) error {
	body, err := json.Marshal(s.body)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		url, changed := at.now()
		if url != "" {
			s.tries++
			answered, err := s.try(ctx, client, url, body)
			if answered {
				return err
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// try sends it once. An answer that was cut off is none.
func (s *sentAlert) try(ctx context.Context, client *http.Client, url string, body []byte) (answered bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/alerts", bytes.NewReader(body))
	if err != nil {
		return true, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, err
	}
	var r receipts
	if err := json.Unmarshal(text, &r); resp.StatusCode != http.StatusAccepted || err != nil || len(r.Alerts) != 1 {
		return true, fmt.Errorf("answered %d %s", resp.StatusCode, text)
	}
	s.incident, s.state = r.Alerts[0].Incident, r.Alerts[0].State
	return true, nil
}

// awaitQuiet waits until nothing more is to be delivered. Whatever comes
// later by itself comes within a second (list_every, phone), or after hours.
func awaitQuiet(t *testing.T, p *process) {
	t.Helper()
	const quiet = 2 * time.Second
	since := time.Now()
	await(t, time.Minute, "nothing waits in the outbox", func() (bool, error) {
		n, err := waiting(p.url)
		if err != nil || n > 0 {
			since = time.Now()
		}
		return time.Since(since) > quiet, err
	})
}

// A home is where a process that is started again and again serves now.
type home struct {
	mu      sync.Mutex
	url     string
	changed chan struct{}
}

func newHome() *home { return &home{changed: make(chan struct{})} }

func (p *home) move(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
	close(p.changed)
	p.changed = make(chan struct{})
}

// now gives the address and a channel that is closed when there is another.
func (p *home) now() (url string, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.url, p.changed
}
