package app

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tebiki/bot/config"
	"tebiki/bot/sample"
	"tebiki/escalation"

	chatconsole "tebiki/adapters/chat/console"
	phoneconsole "tebiki/adapters/phone/console"
)

// The benchmarks measure ratios within one run: machines drift, and a number
// of alerts per second says little about another machine.

var benchAlerts = flag.Int("bench-alerts", 20000, "alerts that each accepting benchmark sends")

// serve runs an app on the sample workspace and a free port until the test ends.
func serve(tb testing.TB, data string, change ...func(*config.Config)) (*App, string) {
	tb.Helper()
	cfg, err := config.Load(sample.FS(), sample.Config, os.LookupEnv)
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Listen, cfg.URL = "127.0.0.1:0", "http://127.0.0.1"
	for _, fn := range change {
		fn(cfg)
	}
	a, err := New(tb.Context(), Options{Config: cfg, Files: sample.FS(), Data: data, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	})
	return a, "http://" + a.Addr().String()
}

// client keeps a connection for each sender.
func client(senders int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders, MaxConnsPerHost: senders}}
}

func post(c *http.Client, url string, body []byte) error {
	resp, err := c.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s answered %s", url, resp.Status)
	}
	return nil
}

// send posts n bodies from so many senders and gives how many a second were
// answered 202.
func send(b *testing.B, url string, senders, n int, body func(i int) []byte) float64 {
	c := client(senders)
	defer c.CloseIdleConnections()
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range senders {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if err := post(c, url, body(int(i))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(began).Seconds()
}

// alertBody is an alert that nobody has sent before.
func alertBody(i int) []byte {
	return fmt.Appendf(nil, `{"source":"bench","host":"host%d.example.jp","service":"service%d","check":"disk /var","severity":"critical","summary":"disk /var is 98%% full on host%d","labels":{"dc":"tokyo","rack":"r12"}}`, i, i, i)
}

// bareJSON is the least that a server could do with an alert: read it, decode
// it, and say 202.
func bareJSON(b *testing.B) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v struct {
			Source, Host, Service, Check, Severity, Summary string
			Labels                                          map[string]string
		}
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"alerts":[{"id":"I-1/1","incident":"I-1","state":"open"}]}`)
	})}
	go func() { _ = srv.Serve(ln) }()
	b.Cleanup(func() { _ = srv.Close() })
	return "http://" + ln.Addr().String()
}

// syncs is how often a second this disk makes something durable.
func syncs(b *testing.B) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	const n = 500
	began := time.Now()
	for i := range n {
		if _, err := f.WriteAt(block, int64(i%16)*4096); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return n / time.Since(began).Seconds()
}

// BenchmarkAccept measures alerts that are durable when they are answered,
// every one new, one a POST, beside a bare JSON handler and the disk's syncs.
func BenchmarkAccept(b *testing.B) {
	for _, senders := range []int{64, 256} {
		b.Run(strconv.Itoa(senders), func(b *testing.B) {
			bare := bareJSON(b)
			_, url := serve(b, b.TempDir())
			n := *benchAlerts
			for b.Loop() {
				plain := send(b, bare, senders, n, alertBody)
				real := send(b, url+"/v1/alerts", senders, n, alertBody)
				again := send(b, bare, senders, n, alertBody)
				b.ReportMetric(real, "alerts/s")
				b.ReportMetric(real/((plain+again)/2), "of-bare-JSON")
				b.ReportMetric(real/syncs(b), "alerts/sync")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// raised is how many incidents a latency benchmark raises, each by a policy of
// its own: so none of them is taken into a storm, the load's least of all.
const raised = 200

// BenchmarkLatency measures the time from the POST of an alert to its message
// and to its ringing phone, which the policies use at once: alone, and while
// others arrive at 1,000 a second and are taken into a storm.
func BenchmarkLatency(b *testing.B) {
	for _, load := range []int{0, 1000} {
		b.Run("while-"+strconv.Itoa(load)+"-a-second", func(b *testing.B) {
			a, url := serve(b, b.TempDir(), ownPolicies)
			stop := background(b, url, load)
			defer stop()
			var push, ring []time.Duration
			for round := 0; b.Loop(); round++ {
				p, r := pages(b, a, url, round)
				push, ring = append(push, p...), append(ring, r...)
			}
			report(b, "push", push)
			report(b, "ring", ring)
			b.ReportMetric(0, "ns/op")
		})
	}
}

func ownPolicies(cfg *config.Config) {
	like := cfg.Rules.Policies["platform-en"]
	for i := range raised {
		p := *like
		p.Name = fmt.Sprint("bench", i)
		p.Steps = slices.Clone(like.Steps)
		p.Steps[0].Via = []escalation.Delayed{{Channel: escalation.Chat}, {Channel: escalation.Phone}}
		cfg.Rules.Policies[p.Name] = &p
		cfg.Rules.Routes = slices.Insert(cfg.Rules.Routes, 0, escalation.Route{Policy: p.Name,
			Match: map[string]escalation.Pattern{"labels.bench": escalation.Pattern(fmt.Sprint(i))}})
	}
}

// background sends alerts of one storm at a rate until it is stopped.
func background(b *testing.B, url string, rate int) (stop func()) {
	if rate == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	const senders = 8
	c := client(senders)
	var n atomic.Int64
	for range senders {
		wg.Go(func() {
			tick := time.NewTicker(time.Second * senders / time.Duration(rate))
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					if err := post(c, url+"/v1/alerts", alertBody(int(n.Add(1)))); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	return func() { cancel(); wg.Wait(); c.CloseIdleConnections() }
}

// pages raises incidents one after the other and gives how long each took
// from the POST to its message and to its ringing phone.
func pages(b *testing.B, a *App, url string, round int) (push, ring []time.Duration) {
	c := client(1)
	defer c.CloseIdleConnections()
	for i := range raised {
		began := time.Now()
		id := raise(b, c, url, fmt.Sprint(round, "-", i), i)
		p := until(b, a.messages.Watch, began, func() bool { return hasMessage(b, a, "incident/"+id.String()) })
		r := until(b, a.phone.Watch, began, func() bool { return rings(a, id) })
		push, ring = append(push, p), append(ring, r)
		if _, err := a.runner.Submit(context.Background(), escalation.Ack{Incident: id, Person: "lee"}); err != nil {
			b.Fatal(err)
		}
		until(b, a.phone.Watch, began, func() bool { return !rings(a, id) })
	}
	return push, ring
}

// until waits for something to be true and gives the time since began.
func until(b *testing.B, changed func() <-chan struct{}, began time.Time, done func() bool) time.Duration {
	deadline := time.After(30 * time.Second)
	for {
		news := changed()
		if done() {
			return time.Since(began)
		}
		select {
		case <-news:
		case <-deadline:
			b.Fatal("a page did not come within 30 seconds")
		}
	}
}

// raise sends the alert of a service that no other alert is about.
func raise(b *testing.B, c *http.Client, url, name string, policy int) escalation.ID {
	body := fmt.Sprintf(`{"source":"latency","host":"%[1]s.example.com","service":"%[1]s","labels":{"bench":"%[2]d"},"check":"http","severity":"critical","summary":"%[1]s does not answer"}`, name, policy)
	resp, err := c.Post(url+"/v1/alerts", "application/json", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var r struct{ Alerts []struct{ Incident string } }
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil || len(r.Alerts) != 1 {
		b.Fatalf("answer %s: %v", resp.Status, err)
	}
	id, err := escalation.ParseID(r.Alerts[0].Incident)
	if err != nil {
		b.Fatal(err)
	}
	return id
}

func hasMessage(b *testing.B, a *App, key string) bool {
	for _, p := range a.cfg.Roster.Members("platform-en") {
		msgs, err := a.messages.Messages(context.Background(), p.Chat, 3, "")
		if err != nil {
			b.Fatal(err)
		}
		if slices.ContainsFunc(msgs, func(m chatconsole.Stored) bool { return m.Key == key }) {
			return true
		}
	}
	return false
}

func rings(a *App, id escalation.ID) bool {
	for _, p := range a.cfg.Roster.Members("platform-en") {
		for _, v := range a.phone.Calls(p.Phone) {
			if v.State == phoneconsole.Ringing && strings.HasPrefix(v.ID, id.String()+"/") {
				return true
			}
		}
	}
	return false
}

func report(b *testing.B, what string, times []time.Duration) {
	slices.Sort(times)
	at := func(q float64) float64 {
		return float64(times[int(q*float64(len(times)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.50), what+"-p50-ms")
	b.ReportMetric(at(0.99), what+"-p99-ms")
}
