package source_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "alertmanager", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAlertmanagerSamples(t *testing.T) {
	for name, want := range map[string][]source.Alert{
		"firing.json": {
			{
				Source: "alertmanager", Key: "9d4a3c1b2e5f6071", Severity: "critical", Host: "db3.example.com", Service: "node",
				Check: "DiskAlmostFull", Summary: "/var is 91% full",
				Labels: map[string]string{
					"instance": "db3.example.com:9100", "job": "node", "mountpoint": "/var",
					"description": "The file system /var of db3.example.com will be full in 4 hours.", "runbook_url": "https://docs.example.com/disk",
				},
				Link: "https://prometheus.example.com/graph?g0.expr=node_filesystem_avail_bytes",
				At:   time.Date(2026, 3, 1, 4, 5, 6, 789e6, time.UTC),
			},
			{
				Source: "alertmanager", Key: "0c1d2e3f40516273", Severity: "critical", Host: "2001:db8::61", Service: "db",
				Check: "DiskAlmostFull", Summary: "DiskAlmostFull", Resolved: true,
				Labels: map[string]string{"instance": "[2001:db8::61]:9100", "job": "node"},
				Link:   "https://alertmanager.example.com", At: time.Date(2026, 2, 28, 19, 0, 0, 0, time.UTC),
			},
		},
		"lenient.json": {
			{
				Source: "alertmanager", Key: "72a2c37870c3ef67", Severity: "warning", Host: "shop.example.jp", Service: "blackbox",
				Check: "ProbeFailed", Summary: "ショップの監視に失敗しました",
				Labels: map[string]string{"instance": "https://shop.example.jp:8443/health?x=1", "job": "blackbox", "message": "ショップの監視に失敗しました"},
			},
			{
				Source: "alertmanager", Key: "f478cacfa13856ac", Severity: "none", Host: "mon2.example.com",
				Check: "Watchdog", Summary: "Watchdog", Labels: map[string]string{"hostname": "mon2.example.com"},
				At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
			},
		},
	} {
		got, err := source.ParseAlertmanager(sample(t, name))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", name, err, diff)
		}
	}
}

// am is a body with one alert of these labels and annotations.
func am(labels, annotations map[string]string) []byte {
	body, _ := json.Marshal(map[string]any{
		"version": "4", "status": "firing",
		"alerts": []any{map[string]any{"labels": labels, "annotations": annotations}},
	})
	return body
}

func TestAlertmanagerHosts(t *testing.T) {
	for instance, want := range map[string]string{
		"db1:9100": "db1", "db1.example.com": "db1.example.com", "192.0.2.1:9100": "192.0.2.1", "192.0.2.1": "192.0.2.1",
		"[2001:db8::1]:9100": "2001:db8::1", "2001:db8::1": "2001:db8::1", "[2001:db8::1]": "2001:db8::1", "[fe80::1%eth0]:1": "fe80::1%eth0",
		"http://www.example.com/x:y": "www.example.com", "https://[2001:db8::1]:443/": "2001:db8::1", "tcp://db1:5432": "db1",
		":9100": "fallback", "": "fallback", "http://": "fallback", "a b": "a b", "a:b:c": "a:b:c",
	} {
		got, err := source.ParseAlertmanager(am(map[string]string{"instance": instance, "node": "fallback"}, nil))
		if err != nil || got[0].Host != want {
			t.Errorf("instance %q gives %v, %v, want %q", instance, got, err, want)
		}
	}
}

func TestAlertmanagerKeyWithoutFingerprint(t *testing.T) {
	key := func(labels map[string]string) string {
		got, err := source.ParseAlertmanager(am(labels, nil))
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Key
	}
	keys := map[string]bool{}
	all := []map[string]string{{"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "b 1 c 0 "}, {"a": "b"}}
	for _, labels := range all {
		first := key(labels)
		if again := key(labels); again != first {
			t.Errorf("%v has the keys %s and %s", labels, first, again)
		}
		keys[first] = true
	}
	if len(keys) != len(all) {
		t.Errorf("%d sets of labels have %d keys", len(all), len(keys))
	}
}

// TestAlertmanagerHostile holds what monitoring systems may carry against
// what everybody after relies on: nothing of it is refused.
func TestAlertmanagerHostile(t *testing.T) {
	long := strings.Repeat("漢字 ", 10_000)
	many := map[string]string{}
	for i := range 500 {
		many[fmt.Sprint("label", i)] = "v"
	}
	for name, body := range map[string][]byte{
		"long":    am(map[string]string{"alertname": long, "instance": long, "job": long, "severity": long, long: long}, map[string]string{"summary": long}),
		"many":    am(many, many),
		"control": am(map[string]string{"alertname": "a\x00\x1b[2J\nb", "instance": "x\ny:1", "\x01": "\x02"}, map[string]string{"summary": "\u0085\x7f"}),
		"latin1":  []byte("{\"version\":\"4\",\"status\":\"firing\",\"alerts\":[{\"labels\":{\"alertname\":\"caf\xe9\"}}]}"),
		"null":    []byte(`{"version":"4","alerts":[{"status":"firing","fingerprint":"f","labels":null}]}`),
		"blank":   am(map[string]string{"": ""}, nil),
	} {
		got, err := source.ParseAlertmanager(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantSound(t, got)
	}
}

func TestAlertmanagerFaults(t *testing.T) {
	for body, want := range map[string][2]string{
		``:                              {"", "not JSON"},
		`{"version":"4"`:                {"", "not JSON"},
		`{"version":"4"} x`:             {"", "not JSON"},
		`[]`:                            {"", "array stands where"},
		`{}`:                            {"version", `"" is not known`},
		`{"version":"5","alerts":[{}]}`: {"version", `"5" is not known`},
		`{"version":4,"alerts":[{}]}`:   {"version", "number stands where"},
		`{"version":"4"}`:               {"alerts", "empty or missing"},
		`{"version":"4","alerts":[]}`:   {"alerts", "empty or missing"},
		`{"version":"4","alerts":{}}`:   {"alerts", "object stands where"},
		`{"version":"4","alerts":[{}]}`: {"alerts[0]", "no fingerprint and no labels"},
		`{"version":"4","alerts":[{"fingerprint":" \u0000"}]}`:                                                                             {"alerts[0]", "no fingerprint and no labels"},
		`{"version":"4","alerts":[null]}`:                                                                                                  {"alerts[0]", "no fingerprint and no labels"},
		`{"version":"4","alerts":[{"labels":{"a":1}}]}`:                                                                                    {"alerts.labels", "number stands where"},
		`{"version":"4","alerts":[{"labels":{"a":"b"}}]}`:                                                                                  {"alerts[0].status", `"" is no status`},
		`{"version":"4","status":"firing","alerts":[{"fingerprint":"f"},{"status":"x","fingerprint":"g"}]}`:                                {"alerts[1].status", `"x" is no status`},
		`{"version":"4","status":"firing","alerts":[` + strings.Repeat(`{"fingerprint":"f"},`, source.MaxAlerts) + `{"fingerprint":"f"}]}`: {"alerts", "10001 alerts"},
	} {
		got, err := source.ParseAlertmanager([]byte(body))
		var f *source.Fault
		if !errors.As(err, &f) || got != nil || f.Path != want[0] || !strings.Contains(f.What, want[1]) {
			t.Errorf("%.80s: %#v, want %q", body, err, want)
		}
	}
}

func FuzzAlertmanager(f *testing.F) {
	f.Add(sample(f, "firing.json"))
	f.Add(sample(f, "lenient.json"))
	f.Add(am(map[string]string{"": "\x00"}, map[string]string{"summary": "\u202e"}))
	f.Add([]byte(`{"version":"4","alerts":[{"status":"resolved","fingerprint":" ","endsAt":"9999-12-31T23:59:59Z"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := source.ParseAlertmanager(body)
		if err != nil {
			wantFault(t, body, got, err)
			return
		}
		wantSound(t, got)
		again, err := source.ParseAlertmanager(body)
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("%q read twice differs: %v\n%s", body, err, diff)
		}
	})
}

func BenchmarkAlertmanager(b *testing.B) {
	body := sample(b, "firing.json")
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := source.ParseAlertmanager(body); err != nil {
			b.Fatal(err)
		}
	}
}
