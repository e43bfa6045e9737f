package source_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tebiki/adapters/source"
)

func TestGrafanaSamples(t *testing.T) { wantGolden(t, "grafana", source.ParseGrafana) }

// A recovery has the key of its problem, and the same labels in another
// organization have another.
func TestGrafanaKeys(t *testing.T) {
	key := func(body string) string {
		t.Helper()
		alerts, err := source.ParseGrafana([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return alerts[0].Key
	}
	const alert = `{"status":%q,"labels":{"alertname":"x"},"fingerprint":"aa"}`
	firing := key(`{"orgId":1,"alerts":[` + fmt.Sprintf(alert, "firing") + `]}`)
	for body, same := range map[string]bool{
		`{"orgId":1,"alerts":[` + fmt.Sprintf(alert, "resolved") + `]}`: true,
		`{"orgId":2,"alerts":[` + fmt.Sprintf(alert, "resolved") + `]}`: false,
	} {
		if got := key(body); (got == firing) != same {
			t.Errorf("%s has the key %q, the problem %q", body, got, firing)
		}
	}
	if a, b := key(`{"alerts":[{"status":"firing","labels":{"a":"1"}}]}`), key(`{"alerts":[{"status":"firing","labels":{"a":"2"}}]}`); a == b || a == "" {
		t.Errorf("without fingerprints the keys are %q and %q", a, b)
	}
}

func TestGrafanaRefuses(t *testing.T) {
	many := strings.Repeat(`{"status":"firing","fingerprint":"a"},`, source.MaxAlerts+1)
	for body, want := range map[string]string{
		``:                                "not JSON",
		`{"alerts":`:                      "not JSON",
		`null`:                            "the list is empty",
		`[]`:                              "where Grafana has another kind of value",
		`{"alerts":{}}`:                   "where Grafana has another kind of value",
		`{"alerts":[{"labels":{"a":1}}]}`: "where Grafana has another kind of value",
		`{"alerts":[{"labels":["a"]}]}`:   "where Grafana has another kind of value",
		`{"alerts":[{"values":7,"labels":{"a":"1"}}]}`:                         "where Grafana has another kind of value",
		`{"orgId":"x","alerts":[{}]}`:                                          "invalid number",
		`{"alerts":[]}`:                                                        "the list is empty",
		`{"alerts":[{"status":"firing"}]}`:                                     "no fingerprint and no labels",
		`{"alerts":[{"status":"pending","fingerprint":"a"}]}`:                  `"pending" is no status`,
		`{"alerts":[` + strings.TrimSuffix(many, ",") + `]}`:                   "set Max Alerts at the contact point",
		strings.Repeat(`{"alerts":[`, 1<<16):                                   "exceeded max depth",
		`{"alerts":` + strings.Repeat("[", 1<<19) + strings.Repeat("]", 1<<19): "",
	} {
		alerts, err := source.ParseGrafana([]byte(body))
		var f *source.Fault
		if alerts != nil || !errors.As(err, &f) || !strings.Contains(f.Error(), want) {
			t.Errorf("%.80s gives %d alerts, %v; want %q", body, len(alerts), err, want)
		}
	}
}

// What is odd and can be understood is taken, and is sound.
func TestGrafanaTakes(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	for body, want := range map[string]source.Alert{
		`{"status":"firing","alerts":[{"labels":{"alertname":"a\u0000b","instance":"[::1]:9100"},"values":{"B":"x","A":1e300},"panelURL":"javascript:alert(1)"}]}`: {Check: "a b", Host: "::1"},
		`{"alerts":[{"status":"firing","status":"resolved","fingerprint":"a","fingerprint":"b"}]}`:                                                                 {Key: "b", Resolved: true},
		`{"alerts":[{"status":"firing","fingerprint":"` + strings.Repeat("f", 1<<16) + `"}]}`:                                                                      {Key: strings.Repeat("f", source.MaxField-len("…")) + "…"},
		`{"orgId":9007199254740993,"alerts":[{"status":"firing","fingerprint":"a","extra":` + deep + `}]}`:                                                         {Key: "9007199254740993/a"},
		`{"alerts":[{"status":"firing","labels":{"alertname":"DatasourceNoData"}}]}`:                                                                               {Check: "DatasourceNoData"},
		`{"alerts":[{"status":"firing","labels":{"alertname":"Slow","rulename":"Lag"},"annotations":{"Error":"x"}}]}`:                                              {Check: "Slow"},
	} {
		alerts, err := source.ParseGrafana([]byte(body))
		if err != nil || len(alerts) != 1 {
			t.Errorf("%.80s gives %d alerts, %v", body, len(alerts), err)
			continue
		}
		wantSound(t, alerts)
		got := alerts[0]
		if got.Check != want.Check || got.Resolved != want.Resolved || got.Host != want.Host || want.Key != "" && got.Key != want.Key {
			t.Errorf("%.80s gives %+v, want %+v", body, got, want)
		}
		if got.Link != "" {
			t.Errorf("%.80s gives the link %q", body, got.Link)
		}
	}
}

// seeds adds all bodies of a folder to a fuzz target.
func seeds(f *testing.F, folder string) {
	names, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil || len(names) == 0 {
		f.Fatalf("no bodies in %s: %v", folder, err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

func FuzzGrafana(f *testing.F) {
	seeds(f, "grafana")
	f.Add([]byte(`{"alerts":[{"status":"firing","labels":{"alertname":"DatasourceError","rulename":"\ud800"},"values":{"":-0}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := source.ParseGrafana(body)
		if err != nil {
			wantFault(t, body, got, err)
			return
		}
		wantSound(t, got)
	})
}
