package source

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// ParseAlertmanager reads the body of Prometheus Alertmanager's webhook,
// version 4. The group around the alerts is left: Tebiki groups by itself.
//
//	Key       the fingerprint, or a hash of the labels when there is none
//	Severity  label severity
//	Host      label instance without port and scheme, or host, hostname,
//	          nodename, node
//	Service   label service, or job
//	Check     label alertname
//	Summary   annotation summary, or description, or message; or the alert's
//	          name; or its labels
//	Labels    all other labels and annotations, the labels first
//	Link      the generator's URL, or Alertmanager's own
//	At        its start, or its end when it is resolved
//
// Fields that are not known are skipped and texts are cleaned and cut, since
// Alertmanager drops an alert that it is refused. Refused are what is no such
// body, and an alert that nothing names.
func ParseAlertmanager(body []byte) ([]Alert, error) {
	var m amMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, jsonFault(err, "Alertmanager")
	}
	if m.Version != "4" {
		return nil, &Fault{Offset: -1, Path: "version", What: fmt.Sprintf("%.40q is not known: Alertmanager's webhook is read in version \"4\"", m.Version)}
	}
	if fault := howMany(len(m.Alerts), "max_alerts at the receiver"); fault != nil {
		return nil, fault
	}
	alerts := make([]Alert, len(m.Alerts))
	for i, a := range m.Alerts {
		var fault *Fault
		if alerts[i], fault = a.alert(m); fault != nil {
			fault.Path = fmt.Sprintf("alerts[%d]%s", i, fault.Path)
			return nil, fault
		}
	}
	return alerts, nil
}

// howMany refuses a list that holds nothing, or too much. The setting is the
// sender's that keeps it shorter.
func howMany(n int, setting string) *Fault {
	switch {
	case n == 0:
		return &Fault{Offset: -1, Path: "alerts", What: "the list is empty or missing: there is nothing to take"}
	case n > MaxAlerts:
		return &Fault{Offset: -1, Path: "alerts", What: fmt.Sprintf("there are %d alerts, at most %d are taken: set %s", n, MaxAlerts, setting)}
	}
	return nil
}

// amMessage is what is read of the webhook's body.
type amMessage struct {
	Version     string    `json:"version"`
	Status      string    `json:"status"`
	ExternalURL string    `json:"externalURL"`
	Alerts      []amAlert `json:"alerts"`
}

type amAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     string            `json:"startsAt"`
	EndsAt       string            `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// jsonFault gives what encoding/json found in a sender's body its place.
func jsonFault(err error, sender string) *Fault {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return &Fault{Offset: max(syntax.Offset-1, 0), What: "this is not JSON: " + clean(syntax.Error(), MaxField)}
	case errors.As(err, &wrong):
		return &Fault{Offset: wrong.Offset, Path: clean(wrong.Field, MaxField), What: fmt.Sprintf("%s stands where %s has another kind of value", clean(wrong.Value, 40), sender)}
	}
	return &Fault{Offset: -1, What: clean(err.Error(), MaxField)}
}

func (a amAlert) alert(m amMessage) (Alert, *Fault) {
	if a.Fingerprint = clean(a.Fingerprint, MaxField); a.Fingerprint == "" && len(a.Labels) == 0 {
		return Alert{}, &Fault{Offset: -1, What: "it has no fingerprint and no labels: nothing tells it from others"}
	}
	out := Alert{
		Source:   "alertmanager",
		Key:      cmp.Or(a.Fingerprint, hashOf(a.Labels)),
		Severity: a.label("severity"),
		Host:     hostOf(a),
		Service:  cmp.Or(a.label("service"), a.label("job")),
		Check:    a.label("alertname"),
		Labels:   a.rest(),
		Link:     firstLink(a.GeneratorURL, m.ExternalURL),
	}
	out.Summary = a.summary(out.Check)
	switch cmp.Or(a.Status, m.Status) {
	case "firing":
		out.At = readTime(a.StartsAt)
	case "resolved":
		out.Resolved, out.At = true, readTime(a.EndsAt)
	default:
		return Alert{}, &Fault{Offset: -1, Path: ".status", What: fmt.Sprintf("%.40q is no status: it is \"firing\" or \"resolved\"", cmp.Or(a.Status, m.Status))}
	}
	return out, nil
}

func (a amAlert) label(name string) string { return clean(a.Labels[name], MaxField) }

func (a amAlert) summary(check string) string {
	for _, name := range []string{"summary", "description", "message"} {
		if s := clean(a.Annotations[name], MaxSummary); s != "" {
			return s
		}
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		pairs = append(pairs, name+"="+a.Labels[name])
	}
	return cmp.Or(check, clean(strings.Join(pairs, ", "), MaxSummary), "alert "+a.Fingerprint)
}

// rest are the labels and annotations that no field says as they are.
func (a amAlert) rest() map[string]string {
	out := map[string]string{}
	said := []string{"alertname", "severity", "service", "summary"}
	for _, from := range []map[string]string{a.Labels, a.Annotations} {
		for _, name := range slices.Sorted(maps.Keys(from)) {
			key, value := clean(name, MaxField), clean(from[name], MaxField)
			if _, taken := out[key]; taken || key == "" || slices.Contains(said, key) {
				continue
			}
			if len(out) == MaxLabels {
				return out
			}
			out[key] = value
		}
	}
	return out
}

// hashOf makes a key of labels, the same whatever their order.
func hashOf(labels map[string]string) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		// Lengths keep {"a": "bc"} and {"ab": "c"} apart.
		_, _ = fmt.Fprintf(h, "%d %s %d %s ", len(name), name, len(labels[name]), labels[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// readTime gives no time for one that cannot be read, and for the zero that
// Alertmanager writes for one it does not have.
func readTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t
}

// clean makes one line of a text and cuts it.
func clean(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, s)
	}
	return cut(strings.TrimSpace(s), most)
}
