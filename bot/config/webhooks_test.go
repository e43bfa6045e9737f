package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestWebhooks(t *testing.T) {
	c := mustLoad(t, minimal+`
alerts:
  webhooks:
    grafana: {signature: {secret: {env: TEBIKI_PASSWORD}, timestamp: X-Time}}
    zabbix: {token: {file: token.txt}}
    kuma:
      user: kuma
      password: {env: TEBIKI_PASSWORD}
      fields:
        key: body.monitor.id
        summary: |
          body.monitor.name
            + ": " + body.msg
        labels: body.monitor
    tool:
      token: {env: TEBIKI_PASSWORD}
      header: X-Token
      each: body.events
      when: event.on
      fields: {host: event.host, check: '"ping"', labels: {dc: body.dc}}
    open: {fields: {host: body.host, check: body.check}}
`)
	secret := NewSecret("hunter2")
	want := []Webhook{
		{Name: "grafana", Signature: &Signature{Secret: secret, Header: "X-Grafana-Alerting-Signature", Timestamp: "X-Time", Within: 5 * time.Minute}},
		{Name: "zabbix", Token: NewSecret("opensesame")},
		{Name: "kuma", User: "kuma", Password: secret},
		{Name: "tool", Token: secret, Header: "X-Token"},
		{Name: "open"},
	}
	if diff := cmp.Diff(want, c.Webhooks, cmpopts.IgnoreFields(Webhook{}, "Mapping")); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	for i, body := range map[int]string{
		2: `{"monitor":{"id":7,"name":"shop","type":"http"},"msg":"down"}`,
		3: `{"dc":"tokyo","events":[{"on":false},{"on":true,"host":"web1:80"}]}`,
	} {
		alerts, err := c.Webhooks[i].Mapping.Parse(t.Context(), []byte(body))
		if err != nil || len(alerts) != 1 || alerts[0].Source != want[i].Name {
			t.Fatalf("%s: %+v, %v", body, alerts, err)
		}
		if a := alerts[0]; i == 2 && (a.Summary != "shop: down" || a.Labels["type"] != "http") || i == 3 && (a.Host != "web1" || a.Check != "ping" || a.Labels["dc"] != "tokyo") {
			t.Errorf("%s became %+v", body, a)
		}
	}
}
