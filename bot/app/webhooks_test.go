package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// withWebhooks puts senders into the sample's configuration. Their secret is
// one that the tests have anyway.
var withWebhooks = []string{"alerts:\n", `alerts:
  webhooks:
    grafana: {signature: {secret: {env: JIRA_TOKEN}}}
    zabbix: {token: {env: JIRA_TOKEN}}
    kuma:
      user: kuma
      password: {env: JIRA_TOKEN}
      fields:
        key: body.monitor.id
        host: body.monitor.hostname
        summary: body.msg
        status: 'body.heartbeat.status == 1 ? "resolved" : "firing"'
`}

// send posts a body as a webhook's sender does, and gives what became of it.
func (o *office) send(path, body string, prove func(r *http.Request)) (status int, r alertReceipts) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.url()+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Close = true
	req.Header.Set("Content-Type", "application/json")
	prove(req)
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, r
}

// Each sender proves itself in its own way; its problem opens an incident, and
// its recovery ends that one.
func TestWebhooks(t *testing.T) {
	o := openOffice(t, withWebhooks...)
	secret, _ := secrets("JIRA_TOKEN")
	signed := func(body string) func(*http.Request) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		return func(r *http.Request) { r.Header.Set("X-Grafana-Alerting-Signature", hex.EncodeToString(mac.Sum(nil))) }
	}
	token := func(string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
	}
	basic := func(string) func(*http.Request) { return func(r *http.Request) { r.SetBasicAuth("kuma", secret) } }
	for name, tt := range map[string]struct {
		path          string
		prove         func(body string) func(*http.Request)
		problem, over string
	}{
		"grafana": {"/v1/alerts/grafana", signed, body(t, "grafana/firing.json"), body(t, "grafana/resolved.json")},
		"zabbix":  {"/v1/alerts/zabbix", token, body(t, "zabbix/problem.json"), body(t, "zabbix/recovery.json")},
		"mapped": {"/v1/alerts/in/kuma", basic, `{"monitor":{"id":7,"hostname":"mail1.example.jp"},"heartbeat":{"status":0},"msg":"down"}`,
			`{"monitor":{"id":7,"hostname":"mail1.example.jp"},"heartbeat":{"status":1},"msg":"up"}`},
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := o.send(tt.path, tt.problem, func(*http.Request) {}); status != http.StatusUnauthorized {
				t.Errorf("without a proof: %d", status)
			}
			status, r := o.send(tt.path, tt.problem, tt.prove(tt.problem))
			if status != http.StatusAccepted || len(r.Alerts) != 1 || r.Alerts[0].State != "open" {
				t.Fatalf("the problem: %d %+v", status, r)
			}
			id := r.Alerts[0].Incident
			if status, r = o.send(tt.path, tt.over, tt.prove(tt.over)); status != http.StatusAccepted || r.Alerts[0].Incident != id {
				t.Fatalf("the recovery: %d %+v", status, r)
			}
			o.incidentIs(id, "resolved")
		})
	}
	update := body(t, "zabbix/update.json")
	if status, r := o.send("/v1/alerts/zabbix", update, token(update)); status != http.StatusAccepted || len(r.Alerts) != 0 {
		t.Errorf("an update of a problem that is over: %d %+v", status, r)
	}
}

// body is one as the adapter's own tests have it.
func body(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../adapters/source/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
