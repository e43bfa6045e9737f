package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source"
	"tebiki/bot/sample"
)

var updateWebhooks = flag.Bool("update-webhooks", false, "write what the README's webhooks make of bodies; read it before you keep it")

// withAlerts writes a configuration: the sample's with another section of
// alerts.
func withAlerts(t *testing.T, alerts string) string {
	t.Helper()
	plain, err := fs.ReadFile(sample.FS(), sample.Config)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "tebiki.yaml")
	if err := os.WriteFile(name, append(without(plain, "alerts"), "\n"+alerts...), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// webhookEnv has each secret that the README names.
func webhookEnv(name string) (string, bool) {
	known := regexp.MustCompile(`^(ALERTMANAGER|GRAFANA|ZABBIX|TOOL|DATADOG|UPTIME_KUMA|HEALTHCHECKS|SENTRY_CLIENT|SNS)_(TOKEN|SECRET|PASSWORD)$`)
	return "s3cret", known.MatchString(name)
}

func tryWebhook(t *testing.T, in string, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(world{t.Context(), strings.NewReader(in), &out, &errs, webhookEnv}, append([]string{"webhook", "test"}, args...))
	return said{code, out.String(), errs.String()}
}

// Each example of the README is a configuration, and takes the bodies that its
// sender sends: what they become stands beside them.
func TestWebhooksOfTheReadme(t *testing.T) {
	tried := 0
	for _, block := range blocks(t, "adapters/source/README.md", "alerts") {
		cfg := withAlerts(t, block)
		for _, m := range regexp.MustCompile(`(?m)^    ([a-z-]+):`).FindAllStringSubmatch(block, -1) {
			bodies, err := filepath.Glob(filepath.Join("testdata", "webhook", m[1]+"*.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, body := range bodies {
				tried++
				t.Run(filepath.Base(body), func(t *testing.T) { wantWebhook(t, cfg, m[1], body) })
			}
			if _, known := source.Formats()[m[1]]; known {
				tryWebhook(t, "{}", cfg, m[1], "-").expect(t, 1, "", "refuses -")
			} else if len(bodies) == 0 {
				t.Errorf("no body was tried with the webhook %s", m[1])
			}
		}
	}
	if all, _ := filepath.Glob("testdata/webhook/*.json"); tried != len(all) || tried == 0 {
		t.Errorf("%d bodies were tried, there are %d", tried, len(all))
	}
}

func wantWebhook(t *testing.T, cfg, name, body string) {
	got := tryWebhook(t, "", cfg, name, body)
	if got.code != 0 {
		t.Fatalf("exit status %d: %s", got.code, got.errs)
	}
	golden := strings.TrimSuffix(body, ".json") + ".txt"
	if *updateWebhooks {
		if err := os.WriteFile(golden, []byte(got.out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWebhookTest(t *testing.T) {
	cfg := withAlerts(t, `alerts:
  webhooks:
    tool: {each: body, when: event.on, fields: {key: event.id, summary: upper(event.text), status: event.status}}
`)
	tryWebhook(t, `[{"on":true,"id":1,"text":"a","status":"firing"}]`, cfg, "tool", "-").expect(t, 0, "alert 1 of 1\n  source    tool\n  key       1\n  status    firing\n  summary   A\n  at        when it comes\n", "")
	tryWebhook(t, `[{"on":false}]`, cfg, "tool", "-").expect(t, 0, "taken, and no alert", "")
	tryWebhook(t, `[{"on":true,"id":1,"text":7}]`, cfg, "tool", "-").expect(t, 1, "", "webhook tool refuses -: event[0].summary: upper(event.text): there is int where string is wanted")
	tryWebhook(t, `[`, cfg, "tool", "-").expect(t, 1, "", "it ends too early")
	tryWebhook(t, ``, cfg, "tool", "nowhere.json").expect(t, 1, "", "read the body: open nowhere.json")
	tryWebhook(t, ``, cfg, "toool", "-").expect(t, 1, "", `there is no webhook "toool": the configuration's alerts.webhooks and the known formats are alertmanager, grafana, zabbix, tool`)
	tryWebhook(t, `{"source":"0","value":"1","update":"1"}`, cfg, "zabbix", "-").expect(t, 0, "taken, and no alert", "")
	bad := withAlerts(t, "alerts: {webhooks: {tool: {fields: {key: bdy.id, summary: body.s}}}}\n")
	tryWebhook(t, ``, bad, "tool", "-").expect(t, 1, "", "alerts.webhooks.tool.fields.key: bdy.id: unknown name bdy (column 1)")
	tryWebhook(t, ``, "nowhere.yaml", "tool", "-").expect(t, 1, "", "nowhere.yaml")
}

func TestZabbixMediaType(t *testing.T) {
	command(t, "zabbix", "mediatype").expect(t, 0, "zabbix_export:\n", "")
}
