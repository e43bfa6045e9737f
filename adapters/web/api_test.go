package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source"
)

// A contract holds requests and answers against openapi.yaml.
type contract struct {
	doc    *openapi3.T
	router routers.Router
	used   map[string]bool // operation and status
}

func newContract(t *testing.T) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{doc: doc, router: router, used: map[string]bool{}}
}

// check tells whether the contract foresees the answer and, unless the
// request is meant to be wrong, the request.
func (c *contract) check(t *testing.T, r *http.Request, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		t.Fatalf("the contract does not know %s %s: %v", r.Method, r.URL.Path, err)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if w.Code < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("the contract refuses what the server took: %v", err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header(),
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	out.SetBodyBytes(w.Body.Bytes())
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		t.Errorf("the contract does not foresee this answer: %v", err)
	}
	c.used[fmt.Sprintf("%s %d", route.Operation.OperationID, w.Code)] = true
}

const oneAlert = `{"source":"zabbix","severity":"critical","host":"web01","check":"http","summary":"down","labels":{"dc":"tyo"}}`

type apiCase struct {
	method, target, body string
	kind                 string // content type; application/json unless it is set
	auth                 string
	fail                 error
	status               int
	want                 string // JSON, or a part of the body
	header               [2]string
}

func apiCases() map[string]apiCase {
	am := `{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Down","instance":"web01","severity":"critical"},"annotations":{"summary":"down"},"startsAt":"2026-04-07T05:00:00Z","fingerprint":"aa"}]}`
	return map[string]apiCase{
		"one":              {body: oneAlert, status: 202, want: `{"alerts":[{"id":"A-1","incident":"I-1","state":"open"}]}`},
		"list":             {body: "[" + oneAlert + "," + strings.Replace(oneAlert, "critical", "info", 1) + "]", status: 202, want: `{"alerts":[{"id":"A-1","incident":"I-1","state":"open"},{"id":"A-1","state":"morning"}]}`},
		"charset":          {body: oneAlert, kind: "application/json; charset=utf-8", status: 202},
		"alertmanager":     {target: "/v1/alerts/alertmanager", body: am, status: 202, want: `"incident":"I-1"`},
		"not JSON":         {body: `{"host": web01}`, status: 400, want: `"offset":`},
		"empty":            {body: "", status: 400, want: `"error":`},
		"cut":              {body: oneAlert[:20], status: 400, want: `"error":`},
		"wrong kind":       {body: `{"host":7}`, status: 400, want: `"path":`},
		"alertmanager bad": {target: "/v1/alerts/alertmanager", body: "[]", status: 400, want: `"error":`},
		"form":             {body: "host=web01", kind: "application/x-www-form-urlencoded", status: 415, want: "Content-Type: application/json"},
		"no content type":  {body: oneAlert, kind: "-", status: 415},
		"too large":        {body: `{"summary":"` + strings.Repeat("x", maxBody) + `"}`, status: 413, want: "1048576 bytes"},
		"busy":             {body: oneAlert, fail: &BusyError{1500 * time.Millisecond}, status: 503, want: "too many alerts", header: [2]string{"Retry-After", "2"}},
		"disk full":        {body: oneAlert, fail: &StoreError{errors.New("secret path /var/x")}, status: 503, want: "none was taken", header: [2]string{"Retry-After", "5"}},
		"no token":         {body: oneAlert, auth: "-", status: 401, want: "Authorization: Bearer", header: [2]string{"Www-Authenticate", "Bearer"}},
		"wrong token":      {body: oneAlert, auth: "Bearer tokem", status: 401},
		"basic":            {body: oneAlert, auth: "Basic token", status: 401},
		"incidents":        {method: "GET", target: "/v1/incidents", status: 200, want: `"id":"I-4"`},
		"open incidents":   {method: "GET", target: "/v1/incidents?state=open&limit=1", status: 200, want: `"next_page":{"at":"2026-04-07T05:31:35Z","person":"tanaka","channel":"phone"}`},
		"incidents before": {method: "GET", target: "/v1/incidents?before=I-1", status: 200, want: `{"incidents":[]}`},
		"bad state":        {method: "GET", target: "/v1/incidents?state=odd", status: 400, want: `"path":"state"`},
		"bad limit":        {method: "GET", target: "/v1/incidents?limit=0", status: 400, want: `"path":"limit"`},
		"incidents closed": {method: "GET", target: "/v1/incidents", auth: "-", status: 401},
		"incident":         {method: "GET", target: "/v1/incidents/I-3", status: 200, want: `"acknowledged_by":"sato"`},
		"no incident":      {method: "GET", target: "/v1/incidents/I-77", status: 404, want: "incident I-77"},
		"incident away":    {method: "GET", target: "/v1/incidents/I-3", fail: errors.New("secret"), status: 503},
		"incident closed":  {method: "GET", target: "/v1/incidents/I-3", auth: "-", status: 401},
		"resolved":         {body: strings.Replace(oneAlert, "{", `{"status":"resolved",`, 1), status: 202},
		"digest":           {target: "/v1/digest", status: 200, want: `{"alerts":3,"tickets":1,"left":1}`},
		"digest today":     {target: "/v1/digest?today=true", status: 200, want: `{"alerts":4,"tickets":2,"left":0}`},
		"digest when":      {target: "/v1/digest?today=odd", status: 400, want: `"path":"today"`},
		"audit":            {method: "GET", target: "/v1/audit/checks?after=1", status: 200, want: `{"records":[{"number":2,"at":"2026-04-07T05:30:00Z","who":"sato","ticket":"T-1","check":"df","command":"df -h /var","where":"server","host":"web1","started":"2026-04-07T05:30:00Z","ended":true,"seconds":1.5,"reason":"late"}],"next":2}`},
		"audit at its end": {method: "GET", target: "/v1/audit/checks?after=2&limit=7", status: 200, want: `{"records":[],"next":2}`},
		"audit where":      {method: "GET", target: "/v1/audit/checks?after=x", status: 400, want: `"path":"after"`},
		"audit how much":   {method: "GET", target: "/v1/audit/checks?limit=1001", status: 400, want: `"path":"limit"`},
		"audit closed":     {method: "GET", target: "/v1/audit/checks", auth: "-", status: 401},
		"audit fails":      {method: "GET", target: "/v1/audit/checks", fail: errors.New("secret"), status: 503},
		"tallies":          {method: "GET", target: "/v1/checks", status: 200, want: `{"checks":{"df":{"ran":3,"well":2,"tried":1}}}`},
		"report":           {method: "GET", target: "/v1/reports/knowhow?days=7", status: 200, want: `"name":"evil"`},
		"report of when":   {method: "GET", target: "/v1/reports/knowhow?days=0", status: 400, want: `"path":"days"`},
		"report in what":   {method: "GET", target: "/v1/reports/knowhow?lang=fr", status: 400, want: `"path":"lang"`},
		"digest dry":       {target: "/v1/digest?dry_run=true", status: 200, want: `{"alerts":3,"tickets":1,"left":0,"plan":[{"team":"infra","day":"2026-04-05","what":"web1: disk","alerts":3,"over":false}]}`},
		"digest fails":     {target: "/v1/digest", fail: errors.New("secret"), status: 503},
		"digest closed":    {target: "/v1/digest", auth: "-", status: 401},
	}
}

func TestAPIKeepsItsContract(t *testing.T) {
	c := newContract(t)
	for name, tt := range apiCases() {
		t.Run(name, func(t *testing.T) {
			r, w := tt.run(busyMorning(), t)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the answer tells the inside of a failure: %s", w.Body)
			}
			if tt.header[0] != "" && w.Header().Get(tt.header[0]) != tt.header[1] {
				t.Errorf("%s is %q, want %q", tt.header[0], w.Header().Get(tt.header[0]), tt.header[1])
			}
			if got := w.Body.String(); !strings.Contains(got, tt.want) && !sameJSON(got, tt.want) {
				t.Errorf("answer %s, want %s", got, tt.want)
			}
			c.check(t, r, tt.body, w)
		})
	}
	for _, op := range []string{"sendAlerts 202", "sendAlertmanager 202", "listIncidents 200", "getIncident 200", "runDigest 200", "auditChecks 200", "tallyChecks 200", "reportKnowHow 200"} {
		if !c.used[op] {
			t.Errorf("no test made %q", op)
		}
	}
}

func (tt *apiCase) run(o *office, t *testing.T) (*http.Request, *httptest.ResponseRecorder) {
	o.fail = tt.fail
	s := o.server(t, func(c *Config) { c.Token, c.SessionKey = "token", sessionKey })
	r := httptest.NewRequest(or(tt.method, "POST"), or(tt.target, "/v1/alerts"), strings.NewReader(tt.body))
	if kind := or(tt.kind, "application/json"); kind != "-" {
		r.Header.Set("Content-Type", kind)
	}
	if auth := or(tt.auth, "Bearer token"); auth != "-" {
		r.Header.Set("Authorization", auth)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return r, w
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && cmp.Equal(x, y)
}

func TestAPIMethodsAndAddresses(t *testing.T) {
	b := browser{t: t, h: busyMorning().server(t)}
	for path, allow := range map[string]string{"/v1/alerts": "POST", "/v1/alerts/alertmanager": "POST", "/v1/alerts/grafana": "POST", "/v1/alerts/zabbix": "POST", "/v1/digest": "POST", "/v1/incidents": "GET", "/v1/incidents/I-1": "GET"} {
		w := b.send("DELETE", path, nil)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allow {
			t.Errorf("DELETE %s: %d, Allow %q; want 405 and %s", path, w.Code, w.Header().Get("Allow"), allow)
		}
	}
	if w := b.send("GET", "/v1/nothing", nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `"error"`) {
		t.Errorf("GET /v1/nothing: %d %s", w.Code, w.Body)
	}
	wantIn(t, b.get("/v1/openapi.yaml"), "openapi: 3.0.3")
	b.h = busyMorning().server(t, func(c *Config) { c.Digest = nil })
	if w := b.send("POST", "/v1/digest", nil); w.Code != http.StatusNotFound {
		t.Errorf("a digest that is not there: %d", w.Code)
	}
}

func TestNothingRefusedIsTaken(t *testing.T) {
	for name, tt := range apiCases() {
		o := busyMorning()
		if _, w := tt.run(o, t); w.Code >= 300 && len(o.accepted) > 0 {
			t.Errorf("%s: answered %d and took %d alerts", name, w.Code, len(o.accepted))
		}
	}
}

// slow gives its body in pieces without telling the length.
type slow struct{ io.Reader }

func TestLargeBodyOfUnknownLength(t *testing.T) {
	o := busyMorning()
	for size, want := range map[int]int{maxBody: http.StatusAccepted, maxBody + 1: http.StatusRequestEntityTooLarge} {
		body := append([]byte(oneAlert), bytes.Repeat([]byte(" "), size-len(oneAlert))...)
		r := httptest.NewRequest("POST", "/v1/alerts", slow{bytes.NewReader(body)})
		r.Host, r.ContentLength = "localhost", -1
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		o.server(t).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d bytes: %d, want %d", size, w.Code, want)
		}
	}
}

func TestAlertsReachTheIntakeWhole(t *testing.T) {
	o := busyMorning()
	(&apiCase{body: oneAlert}).run(o, t)
	want := []source.Alert{{Source: "zabbix", Severity: "critical", Host: "web01", Check: "http", Summary: "down", Labels: map[string]string{"dc": "tyo"}}}
	if diff := cmp.Diff(want, o.accepted); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReceiptsAreJSON(t *testing.T) {
	in := []Receipt{{ID: `a"\`, Incident: "\u2028<é", State: "\x01"}, {ID: "b", State: "open"}}
	var got struct {
		Alerts []struct{ ID, Incident, State string }
	}
	if err := json.Unmarshal(appendReceipts(nil, in), &got); err != nil {
		t.Fatal(err)
	}
	for i, r := range in {
		if g := got.Alerts[i]; g.ID != r.ID || g.Incident != r.Incident || g.State != r.State {
			t.Errorf("got %q, want %q", g, r)
		}
	}
}

func TestHealth(t *testing.T) {
	var notReady error
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") })
	cfg := func(c *Config) {
		c.Metrics, c.Ready = metrics, func(context.Context) error { return notReady }
		c.Token, c.SessionKey = "token", sessionKey
	}
	b := browser{t: t, h: busyMorning().server(t, cfg)}
	wantIn(t, b.get("/healthz"), "alive")
	wantIn(t, b.get("/readyz"), "ready")
	notReady = errors.New("the store has no room")
	w := b.send("GET", "/readyz", nil)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "not ready: the store has no room") {
		t.Errorf("/readyz: %d %s", w.Code, w.Body)
	}
	wantIn(t, b.get("/healthz"), "alive")
	if w := b.send("GET", "/metrics", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("/metrics from elsewhere: %d, want 401", w.Code)
	}
	b.header = http.Header{"Authorization": {"Bearer token"}}
	wantIn(t, b.get("/metrics"), "up 1")
}

func TestFromHere(t *testing.T) {
	for remote, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "192.0.2.1:1": false, "": false, "@": false} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = remote
		if got := fromHere(r); got != want {
			t.Errorf("from %q: %t, want %t", remote, got, want)
		}
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		if fromHere(r) {
			t.Errorf("from %q through a proxy counts as here", remote)
		}
	}
}

// TestAlertFieldsAgree: the document names each field of an alert that is
// understood, and no other.
func TestAlertFieldsAgree(t *testing.T) {
	example := map[string]string{"labels": `{"dc":"tokyo"}`, "link": `"https://example.jp/1"`, "status": `"resolved"`, "at": `"2026-11-25T05:00:00Z"`}
	for name := range newContract(t).doc.Components.Schemas["Alert"].Value.Properties {
		value, ok := example[name]
		if !ok {
			value = `"text"`
		}
		body := fmt.Sprintf(`{"key":"k","summary":"s",%q:%s}`, name, value)
		if name == "key" || name == "summary" {
			body = `{"key":"k","summary":"s"}`
		}
		if _, err := source.Parse([]byte(body)); err != nil {
			t.Errorf("the document names %s, and %s is refused: %v", name, body, err)
		}
	}
	if _, err := source.Parse([]byte(`{"key":"k","summary":"s","resolved":true}`)); err == nil {
		t.Error("a field that the document does not name is taken")
	}
}
