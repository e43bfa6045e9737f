package source_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"tebiki/adapters/source"
)

// A mediaType is what Zabbix reads of the file.
type mediaType struct {
	Name       string `yaml:"name"`
	Type       string `yaml:"type"`
	Parameters []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"parameters"`
	Attempts        string `yaml:"attempts"`
	AttemptInterval string `yaml:"attempt_interval"`
	Timeout         string `yaml:"timeout"`
	Script          string `yaml:"script"`
	Templates       []struct {
		Source  string `yaml:"event_source"`
		Mode    string `yaml:"operation_mode"`
		Subject string `yaml:"subject"`
		Message string `yaml:"message"`
	} `yaml:"message_templates"`
	Description string `yaml:"description"`
}

func readMediaType(t *testing.T) mediaType {
	t.Helper()
	var file struct {
		Export struct {
			Version    string      `yaml:"version"`
			MediaTypes []mediaType `yaml:"media_types"`
		} `yaml:"zabbix_export"`
	}
	dec := yaml.NewDecoder(strings.NewReader(source.ZabbixMediaType))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Export.MediaTypes) != 1 || file.Export.MediaTypes[0].Type != "WEBHOOK" || file.Export.Version != "6.0" {
		t.Fatalf("it is no export of one webhook: %+v", file)
	}
	return file.Export.MediaTypes[0]
}

// zabbix is the world in which Zabbix runs a webhook's script, as its manual
// has it ("Additional JavaScript objects"), around a script in value. It
// prints what the script did. Zabbix' engine is Duktape, whose language is
// ECMAScript 5.
const zabbix = `
'use strict';
const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const did = {headers: [], logs: []};
class HttpRequest {
	addHeader(line) { did.headers.push(line); }
	setProxy(proxy) { did.proxy = proxy; }
	post(url, body) { did.url = url; did.body = body; return input.answer; }
	getStatus() { return input.status; }
}
const Zabbix = {log: (level, message) => did.logs.push(level + ' ' + message)};
try {
	did.returned = new Function('value', 'HttpRequest', 'Zabbix', input.script)(JSON.stringify(input.params), HttpRequest, Zabbix);
} catch (e) {
	did.thrown = String(e);
}
console.log(JSON.stringify(did));
`

type scriptRun struct {
	Headers, Logs                      []string
	Proxy, URL, Body, Returned, Thrown string
}

// runScript runs the media type's script as Zabbix does for one event.
func runScript(t *testing.T, status int, params map[string]string) (did scriptRun) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node to run the script with")
	}
	input, err := json.Marshal(map[string]any{"params": params, "script": readMediaType(t).Script, "status": status, "answer": `{"error":"why"}`})
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), node, "-e", zabbix)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &errs)
	}
	if err := json.Unmarshal(out, &did); err != nil {
		t.Fatal(err)
	}
	return did
}

// filled are the parameters with the macros that Zabbix knows a value of;
// others stay as they are written.
func filled(t *testing.T, macros map[string]string) map[string]string {
	t.Helper()
	params := map[string]string{}
	for _, p := range readMediaType(t).Parameters {
		value, known := macros[p.Value]
		if !known {
			value = p.Value
		}
		params[p.Name] = value
	}
	return params
}

var event = map[string]string{
	"{EVENT.ID}": "17502", "{EVENT.NAME}": `"quoted" と日本語`, "{EVENT.NSEVERITY}": "5", "{EVENT.SEVERITY}": "Disaster", "{EVENT.SOURCE}": "0",
	"{EVENT.VALUE}": "1", "{EVENT.UPDATE.STATUS}": "0", "{EVENT.TAGSJSON}": `[{"tag":"service","value":"shop"}]`, "{EVENT.OPDATA}": "*UNKNOWN*",
	"{HOST.HOST}": "web1", "{TRIGGER.ID}": "24011", "{TRIGGER.NAME}": "shop is down",
	"{$TEBIKI.URL}": "https://tebiki.example.jp/", "{$TEBIKI.TOKEN}": "s3cret", "{$ZABBIX.URL}": "https://zabbix.example.jp",
}

func TestMediaTypeSends(t *testing.T) {
	did := runScript(t, 202, filled(t, event))
	if did.Thrown != "" || did.Returned != "OK" || did.URL != "https://tebiki.example.jp/v1/alerts/zabbix" || did.Proxy != "" {
		t.Fatalf("the script did %+v", did)
	}
	if got := strings.Join(did.Headers, "\n"); got != "Content-Type: application/json\nAuthorization: Bearer s3cret" {
		t.Errorf("headers:\n%s", got)
	}
	if strings.Contains(did.Body, "s3cret") || strings.Contains(strings.Join(did.Logs, ""), "s3cret") {
		t.Errorf("the token is told: %s, %q", did.Body, did.Logs)
	}
	alerts, err := source.ParseZabbix([]byte(did.Body))
	if err != nil || len(alerts) != 1 {
		t.Fatalf("%s: %d alerts, %v", did.Body, len(alerts), err)
	}
	a := alerts[0]
	if a.Key != "web1 17502" || a.Host != "web1" || a.Service != "shop" || a.Severity != "disaster" || a.Summary != `"quoted" と日本語` || a.Check != "shop is down" ||
		a.Link != "https://zabbix.example.jp/tr_events.php?triggerid=24011&eventid=17502" {
		t.Errorf("it became %+v", a)
	}
}

func TestMediaTypeFails(t *testing.T) {
	for _, status := range []int{200, 400, 401, 503} {
		did := runScript(t, status, filled(t, event))
		if !strings.Contains(did.Thrown, "has not taken it") || !strings.Contains(did.Thrown, `{"error":"why"}`) || did.Returned != "" {
			t.Errorf("after %d the script did %+v", status, did)
		}
	}
	nowhere := filled(t, event)
	nowhere["tebiki_url"] = "{$TEBIKI.URL}"
	if did := runScript(t, 202, nowhere); !strings.Contains(did.Thrown, "set the global macro {$TEBIKI.URL}") || did.URL != "" {
		t.Errorf("without an address the script did %+v", did)
	}
}

func TestMediaTypeWithProxyAndWithoutToken(t *testing.T) {
	params := filled(t, event)
	params["tebiki_proxy"], params["tebiki_token"] = "http://proxy:3128", "{$TEBIKI.TOKEN}"
	did := runScript(t, 202, params)
	if did.Proxy != "http://proxy:3128" || len(did.Headers) != 1 || did.Returned != "OK" {
		t.Errorf("the script did %+v", did)
	}
}

// The script sends each parameter that ParseZabbix reads, and stays within
// the language that Zabbix runs.
func TestMediaTypeFits(t *testing.T) {
	m := readMediaType(t)
	for _, word := range []string{"=>", "let ", "const ", "`", "class ", "async "} {
		if strings.Contains(m.Script, word) {
			t.Errorf("the script has %q, which Zabbix' engine does not know", word)
		}
	}
	names := map[string]bool{}
	for _, p := range m.Parameters {
		names[p.Name] = true
		if p.Value != "" && !regexp.MustCompile(`^\{\$?[A-Z.]+\}$`).MatchString(p.Value) {
			t.Errorf("the parameter %s is %q, which is no macro", p.Name, p.Value)
		}
	}
	for _, read := range []string{"source", "value", "update", "key", "event_id", "event_name", "subject", "opdata", "nseverity", "severity", "host", "host_name",
		"trigger_id", "trigger_name", "trigger_url", "tags", "ip", "groups", "description", "zabbix_url", "timestamp", "recovery_timestamp"} {
		if !names[read] {
			t.Errorf("the media type does not send %s", read)
		}
	}
	seen := map[string]bool{}
	for _, tmpl := range m.Templates {
		seen[tmpl.Source+" "+tmpl.Mode] = true
	}
	for _, want := range []string{"TRIGGERS PROBLEM", "TRIGGERS RECOVERY", "TRIGGERS UPDATE"} {
		if !seen[want] {
			t.Errorf("there is no message for %s, so Zabbix would send none", want)
		}
	}
}
