//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/bot/app"
	"tebiki/escalation"
	"tebiki/store/bolt"
)

// TestFullDisk runs the program where no file may grow beyond 24 MiB, which
// the kernel refuses much as a full disk does.
func TestFullDisk(t *testing.T) {
	data, config := t.TempDir(), workspaceWith(t, callConfiguration(0))
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	const limited = `trap "" XFSZ; ulimit -f 49152; exec "$@"` // blocks of 512 bytes
	args := append([]string{"-c", limited, "sh", path}, serveArgs(data, []string{"--config", config})...)
	p := launchCommand(t, exec.Command("sh", args...))
	p.awaitReady(t)

	accepted := fill(t, p.url)
	for range 3 {
		status, header, answer := post(t, p.url, bulk(1000))
		if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			t.Errorf("with a full disk alerts are answered %d %v %.200s", status, header, answer)
		}
	}
	if status, body, err := get(p.url + "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "no space left") {
		t.Errorf("with a full disk /readyz says %d %s %v", status, body, err)
	}
	if status, body, err := get(p.url + "/healthz"); status != http.StatusOK {
		t.Errorf("with a full disk /healthz says %d %s %v", status, body, err)
	}
	p.kill()

	p = start(t, data, "--config", config)
	if status, body, err := get(p.url + "/readyz"); status != http.StatusOK {
		t.Errorf("with room again /readyz says %d %s %v", status, body, err)
	}
	raise(t, p.url, "room.example.jp")
	p.terminate(t)
	checkStored(t, data, accepted)
}

// fill sends until it is refused, and gives what was accepted.
func fill(t *testing.T, url string) (accepted []map[string]any) {
	t.Helper()
	for n := range 100 {
		alerts := bulk(n)
		status, _, answer := post(t, url, alerts)
		var r receipts
		switch err := json.Unmarshal(answer, &r); {
		case status == http.StatusServiceUnavailable && n > 3:
			return accepted
		case status != http.StatusAccepted || err != nil || len(r.Alerts) != len(alerts):
			t.Fatalf("body %d was answered %d %.200s", n, status, answer)
		}
		accepted = append(accepted, alerts...)
	}
	t.Fatal("the disk does not fill")
	return nil
}

// bulk is the n-th body of large alerts, low and urgent ones in turn.
func bulk(n int) []map[string]any {
	severity := []string{"critical", "info"}[n%2]
	out := make([]map[string]any, 40)
	for i := range out {
		labels := map[string]string{}
		for l := range 60 {
			labels[fmt.Sprint("label ", l)] = strings.Repeat("x", 250)
		}
		out[i] = about(fmt.Sprintf("bulk-%d-%d.example.jp", n, i), "disk")
		out[i]["severity"], out[i]["labels"], out[i]["summary"] = severity, labels, fmt.Sprint("alert ", n, i)
	}
	return out
}

func checkStored(t *testing.T, data string, accepted []map[string]any) {
	t.Helper()
	st, err := bolt.Open(filepath.Join(data, app.File), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	c := read(t, st)
	for _, body := range accepted {
		a := escalation.Alert{Source: "test", Host: body["host"].(string), Check: "disk"}
		if c.signals[a.Fingerprint()]+c.low[body["summary"].(string)] != 1 {
			t.Errorf("the accepted alert of %s is not there once", a.Host)
		}
	}
	t.Logf("%d alerts outlived the full disk", len(accepted))
}
