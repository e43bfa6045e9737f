package source_test

import (
	"errors"
	"strings"
	"testing"

	"tebiki/adapters/source"
)

func TestZabbixSamples(t *testing.T) { wantGolden(t, "zabbix", source.ParseZabbix) }

// One trigger may have several problems at once, which end one by one.
func TestZabbixRecoveryEndsItsProblemAlone(t *testing.T) {
	key := func(body string) (string, bool) {
		t.Helper()
		alerts, err := source.ParseZabbix([]byte(body))
		if err != nil || len(alerts) != 1 {
			t.Fatalf("%s: %d alerts, %v", body, len(alerts), err)
		}
		return alerts[0].Key, alerts[0].Resolved
	}
	first, _ := key(`{"source":"0","value":"1","event_id":"1","trigger_id":"7","event_name":"a line in the log"}`)
	second, _ := key(`{"source":"0","value":"1","event_id":"2","trigger_id":"7","event_name":"a line in the log"}`)
	over, resolved := key(`{"source":"0","value":"0","event_id":"1","trigger_id":"7","event_name":"a line in the log"}`)
	if first == second || over != first || !resolved {
		t.Errorf("the problems have the keys %q and %q, the recovery %q", first, second, over)
	}
	// Who knows that there are no such triggers may say so.
	if got, _ := key(`{"source":"0","value":"1","event_id":"1","trigger_id":"7","key":"7","event_name":"x"}`); got != "7" {
		t.Errorf("the key that was asked for became %q", got)
	}
}

// Two servers count their events from one, each for itself.
func TestZabbixServersHaveKeysOfTheirOwn(t *testing.T) {
	key := func(value, where string) string {
		t.Helper()
		alerts, err := source.ParseZabbix([]byte(`{"source":"0","value":"` + value + `","event_id":"17502","trigger_id":"7","event_name":"down",` + where + `}`))
		if err != nil || len(alerts) != 1 {
			t.Fatalf("%s: %d alerts, %v", where, len(alerts), err)
		}
		return alerts[0].Key
	}
	long := strings.Repeat("h", 600)
	seen := map[string]string{}
	for _, where := range []string{
		`"host":"web01"`, `"host":"db01"`, `"host":"*UNKNOWN*","host_name":"db02"`,
		`"host":"web01","key":"24011"`, `"host":"db01","key":"24011"`,
		`"host":"*UNKNOWN*","zabbix_url":"https://tokyo.example.jp/zabbix/"`, `"zabbix_url":"https://osaka.example.jp/zabbix/"`,
		`"zabbix_url":"{$ZABBIX.URL}"`, `"host":"` + long + `"`, `"host":"` + long + `","key":"24011"`,
	} {
		problem := key("1", where)
		if recovery := key("0", where); recovery != problem {
			t.Errorf("%.60s: the problem has the key %q, its recovery %q", where, problem, recovery)
		}
		if other, taken := seen[problem]; taken || len(problem) > source.MaxField {
			t.Errorf("%.60s has the key %q of %.60s", where, problem, other)
		}
		seen[problem] = where
	}
}

func TestZabbixRefuses(t *testing.T) {
	for body, want := range map[string]string{
		``:     "not JSON",
		`[]`:   "where the media type has another kind of value",
		`"x"`:  "where the media type has another kind of value",
		`null`: "source",
		`{}`:   "source",
		`{"source":"1","value":"1","event_id":"1","event_name":"x"}`:                            "take the media type out of actions for discovery",
		`{"source":["0"],"value":"1","event_id":"1","event_name":"x"}`:                          "source",
		`{"source":"0","value":"2","event_id":"1","event_name":"x"}`:                            `"2" is no state`,
		`{"source":"0","value":"{EVENT.VALUE}","event_id":"1"}`:                                 "value",
		`{"source":"0","value":"1","event_id":"{EVENT.ID}","event_name":"x","key":"*UNKNOWN*"}`: "event_id",
		`{"source":"0","value":"1","event_id":"1","event_name":"*UNKNOWN*"}`:                    "event_name",
		strings.Repeat(`{"a":`, 1<<16):                                                          "not JSON",
	} {
		alerts, err := source.ParseZabbix([]byte(body))
		var f *source.Fault
		if alerts != nil || !errors.As(err, &f) || !strings.Contains(f.Error(), want) {
			t.Errorf("%.80s gives %v, %v; want %q", body, alerts, err, want)
		}
	}
}

func TestZabbixTakes(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for body, want := range map[string]source.Alert{
		`{"source":0,"value":1,"event_id":17502,"nseverity":2,"event_name":"a\u0000b","host":"h"}`:                  {Key: "h 17502", Severity: "warning", Summary: "a b"},
		`{"source":"4","value":"0","event_id":"1","severity":"高","event_name":"x","recovery_timestamp":"-5"}`:       {Key: "1", Severity: "高", Summary: "x", Resolved: true},
		`{"source":"0","value":"1","event_id":"1","nseverity":"9","event_name":"x","tags":"[{\"tag\":7}]"}`:         {Key: "1", Summary: "x"},
		`{"source":"0","value":"1","event_id":"1","event_id":"2","event_name":"{x}","tags":"` + long + `"}`:         {Key: "2", Summary: "{x}"},
		`{"source":"0","value":"1","event_id":"1","event_name":"x","trigger_id":"1&x=2","zabbix_url":"https://z/"}`: {Key: "z 1", Summary: "x"},
	} {
		alerts, err := source.ParseZabbix([]byte(body))
		if err != nil || len(alerts) != 1 {
			t.Errorf("%.80s gives %d alerts, %v", body, len(alerts), err)
			continue
		}
		wantSound(t, alerts)
		a := alerts[0]
		if a.Key != want.Key || a.Severity != want.Severity || a.Summary != want.Summary || a.Resolved != want.Resolved || !a.At.IsZero() || a.Link != "" {
			t.Errorf("%.80s gives %+v, want %+v", body, a, want)
		}
	}
}

func FuzzZabbix(f *testing.F) {
	seeds(f, "zabbix")
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := source.ParseZabbix(body)
		if err != nil {
			wantFault(t, body, got, err)
			return
		}
		if len(got) > 0 {
			wantSound(t, got)
		}
	})
}
