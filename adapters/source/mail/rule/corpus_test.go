package rule_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tebiki/adapters/source"
	"tebiki/adapters/source/mail"
	"tebiki/adapters/source/mail/rule"
)

var update = flag.Bool("update", false, "write the mails of the corpus and what becomes of them anew")

const corpus = "../testdata"

// A golden is what must become of a mail, as the files have it.
type golden struct {
	ID        string        `json:"id"`
	Rule      string        `json:"rule,omitempty"`
	Unmatched bool          `json:"unmatched,omitempty"`
	Alerts    []goldenAlert `json:"alerts"`
	Notes     []string      `json:"notes,omitempty"` // of the mail
}

type goldenAlert struct {
	Source   string            `json:"source"`
	Key      string            `json:"key"`
	Severity string            `json:"severity,omitempty"`
	Host     string            `json:"host,omitempty"`
	Service  string            `json:"service,omitempty"`
	Check    string            `json:"check,omitempty"`
	Summary  string            `json:"summary,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Link     string            `json:"link,omitempty"`
	Resolved bool              `json:"resolved,omitempty"`
	At       *time.Time        `json:"at,omitempty"`
}

func goldensOf(m mail.Message, results []rule.Result) []golden {
	var out []golden
	for _, r := range results {
		g := golden{ID: r.ID, Rule: r.Rule, Unmatched: r.Unmatched, Notes: m.Notes}
		for _, a := range r.Alerts {
			one := goldenAlert{Source: a.Source, Key: a.Key, Severity: a.Severity, Host: a.Host, Service: a.Service, Check: a.Check,
				Summary: a.Summary, Labels: a.Labels, Link: a.Link, Resolved: a.Resolved}
			if !a.At.IsZero() {
				at := a.At.UTC()
				one.At = &at
			}
			g.Alerts = append(g.Alerts, one)
		}
		out = append(out, g)
	}
	return out
}

func standard(t testing.TB) *rule.Set {
	t.Helper()
	set, err := rule.Standard()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func names(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpus, "*.eml"))
	if err != nil || len(files) < 60 {
		t.Fatalf("there are %d mails, %v", len(files), err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".eml")
	}
	return files
}

func bytesOf(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpus, name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parsed(t testing.TB, name string) mail.Message {
	t.Helper()
	m, err := mail.Parse(bytes.NewReader(bytesOf(t, name)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}

// The files are what the readable form says, and become what they must.
func TestCorpus(t *testing.T) {
	set := standard(t)
	written := writeMails(t)
	for _, name := range names(t) {
		if want, ok := written[name]; !ok || !bytes.Equal(bytesOf(t, name), want) {
			t.Errorf("%s.eml is not as mails.txt has it; run the test with -update", name)
		}
		m := parsed(t, name)
		file := filepath.Join(corpus, name+".json")
		got := goldensOf(m, set.Take(m))
		if *update {
			writeJSON(t, file, got)
		}
		var want []golden
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &want)
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s (-want +got): %v\n%s", name, err, diff)
		}
	}
}

func writeJSON(t *testing.T, file string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// In every ready set that knows recoveries, a recovery has its problem's key
// and its severity, or one that wakes nobody.
func TestPairs(t *testing.T) {
	set := standard(t)
	for problem, recovery := range map[string]string{
		"zabbix-problem": "zabbix-recovery", "zabbix-html-problem": "zabbix-html-recovery", "zabbix-ja-problem": "zabbix-ja-recovery",
		"zabbix-service-problem": "zabbix-service-recovery", "zabbix-second-problem": "zabbix-second-recovery", "zabbix-old-problem": "zabbix-old-recovery",
		"nagios-service-problem": "nagios-service-recovery", "nagios-host-problem": "nagios-host-recovery", "nagios-flapping-start": "nagios-flapping-stop",
		"icinga-service-problem": "icinga-service-recovery", "icinga-host-problem": "icinga-host-recovery", "icinga-flapping-start": "icinga-service-recovery", "icinga-old-problem": "icinga-old-recovery",
		"munin-problem": "munin-recovery", "alertmanager-firing": "alertmanager-mixed", "mdadm-fail": "mdadm-recovery",
		"upgrades-failure": "upgrades-success", "upgrades-old": "upgrades-success", "systemd-failed": "systemd-active",
		"generic-ja-problem": "generic-ja-recovery", "generic-sjis-problem": "generic-sjis-recovery", "generic-english-problem": "generic-english-recovery",
		"generic-flapping": "generic-ja-recovery", "generic-not-recovered": "generic-ja-recovery",
	} {
		first, last := set.Take(parsed(t, problem))[0], set.Take(parsed(t, recovery))[0]
		a, b := first.Alerts[0], last.Alerts[len(last.Alerts)-1]
		if a.Resolved || !b.Resolved || a.Source != b.Source || a.Key != b.Key || a.Key == "" || b.Severity == "" || b.Severity != "info" && a.Severity != "" && b.Severity != a.Severity {
			t.Errorf("%s is %+v\n%s is %+v", problem, a, recovery, b)
		}
	}
}

// Two Zabbix servers count their events each for itself: the problem of one is
// no repetition of the other's, and is not ended by the other's recovery.
func TestTwoZabbixServers(t *testing.T) {
	set := standard(t)
	key := func(name string) string { return set.Take(parsed(t, name))[0].Alerts[0].Key }
	for problem, recovery := range map[string]string{"zabbix-problem": "zabbix-recovery", "zabbix-second-problem": "zabbix-second-recovery"} {
		if a, b := key(problem), key(recovery); a != b {
			t.Errorf("%s has the key %q, %s %q", problem, a, recovery, b)
		}
	}
	if a, b := key("zabbix-problem"), key("zabbix-second-problem"); a == b {
		t.Errorf("problems of two servers have one key %q", a)
	}
}

// What is neither problem nor recovery has a key of its own, and wakes nobody.
func TestNotesAndFlapping(t *testing.T) {
	set := standard(t)
	for name, problem := range map[string]string{"nagios-ack": "nagios-service-problem", "icinga-downtime": "icinga-host-problem", "zabbix-update": "zabbix-problem", "zabbix-service-update": "zabbix-service-problem", "zabbix-service-update-html": "zabbix-service-problem", "mdadm-test": "mdadm-fail"} {
		a, p := set.Take(parsed(t, name))[0].Alerts[0], set.Take(parsed(t, problem))[0].Alerts[0]
		if a.Resolved || a.Key == p.Key || a.Severity != "info" || a.Labels["note"] == "" {
			t.Errorf("%s is %+v", name, a)
		}
	}
	for _, name := range []string{"nagios-flapping-start", "icinga-flapping-start", "generic-flapping"} {
		if a := set.Take(parsed(t, name))[0].Alerts[0]; a.Resolved || a.Labels["flapping"] == "" {
			t.Errorf("%s is %+v", name, a)
		}
	}
}

// Whatever the mail, the alerts are such as adapters/source promises.
func wantSound(t testing.TB, results []rule.Result) {
	t.Helper()
	for _, r := range results {
		if r.ID == "" || len(r.ID) > source.MaxField || len(r.Alerts) == 0 || r.Rule == "" && !r.Unmatched {
			t.Errorf("a result is not whole: %+v", r)
		}
		for _, a := range r.Alerts {
			texts := []string{a.Source, a.Key, a.Severity, a.Host, a.Service, a.Check}
			for name, value := range a.Labels {
				texts = append(texts, name, value)
			}
			sound := func(s string, most int) bool {
				return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
			}
			if slices.ContainsFunc(texts, func(s string) bool { return !sound(s, source.MaxField) }) || !sound(a.Summary, source.MaxSummary) ||
				!sound(a.Link, source.MaxLink) || len(a.Labels) > source.MaxLabels || a.Source == "" || a.Key == "" || a.Summary == "" && a.Check == "" || a.Resolved && a.Severity == "" {
				t.Errorf("an alert is not sound: %+v", a)
			}
		}
	}
}

func TestSound(t *testing.T) {
	set := standard(t)
	for _, name := range names(t) {
		wantSound(t, set.Take(parsed(t, name)))
	}
}

// A mail that comes again is the same mail, whatever its way was.
func TestIDs(t *testing.T) {
	seen := map[string]string{}
	for _, name := range names(t) {
		raw := bytesOf(t, name)
		m := parsed(t, name)
		again, err := mail.Parse(bytes.NewReader(append([]byte("Received: by elsewhere\r\nX-Spam: no\r\n"), raw...)))
		if err != nil {
			t.Fatal(err)
		}
		if name != "mime-broken" && name != "unrecognized-garbage" && again.ID != m.ID {
			t.Errorf("%s has the IDs %q and %q", name, m.ID, again.ID)
		}
		if seen[m.ID] != "" {
			t.Errorf("%s and %s have one ID, %q", name, seen[m.ID], m.ID)
		}
		seen[m.ID] = name
	}
}
