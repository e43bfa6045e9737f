package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tebiki/adapters/source"
)

const (
	grafanaBody = `{"status":"firing","orgId":1,"alerts":[{"status":"firing","labels":{"alertname":"Down","instance":"web01","severity":"critical"},"startsAt":"2026-04-07T05:00:00Z","fingerprint":"aa"}],"version":"1"}`
	zabbixBody  = `{"source":"0","value":"1","update":"0","event_id":"1","event_name":"down","host":"web01","nseverity":"5"}`
	kumaBody    = `{"heartbeat":{"status":0},"monitor":{"id":7,"name":"shop"}}`
)

// kuma is a mapping as the configuration makes one.
func kuma(ctx context.Context, body []byte) ([]source.Alert, error) {
	m, err := source.NewMapping("kuma", source.Expressions{
		When:   `body.monitor != nil`,
		Fields: map[string]string{"key": `body.monitor.id`, "summary": `upper(body.monitor.name)`, "status": `body.heartbeat.status == 1 ? "resolved" : "firing"`},
	})
	if err != nil {
		return nil, err
	}
	return m.Parse(ctx, body)
}

func slowParse(ctx context.Context, _ []byte) ([]source.Alert, error) {
	return nil, fmt.Errorf("evaluate: %w", context.DeadlineExceeded)
}

func hooks() []Webhook {
	return []Webhook{
		{Path: KnownPath + "grafana", Proof: Signature{Secret: "sign", Header: "X-Grafana-Alerting-Signature", Timestamp: "X-Time", Within: 5 * time.Minute}},
		{Path: KnownPath + "zabbix", Proof: Token{Value: "zabbix-token"}},
		{Path: MappedPath + "kuma", Parse: kuma, Proof: Basic{"kuma", "pass:word"}},
		{Path: MappedPath + "custom", Parse: kuma, Proof: Token{Header: "X-Custom-Token", Value: "custom"}},
		{Path: MappedPath + "sentry", Parse: kuma, Proof: Signature{Secret: "sentry", Header: "Sentry-Hook-Signature"}},
		{Path: MappedPath + "open", Parse: kuma},
		{Path: MappedPath + "slow", Parse: slowParse},
	}
}

func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func basic(user, password string) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

type hookCase struct {
	path, body string
	header     map[string]string
	kind       string
	status     int
	want       string
	challenge  string
}

func hookCases() map[string]hookCase {
	now := fmt.Sprint(minute.Unix())
	early, late := fmt.Sprint(minute.Add(-301*time.Second).Unix()), fmt.Sprint(minute.Add(301*time.Second).Unix())
	grafana, zabbix, in := KnownPath+"grafana", KnownPath+"zabbix", MappedPath
	signed := func(at string) map[string]string {
		return map[string]string{"X-Time": at, "X-Grafana-Alerting-Signature": sign("sign", at+":"+grafanaBody)}
	}
	auth := func(s string) map[string]string { return map[string]string{"Authorization": s} }
	const bySignature = `HMAC-SHA256 header="X-Grafana-Alerting-Signature"`
	return map[string]hookCase{
		"signed":              {path: grafana, body: grafanaBody, header: signed(now), status: 202, want: `"incident":"I-1"`},
		"another body":        {path: grafana, body: grafanaBody + " ", header: signed(now), status: 401, want: "signature", challenge: bySignature},
		"too old":             {path: grafana, body: grafanaBody, header: signed(early), status: 401, want: "compare the clocks", challenge: bySignature},
		"of the future":       {path: grafana, body: grafanaBody, header: signed(late), status: 401, want: "compare the clocks", challenge: bySignature},
		"no number":           {path: grafana, body: grafanaBody, header: signed("noon"), status: 401, want: "compare the clocks", challenge: bySignature},
		"another time":        {path: grafana, body: grafanaBody, header: map[string]string{"X-Time": late, "X-Grafana-Alerting-Signature": sign("sign", now+":"+grafanaBody)}, status: 401, want: "is wrong", challenge: bySignature},
		"time not signed":     {path: grafana, body: grafanaBody, header: map[string]string{"X-Time": now, "X-Grafana-Alerting-Signature": sign("sign", grafanaBody)}, status: 401, want: "is wrong", challenge: bySignature},
		"without a time":      {path: grafana, body: grafanaBody, header: map[string]string{"X-Grafana-Alerting-Signature": sign("sign", grafanaBody)}, status: 401, want: "the header X-Time is missing", challenge: bySignature},
		"no signature":        {path: grafana, body: grafanaBody, header: auth("Bearer token"), status: 401, want: "X-Grafana-Alerting-Signature is missing", challenge: bySignature},
		"no hexadecimal":      {path: grafana, body: grafanaBody, header: map[string]string{"X-Time": now, "X-Grafana-Alerting-Signature": "zz"}, status: 401, challenge: bySignature},
		"cut":                 {path: grafana, body: grafanaBody, header: map[string]string{"X-Time": now, "X-Grafana-Alerting-Signature": sign("sign", now+":"+grafanaBody)[:32]}, status: 401, challenge: bySignature},
		"zabbix":              {path: zabbix, body: zabbixBody, header: auth("Bearer zabbix-token"), status: 202, want: `"incident":"I-1"`},
		"zabbix update":       {path: zabbix, body: strings.Replace(zabbixBody, `"update":"0"`, `"update":"1"`, 1), header: auth("Bearer zabbix-token"), status: 202, want: `{"alerts":[]}`},
		"zabbix bad":          {path: zabbix, body: `{"source":"1"}`, header: auth("Bearer zabbix-token"), status: 400, want: `"path":"source"`},
		"the API's token":     {path: zabbix, body: zabbixBody, header: auth("Bearer token"), status: 401, challenge: "Bearer"},
		"no token":            {path: zabbix, body: zabbixBody, status: 401, challenge: "Bearer"},
		"basic":               {path: in + "kuma", body: kumaBody, header: auth(basic("kuma", "pass:word")), kind: "text/plain; charset=UTF-8", status: 202, want: `"incident":"I-1"`},
		"basic user":          {path: in + "kuma", body: kumaBody, header: auth(basic("other", "pass:word")), status: 401, challenge: `Basic realm="tebiki", charset="UTF-8"`},
		"basic password":      {path: in + "kuma", body: kumaBody, header: auth(basic("kuma", "pass")), status: 401, challenge: `Basic realm="tebiki", charset="UTF-8"`},
		"basic nothing":       {path: in + "kuma", body: kumaBody, status: 401, challenge: `Basic realm="tebiki", charset="UTF-8"`},
		"own header":          {path: in + "custom", body: kumaBody, header: map[string]string{"X-Custom-Token": "custom"}, status: 202},
		"own header wrong":    {path: in + "custom", body: kumaBody, header: map[string]string{"X-Custom-Token": "Custom", "Authorization": "Bearer custom"}, status: 401, want: "X-Custom-Token", challenge: "Bearer"},
		"signed without time": {path: in + "sentry", body: kumaBody, header: map[string]string{"Sentry-Hook-Signature": sign("sentry", kumaBody)}, status: 202},
		"with its name":       {path: in + "sentry", body: kumaBody, header: map[string]string{"Sentry-Hook-Signature": "sha256=" + sign("sentry", kumaBody)}, status: 202},
		"no proof of its own": {path: in + "open", body: kumaBody, header: auth("Bearer token"), status: 202},
		"nor any":             {path: in + "open", body: kumaBody, status: 401, challenge: "Bearer"},
		"not wanted":          {path: in + "open", body: `{"test":true}`, header: auth("Bearer token"), status: 202, want: `{"alerts":[]}`},
		"cannot be evaluated": {path: in + "open", body: `{"monitor":{"id":1,"name":["x"]}}`, header: auth("Bearer token"), status: 400, want: `"error":"upper(body.monitor.name): `},
		"no JSON":             {path: in + "open", body: `monitor=1`, header: auth("Bearer token"), kind: "application/x-www-form-urlencoded", status: 400},
		"too large":           {path: in + "open", body: `{"a":"` + strings.Repeat("x", maxBody) + `"}`, header: auth("Bearer token"), status: 413},
		"no time":             {path: in + "slow", body: `{}`, header: auth("Bearer token"), status: 503, want: "send it again"},
		"unknown":             {path: in + "nobody", body: `{}`, header: auth("Bearer token"), status: 404, want: "alerts.webhooks"},
		"no content type":     {path: grafana, body: grafanaBody, header: signed(now), kind: "-", status: 415},
	}
}

func TestWebhooks(t *testing.T) {
	c := newContract(t)
	for name, tt := range hookCases() {
		t.Run(name, func(t *testing.T) {
			o := busyMorning()
			var log bytes.Buffer
			s := o.server(t, func(cfg *Config) {
				cfg.Token, cfg.SessionKey, cfg.Webhooks, cfg.Log = "token", sessionKey, hooks(), slog.New(slog.NewTextHandler(&log, nil))
			})
			r := httptest.NewRequest("POST", tt.path, strings.NewReader(tt.body))
			if kind := or(tt.kind, "application/json"); kind != "-" {
				r.Header.Set("Content-Type", kind)
			}
			for k, v := range tt.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Fatalf("status %d, want %d: %s, want %s", w.Code, tt.status, w.Body, tt.want)
			}
			if got := w.Header().Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("challenge %q, want %q", got, tt.challenge)
			}
			if w.Code >= 300 && len(o.accepted) > 0 {
				t.Errorf("answered %d and took %+v", w.Code, o.accepted)
			}
			if refused := w.Code == 400 || w.Code == 503; refused != strings.Contains(log.String(), "level=WARN") {
				t.Errorf("answered %d, and the log has %q", w.Code, log.String())
			}
			c.check(t, r, tt.body, w)
		})
	}
	for _, op := range []string{"sendGrafana 202", "sendGrafana 401", "sendZabbix 202", "sendZabbix 400", "sendMapped 202", "sendMapped 404", "sendMapped 503"} {
		if !c.used[op] {
			t.Errorf("no test made %q", op)
		}
	}
}

// Without webhooks in the configuration the known formats are there all the
// same, and the API's token opens them.
func TestKnownFormatsByTheAPIsToken(t *testing.T) {
	s := busyMorning().server(t, func(cfg *Config) { cfg.Token, cfg.SessionKey = "token", sessionKey })
	for path, body := range map[string]string{KnownPath + "grafana": grafanaBody, KnownPath + "zabbix": zabbixBody} {
		for auth, want := range map[string]int{"Bearer token": 202, "Bearer other": 401, "": 401} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", auth)
			w := httptest.NewRecorder()
			if s.ServeHTTP(w, r); w.Code != want {
				t.Errorf("%s with %q: %d, want %d: %s", path, auth, w.Code, want, w.Body)
			}
		}
	}
}

// 202 comes only from an intake that has stored the alerts.
func TestWebhooksWaitForTheStore(t *testing.T) {
	for name, fail := range map[string]error{"busy": &BusyError{time.Second}, "disk": &StoreError{errors.New("full")}} {
		o := busyMorning()
		o.fail = fail
		s := o.server(t, func(cfg *Config) { cfg.Webhooks = []Webhook{{Path: MappedPath + "kuma", Parse: kuma}} })
		for path, body := range map[string]string{KnownPath + "grafana": grafanaBody, KnownPath + "zabbix": zabbixBody, MappedPath + "kuma": kumaBody} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Host = "localhost"
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if s.ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
				t.Errorf("%s, %s: %d %s", name, path, w.Code, w.Body)
			}
		}
	}
}

func TestWebhooksThatCannotBe(t *testing.T) {
	for name, list := range map[string][]Webhook{
		"twice":          {{Path: MappedPath + "a", Parse: kuma}, {Path: MappedPath + "a", Parse: kuma}},
		"known twice":    {{Path: KnownPath + "grafana", Proof: Token{}}, {Path: KnownPath + "grafana", Proof: Token{}}},
		"no name":        {{Path: MappedPath, Parse: kuma}},
		"a path":         {{Path: MappedPath + "a/b", Parse: kuma}},
		"no parser":      {{Path: MappedPath + "a"}},
		"unknown":        {{Path: KnownPath + "nagios", Proof: Token{}}},
		"known, parsed":  {{Path: KnownPath + "grafana", Parse: kuma, Proof: Token{}}},
		"proves nothing": {{Path: KnownPath + "grafana"}},
		"elsewhere":      {{Path: "/login", Parse: kuma}},
	} {
		cfg := busyMorning().config()
		cfg.Webhooks = list
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), list[0].Path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
