package source_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tebiki/adapters/source"
)

const whole = `{
  "source": "zabbix", "key": "trigger-1234", "severity": "critical", "host": "db1.example.com",
  "service": "db", "check": "disk /var", "summary": "ディスク 91% \"used\"",
  "labels": {"rack": "r12", "ラック": "\ud83d\ude00 \u00e9\/\\"}, "link": "https://zabbix.example/t?id=1&x=2",
  "status": "resolved", "at": "2026-01-02T03:04:05+09:00"
}`

func TestParseWhole(t *testing.T) {
	want := source.Alert{
		Source: "zabbix", Key: "trigger-1234", Severity: "critical", Host: "db1.example.com",
		Service: "db", Check: "disk /var", Summary: `ディスク 91% "used"`,
		Labels: map[string]string{"rack": "r12", "ラック": `😀 é/\`}, Link: "https://zabbix.example/t?id=1&x=2",
		Resolved: true, At: time.Date(2026, 1, 1, 18, 4, 5, 0, time.UTC),
	}
	got, err := source.Parse([]byte(whole))
	if diff := cmp.Diff([]source.Alert{want}, got); err != nil || diff != "" {
		t.Errorf("one (-want +got): %v\n%s", err, diff)
	}
	got, err = source.Parse([]byte(" [" + whole + " ,\n" + whole + "]\t"))
	if diff := cmp.Diff([]source.Alert{want, want}, got); err != nil || diff != "" {
		t.Errorf("a list (-want +got): %v\n%s", err, diff)
	}
}

func TestParseTakes(t *testing.T) {
	long := strings.Repeat("漢", 3000)
	for body, want := range map[string]source.Alert{
		`{"host":"a","check":"c"}`:                                     {Host: "a", Check: "c"},
		`{"key":"k","summary":"s"}`:                                    {Key: "k", Summary: "s"},
		`{"host":"a","check":"c","status":"firing"}`:                   {Host: "a", Check: "c"},
		`{"host":"a","check":"c","labels":{}}`:                         {Host: "a", Check: "c"},
		`{"host":"a","check":"c","link":"","source":""}`:               {Host: "a", Check: "c"},
		`{"host":"a","summary":" one\n\ttwo\r\n"}`:                     {Host: "a", Summary: "one two"},
		`{"\u0068ost":"a","check":"\u0063"}`:                           {Host: "a", Check: "c"},
		`{"host":"a","summary":"` + long + `"}`:                        {Host: "a", Summary: long[:4092] + "…"},
		`{"host":"` + long[:255] + `a","check":"<b>;$(rm -rf /)"}`:     {Host: long[:255] + "a", Check: "<b>;$(rm -rf /)"},
		`{"host":"a","check":"c","labels":{"a":"` + long[:255] + `"}}`: {Host: "a", Check: "c", Labels: map[string]string{"a": long[:255]}},
	} {
		got, err := source.Parse([]byte(body))
		if diff := cmp.Diff([]source.Alert{want}, got); err != nil || diff != "" {
			t.Errorf("%.80s (-want +got): %v\n%s", body, err, diff)
		}
	}
}

// TestFaults gives for each body the path, what stands at the offset, and a
// part of the sentence.
func TestFaults(t *testing.T) {
	long := strings.Repeat("x", 257)
	for body, want := range map[string][3]string{
		``:                                  {"", "", "there is the end"},
		`null`:                              {"", "null", "null: leave"},
		`"x"`:                               {"", `"x"`, "there is text"},
		`[]`:                                {"", "]", "the list is empty"},
		`{}`:                                {"", "{}", "no key and no host"},
		`[{"host":"a","check":"c"},{}]`:     {"[1]", "{}]", "no key and no host"},
		`[{"host":"a","check":"c"},]`:       {"[1]", "]", "an alert {...} is wanted"},
		`[{"host":"a","check":"c"}`:         {"", "", "',' or ']'"},
		`{"host":"a"}`:                      {"", `{"host`, "no summary and no check"},
		`{"check":"a"}`:                     {"", `{"check`, "no key and no host"},
		`{"host":" ","check":"c"}`:          {"", `{"host`, "no key and no host"},
		`{"host":"a","chekc":"c"}`:          {"", `"chekc"`, `no field "chekc": there are source, key`},
		`{"Host":"a"}`:                      {"", `"Host"`, "no field"},
		`{"host":"a","host":"b"}`:           {"", `"host":"b"`, "given twice"},
		`{"host":"a","\u0068ost":"b"}`:      {"", `"\u0068`, "given twice"},
		`{"host":1}`:                        {"host", "1}", "a number: put it in quotes"},
		`{"host":null}`:                     {"host", "null}", "leave the field out"},
		`{"host":true}`:                     {"host", "true}", "a truth value"},
		`{"host":["a"]}`:                    {"host", `["a"]`, "a list"},
		`{"labels":["a"]}`:                  {"labels", `["a"]`, "an object of texts"},
		`{"labels":{"a":1}}`:                {`labels["a"]`, "1}}", "a number"},
		`{"labels":{"a":{}}}`:               {`labels["a"]`, "{}}}", "an object"},
		`{"labels":{"a":"1","a":"2"}}`:      {"labels", `"a":"2"`, `the label "a" is given twice`},
		`{"labels":{"":"1"}}`:               {"labels", `"":`, "has no name"},
		`{"labels":{"a":"1",}}`:             {"labels", `}}`, "text in quotes"},
		`{"labels":{"a":"1"`:                {"labels", ``, "',' or '}'"},
		`{"host":"a",}`:                     {"", `}`, "text in quotes"},
		`{"host" "a"}`:                      {"", `"a"`, "':' is wanted"},
		`{"host":"a" "check":"c"}`:          {"", `"check`, "',' or '}'"},
		`{"host":"a","check":"c"} x`:        {"", "x", "nothing may follow"},
		`{"host":"a","check":"c"}{}`:        {"", "{}", "nothing may follow"},
		`{"host":"a`:                        {"host", "", "no closing quote"},
		`{"host":"a\`:                       {"host", `\`, "no such escape"},
		`{"host":"a\x"}`:                    {"host", `\x`, "no such escape"},
		`{"host":"a\u12"}`:                  {"host", `\u12`, "four hexadecimal"},
		`{"host":"\ud800"}`:                 {"host", `\ud800`, "four hexadecimal"},
		`{"host":"\ud800\u0041"}`:           {"host", `\ud800`, "four hexadecimal"},
		`{"host":"\udc00\ud800"}`:           {"host", `\udc00`, "four hexadecimal"},
		"{\"host\":\"a\x00b\"}":             {"host", "\x00b", "U+0000"},
		"{\"host\":\"a\nb\"}":               {"host", "\nb", "U+000A"},
		`{"host":"a\u0000b"}`:               {"host", `"a\u`, "U+0000"},
		`{"host":"a\nb"}`:                   {"host", `"a\n`, "U+000A"},
		"{\"host\":\"a\x7f\"}":              {"host", "\"a\x7f", "U+007F"},
		"{\"host\":\"a\u0085\"}":            {"host", "\"a\u0085", "U+0085"},
		`{"summary":"a\u001b[2J"}`:          {"summary", `"a\u`, "U+001B"},
		"{\"host\":\"é\xff\"}":              {"host", "\xff", "0xff is no UTF-8"},
		"{\"host\":\"a\xc2\"}":              {"host", "\xc2", "0xc2 is no UTF-8"},
		"{\"host\":\"\\n\xed\xa0\x80\"}":    {"host", "\xed", "0xed is no UTF-8"},
		"\xef\xbb\xbf{}":                    {"", "\xef", "'\\ufeff'"},
		`{"host":"` + long + `"}`:           {"host", `"xxx`, "257 bytes, at most 256"},
		`{"labels":{"` + long + `":"1"}}`:   {"labels", `"xxx`, "257 bytes, at most 256"},
		`{"labels":{"a":"` + long + `"}}`:   {`labels["a"]`, `"xxx`, "257 bytes, at most 256"},
		`{"link":"javascript:alert(1)"}`:    {"link", `"java`, "begins with http://"},
		`{"link":"https://"}`:               {"link", `"https`, "begins with http://"},
		`{"link":"//evil.example"}`:         {"link", `"//`, "begins with http://"},
		`{"status":"ok"}`:                   {"status", `"ok"`, `"firing" or "resolved"`},
		`{"status":""}`:                     {"status", `""`, `"firing" or "resolved"`},
		`{"at":"yesterday"}`:                {"at", `"yes`, "RFC 3339"},
		`{"at":"2026-01-02 03:04:05"}`:      {"at", `"2026`, "RFC 3339"},
		`{"at":1767323045}`:                 {"at", `1767`, "a number"},
		`[{"host":"a","severity":7}]`:       {"[0].severity", "7}]", "a number"},
		strings.Repeat("[", 1<<20):          {"[0]", "[", "an alert {...} is wanted, there is a list"},
		strings.Repeat(`{"labels":`, 1<<16): {"labels", `"labels"`, "':' is wanted"},
	} {
		got, err := source.Parse([]byte(body))
		var f *source.Fault
		if !errors.As(err, &f) || got != nil {
			t.Errorf("%.60q: %v with %d alerts, want a fault", body, err, len(got))
			continue
		}
		if strings.HasPrefix(body, `{"labels":{"labels":`) {
			want = [3]string{`labels["labels"]`, "{", "an object"}
		}
		if f.Path != want[0] || f.Offset < 0 || !strings.HasPrefix(body[f.Offset:], want[1]) || (want[1] == "") != (f.Offset == int64(len(body))) || !strings.Contains(f.What, want[2]) {
			t.Errorf("%.60q: path %q, offset %d, %q; want %q", body, f.Path, f.Offset, f.What, want)
		}
	}
}

func TestHowMany(t *testing.T) {
	list := func(n int) []byte {
		return []byte("[" + strings.TrimSuffix(strings.Repeat(`{"host":"a","check":"c"},`, n), ",") + "]")
	}
	if got, err := source.Parse(list(source.MaxAlerts)); err != nil || len(got) != source.MaxAlerts {
		t.Errorf("%d alerts, %v", len(got), err)
	}
	_, err := source.Parse(list(source.MaxAlerts + 1))
	var f *source.Fault
	if !errors.As(err, &f) || f.Path != "[10000]" {
		t.Errorf("one too many gives %v", err)
	}
	labels := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"l%d":"v"`, i)
		}
		return []byte(`{"host":"a","check":"c","labels":{` + b.String()[1:] + `}}`)
	}
	if got, err := source.Parse(labels(source.MaxLabels)); err != nil || len(got[0].Labels) != source.MaxLabels {
		t.Errorf("as many labels as may be: %v", err)
	}
	if _, err := source.Parse(labels(source.MaxLabels + 1)); !errors.As(err, &f) || f.Path != "labels" {
		t.Errorf("a label too many gives %v", err)
	}
}

func TestFaultSaysWhere(t *testing.T) {
	for want, f := range map[string]source.Fault{
		"[3].host, at byte 7: what": {Offset: 7, Path: "[3].host", What: "what"},
		"at byte 7: what":           {Offset: 7, What: "what"},
		"[3]: what":                 {Offset: -1, Path: "[3]", What: "what"},
		"what":                      {Offset: -1, What: "what"},
	} {
		if got := f.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// plainAlert is our format as encoding/json reads it.
type plainAlert struct {
	Source   string            `json:"source,omitempty"`
	Key      string            `json:"key,omitempty"`
	Severity string            `json:"severity,omitempty"`
	Host     string            `json:"host,omitempty"`
	Service  string            `json:"service,omitempty"`
	Check    string            `json:"check,omitempty"`
	Summary  string            `json:"summary,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Link     string            `json:"link,omitempty"`
	Status   string            `json:"status,omitempty"`
	At       time.Time         `json:"at,omitzero"`
}

func (a plainAlert) alert() source.Alert {
	return source.Alert{
		Source: a.Source, Key: a.Key, Severity: a.Severity, Host: a.Host, Service: a.Service, Check: a.Check,
		Summary: a.Summary, Labels: a.Labels, Link: a.Link, Resolved: a.Status == "resolved", At: a.At,
	}
}

// readPlainly is what encoding/json makes of a body that Parse took.
func readPlainly(t *testing.T, body []byte) (out []source.Alert) {
	var list []plainAlert
	if strings.HasPrefix(strings.TrimLeft(string(body), " \n\r\t"), "{") {
		body = []byte("[" + string(body) + "]")
	}
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatalf("Parse took what encoding/json does not: %v", err)
	}
	for _, a := range list {
		out = append(out, a.alert())
	}
	return out
}

// wantSound holds alerts against what everybody after relies on.
func wantSound(t *testing.T, alerts []source.Alert) {
	t.Helper()
	if len(alerts) == 0 || len(alerts) > source.MaxAlerts {
		t.Errorf("there are %d alerts", len(alerts))
	}
	for _, a := range alerts {
		if a.Key == "" && a.Host == "" || a.Summary == "" && a.Check == "" {
			t.Errorf("an alert says too little: %+v", a)
		}
		if len(a.Labels) > source.MaxLabels || a.Link != "" && !strings.HasPrefix(strings.ToLower(a.Link), "http") {
			t.Errorf("%d labels, link %q", len(a.Labels), a.Link)
		}
		for _, s := range []string{a.Source, a.Key, a.Severity, a.Host, a.Service, a.Check} {
			wantSoundText(t, s, source.MaxField)
		}
		for k, v := range a.Labels {
			wantSoundText(t, k, source.MaxField)
			wantSoundText(t, v, source.MaxField)
		}
		wantSoundText(t, a.Summary, source.MaxSummary)
		wantSoundText(t, a.Link, source.MaxLink)
	}
}

func wantSoundText(t *testing.T, s string, most int) {
	t.Helper()
	if len(s) > most || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		t.Errorf("unsound text of %d bytes, at most %d: %.80q", len(s), most, s)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("[" + whole + "]"))
	for _, seed := range []string{
		``, `[]`, `{}`, `null`, `{"host":"a","check":"c"}`, `[{"key":"\ud83d\ude00","summary":"a\nb"}]`,
		`{"host":"a","check":"c","labels":{"a":"\u0041"},"at":"2026-01-02T03:04:05.123456789Z"}`,
		"{\"host\":\"\xff\"}", `{"host":"a","host":"b"}`, `{"host":1e5}`, `{"link":"http://[::1]:80/%zz"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := source.Parse(body)
		if err != nil {
			wantFault(t, body, got, err)
			return
		}
		wantSound(t, got)
		plain := readPlainly(t, body)
		for i := range plain { // a summary is made one line, and cut
			if i < len(got) && strings.ContainsAny(plain[i].Summary, "\n\r\t") || len(plain[i].Summary) > source.MaxSummary {
				plain[i].Summary = got[i].Summary
			}
		}
		if diff := cmp.Diff(plain, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-encoding/json +Parse):\n%s", body, diff)
		}
	})
}

func wantFault(t *testing.T, body []byte, got []source.Alert, err error) {
	t.Helper()
	var f *source.Fault
	if !errors.As(err, &f) || got != nil || f.What == "" || f.Offset < -1 || f.Offset > int64(len(body)) {
		t.Errorf("%q: %#v with %d alerts", body, err, len(got))
	}
	if !utf8.ValidString(err.Error()) || len(err.Error()) > 1000 {
		t.Errorf("%q: an unsound sentence: %.100q", body, err.Error())
	}
}
