package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tebiki/adapters/phone"
	"tebiki/adapters/phone/asterisk/asterisktest"
)

const lines = 30

// kinds are people of all kinds, and what becomes of a call to each.
var kinds = []struct {
	script  asterisktest.Script
	outcome phone.Outcome
}{
	{asterisktest.Script{Answer: 3 * time.Second, Then: []asterisktest.Step{{After: 2 * time.Second, Key: "1"}}}, phone.Acknowledged},
	{asterisktest.Script{Answer: 5 * time.Second, Then: []asterisktest.Step{{After: 4 * time.Second, Key: "2"}}}, phone.PassedOn},
	{asterisktest.Script{Answer: time.Second, Then: []asterisktest.Step{{After: time.Second, Key: "9"}, {After: 3 * time.Second, Key: "0"}, {After: 3 * time.Second, Key: "1"}}}, phone.Acknowledged},
	{asterisktest.Script{Answer: 2 * time.Second}, phone.Heard},
	{asterisktest.Script{Then: []asterisktest.Step{{After: time.Second, HangUp: true}}}, phone.Heard},
	{asterisktest.Script{Ending: asterisktest.Never}, phone.NotAnswered},
	{asterisktest.Script{Ending: asterisktest.Busy}, phone.Busy},
	{asterisktest.Script{Ending: asterisktest.Rejects, Answer: 2 * time.Second}, phone.Unreachable},
	{asterisktest.Script{Ending: asterisktest.Congested}, phone.Failed},
	{asterisktest.Script{Unregistered: true}, phone.Unreachable},
}

// TestLoad makes 500 calls to people of all kinds on 30 lines: every one gets
// its own result.
func TestLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, asterisktest.WithSeed(9), asterisktest.WithoutRecord())
		free := make(chan struct{}, lines)
		var all sync.WaitGroup
		for i := range 500 {
			kind := kinds[i%len(kinds)]
			call := w.call(w.person(kind.script))
			all.Go(func() {
				free <- struct{}{}
				defer func() { <-free }()
				if r, err := w.a.Call(t.Context(), call); err != nil || r.Outcome != kind.outcome {
					t.Errorf("call %d: %+v, %v, want %s", i, r, err, kind.outcome)
				}
			})
		}
		all.Wait()
		if most := w.fake.MostAtOnce(); most != lines {
			t.Errorf("%d calls were on at once, want %d", most, lines)
		}
		if left := w.fake.Channels(); len(left) > 0 {
			t.Errorf("channels are left: %v", left)
		}
		if len(w.a.boxes) > 0 || len(w.a.calls) > 0 {
			t.Errorf("%d mailboxes and %d calls are kept", len(w.a.boxes), len(w.a.calls))
		}
	})
}

// A clock notes when each call is originated.
type clock struct {
	http.RoundTripper
	at sync.Map // by endpoint
}

func (c *clock) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.URL.Path == "/ari/channels" {
		now := time.Now()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var body struct{ Endpoint string }
		if err := json.Unmarshal(b, &body); err != nil {
			return nil, err
		}
		c.at.Store(body.Endpoint, now)
		r.Body = io.NopCloser(bytes.NewReader(b))
	}
	return c.RoundTripper.RoundTrip(r)
}

// BenchmarkCallToOriginate is how long it takes from a call to its originate
// request over sockets, while as many calls are on as there are lines.
func BenchmarkCallToOriginate(b *testing.B) {
	fake := asterisktest.New(b, asterisktest.WithoutRecord())
	timing := &clock{RoundTripper: fake.Transport()}
	voice := says("sound:hello-world")
	a, err := New(Options{
		URL: fake.URL(), User: asterisktest.User, Password: asterisktest.Password, Voice: voice, Spare: voice, Transport: timing, Dialer: fake.Dialer(),
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = a.Run(ctx) }()
	defer func() { cancel(); <-done }()
	for up := false; !up; {
		var change <-chan struct{}
		if up, _, change, _ = a.link.state(); !up {
			<-change
		}
	}
	to := make([]string, b.N)
	for i := range to {
		to[i] = fmt.Sprint("PJSIP/person", i)
		fake.Person(to[i], asterisktest.Script{Ending: asterisktest.Busy, Answer: 20 * time.Millisecond})
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range lines {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				began := time.Now()
				r, err := a.Call(ctx, phone.Call{ID: to[i], To: to[i], Lang: "en", Ring: time.Minute, Prompt: phone.Texts("x")})
				if err != nil || r.Outcome != phone.Busy {
					b.Errorf("%+v, %v", r, err)
				}
				if at, ok := timing.at.Load(to[i]); ok {
					took[i] = at.(time.Time).Sub(began)
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}
