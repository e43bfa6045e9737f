package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// callConfiguration calls tanaka some time after the message, and then does
// nothing for hours.
func callConfiguration(after time.Duration) string {
	return fmt.Sprintf(`
policies:
  calls: {team: infra-jp, steps: [{who: tanaka, chat: 0s, phone: %s, next: 5h}], leader: {phone: 5h, every: 10h}}
phone: {ring: 60s}
`, after)
}

// post sends alerts, a value for JSON, and gives the answer.
func post(t *testing.T, url string, alerts any) (status int, header http.Header, answer []byte) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url+"/v1/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, answer
}

// raise sends an alert that opens an incident, and gives the incident's id.
func raise(t *testing.T, url, host string) string {
	t.Helper()
	status, _, answer := post(t, url, about(host, "ping"))
	var r receipts
	if err := json.Unmarshal(answer, &r); status != http.StatusAccepted || err != nil || len(r.Alerts) != 1 || r.Alerts[0].State != "open" {
		t.Fatalf("the alert was answered %d %s", status, answer)
	}
	return r.Alerts[0].Incident
}

// called gives when an incident's first call was made.
func called(url, incident string) (at time.Time, ok bool, err error) {
	_, body, err := get(url + "/v1/incidents/" + incident)
	if err != nil {
		return at, false, err
	}
	var page struct {
		Timeline []struct {
			At            time.Time
			Kind, Channel string
		}
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		return at, false, fmt.Errorf("%w: %s", err, body)
	}
	for _, e := range page.Timeline {
		if e.Kind == "page" && e.Channel == "phone" {
			return e.At, true, nil
		}
	}
	return at, false, nil
}

// ringing tells whether a call is on.
func ringing(url string) (bool, error) {
	_, body, err := get(url + "/metrics")
	return strings.Contains(body, `tebiki_outbox_running{destination="phone"} 1`), err
}

// What was due while the process was down is done when it is up, and not a
// delay later.
func TestTimersDueAtStart(t *testing.T) {
	const delay = 3 * time.Second
	data, config := t.TempDir(), workspaceWith(t, callConfiguration(delay))
	p := start(t, data, "--config", config)
	incident := raise(t, p.url, "db1.example.jp")
	p.kill()
	if _, called, _ := called(p.url, incident); called {
		t.Fatal("the process that was killed still answers")
	}
	<-time.After(delay) // the call is due meanwhile

	p = start(t, data, "--config", config)
	await(t, delay, "the call that was due is made", func() (bool, error) {
		_, ok, err := called(p.url, incident)
		return ok, err
	})
	at, _, _ := called(p.url, incident)
	if late := at.Sub(p.served); late > delay-time.Second {
		t.Errorf("the call was made %s after the start", late)
	}
	p.terminate(t)
}

// An open page of the console, a ringing phone and an alert that never comes
// whole do not hold up the end, and the phone rings again after the next start.
func TestTerminate(t *testing.T) {
	data, config := t.TempDir(), workspaceWith(t, callConfiguration(0))
	p := start(t, data, "--config", config)
	incident := raise(t, p.url, "db1.example.jp")
	await(t, 10*time.Second, "the phone rings", func() (bool, error) { return ringing(p.url) })
	stream, err := http.Get(p.url + "/events?on=incidents")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	first := make([]byte, len("event:"))
	if _, err := io.ReadFull(stream.Body, first); err != nil || string(first) != "event:" {
		t.Fatalf("the stream begins with %q, %v", first, err)
	}
	half, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	fmt.Fprintf(half, "POST /v1/alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	p.terminate(t)
	if _, err := io.Copy(io.Discard, stream.Body); err != nil {
		t.Errorf("the stream was cut off instead of ended: %v", err)
	}

	p = start(t, data, "--config", config)
	await(t, 10*time.Second, "the phone rings again", func() (bool, error) { return ringing(p.url) })
	if at, ok, err := called(p.url, incident); !ok || err != nil || at.After(p.served) {
		t.Errorf("the call has become another one: %v, %v, %v", at, ok, err)
	}
	p.terminate(t)
}

// Two processes must not work on one folder: both would call people.
func TestSecondProcess(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, serveArgs(data, nil)...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), data) || !strings.Contains(string(out), "another") {
		t.Errorf("a second process on the same folder: %v, and says: %s", err, out)
	}
	if status, body, err := get(p.url + "/readyz"); status != http.StatusOK {
		t.Errorf("the first answers %d %s %v", status, body, err)
	}
	p.terminate(t)
}
