package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker"
	"tebiki/bot/config"
	"tebiki/bot/sample"

	chatconsole "tebiki/adapters/chat/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An office is a running app whose people the test plays: what they do, they
// do by the API, or with the tracker, the chat and the phone of the console.
type office struct {
	*App
	t    *testing.T
	http *http.Client // how the API is called
}

// officeOptions are those of an office with the sample's people, know-how and
// inventory. What replaces is put into the sample's configuration.
func officeOptions(t testing.TB, replace ...string) Options {
	t.Helper()
	data, err := sampleConfig()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(append(replace, "listen: 127.0.0.1:8420", "listen: 127.0.0.1:0")...).Replace(string(data))
	cfg, err := config.Load(fstest.MapFS{sample.Config: {Data: []byte(text)}}, sample.Config, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Config: cfg, Files: sample.FS(), Data: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
}

func sampleConfig() ([]byte, error) {
	f, err := sample.FS().Open(sample.Config)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// openOffice runs an app until the test ends.
func openOffice(t *testing.T, replace ...string) *office {
	t.Helper()
	return runOffice(t, officeOptions(t, replace...))
}

func runOffice(t *testing.T, opt Options) *office {
	t.Helper()
	a, err := New(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return runApp(t, a)
}

func runApp(t *testing.T, a *App) *office {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	o := &office{a, t, http.DefaultClient}
	o.serves()
	return o
}

// serves waits until the console answers: a ticket that is made before the
// tracker is watched would be one from before the first start.
func (o *office) serves() {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.url()+"/healthz", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Close = true
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		o.t.Fatal(err)
	}
}

// ask sends a request and reads the answer's JSON into out.
func (o *office) ask(method, path string, body, out any) {
	o.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.url()+path, bytes.NewReader(data))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Close = true // a connection that is kept would look like a leak
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		o.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, answer, err)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		o.t.Fatalf("%s %s: %v: %s", method, path, err, answer)
	}
}

type alertReceipts struct {
	Alerts []struct{ Incident, State string }
}

// alert sends one alert and gives its incident and that one's state.
func (o *office) alert(a map[string]any) (incident, state string) {
	o.t.Helper()
	var r alertReceipts
	o.ask("POST", "/v1/alerts", a, &r)
	return r.Alerts[0].Incident, r.Alerts[0].State
}

// patienceOfTests is how long a test waits for what must come.
const patienceOfTests = 15 * time.Second

// until waits until something holds that only changes when changed says so.
func (o *office) until(changed func() <-chan struct{}, what string, holds func() bool) {
	o.t.Helper()
	late := time.After(patienceOfTests)
	for {
		ch := changed()
		if holds() {
			return
		}
		select {
		case <-ch:
		case <-late:
			o.t.Fatalf("not within %s: %s", patienceOfTests, what)
		}
	}
}

// message waits for a person's message that is as it should be. Of its key
// the beginning is enough.
func (o *office) message(to, key, what string, is func(chatconsole.Stored) bool) (found chatconsole.Stored) {
	o.t.Helper()
	o.until(o.App.messages.Watch, to+" has the message "+key+" "+what, func() bool {
		for _, m := range o.messages(to) {
			if strings.HasPrefix(m.Key, key) && is(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

func (o *office) messages(to string) []chatconsole.Stored {
	o.t.Helper()
	all, err := o.App.messages.Messages(o.t.Context(), to, 1000, "")
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// press presses a button of a message, as whoever has it.
func (o *office) press(m chatconsole.Stored, button, value string) {
	o.t.Helper()
	if _, err := o.App.messages.Press(o.t.Context(), m.To, m.Key, button, value); err != nil {
		o.t.Fatal(err)
	}
}

func hasButton(m chatconsole.Stored, id string) bool {
	return slices.ContainsFunc(m.Buttons, func(b chat.Button) bool { return b.ID == id })
}

// ticket waits for a ticket that is as it should be.
func (o *office) ticket(what string, is func(tracker.Ticket) bool) (found tracker.Ticket) {
	o.t.Helper()
	o.until(o.watchTickets(), what, func() bool {
		for _, tk := range o.tickets() {
			if is(tk) {
				found = tk
				return true
			}
		}
		return false
	})
	return found
}

func (o *office) tickets() []tracker.Ticket {
	o.t.Helper()
	all, err := o.tracker.List(o.t.Context(), tracker.Filter{Limit: 1000})
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// change changes a ticket, as somebody does in the tracker.
func (o *office) change(key string, c tracker.Change) {
	o.t.Helper()
	if _, err := o.tracker.Change(o.t.Context(), key, c); err != nil {
		o.t.Fatal(err)
	}
}

// incident is what the API says of one.
type incident struct {
	State, Ticket  string
	AcknowledgedBy string `json:"acknowledged_by"`
	Timeline       []struct{ Kind, Person, Channel, Text string }
}

func (o *office) incident(id string) (inc incident) {
	o.t.Helper()
	o.ask("GET", "/v1/incidents/"+id, nil, &inc)
	return inc
}

// incidentIs waits for an incident's state.
func (o *office) incidentIs(id, state string) incident {
	o.t.Helper()
	var inc incident
	o.until(func() <-chan struct{} { return o.runner.Changed(0) }, id+" is "+state, func() bool {
		inc = o.incident(id)
		return inc.State == state
	})
	return inc
}
