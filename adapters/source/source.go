// Package source reads alerts out of what monitoring systems send: Tebiki's
// own JSON, the webhooks of Prometheus Alertmanager, Grafana and Zabbix, and
// any other JSON by expressions in the configuration. It knows formats, not
// urgency: what an alert is worth is decided by escalation. What a body's
// sender has to prove is the business of adapters/web.
//
// A body is taken whole or not at all. A fault names its place in the body.
//
// Parse reads our own format with a scanner of its own (scan.go), because
// every alert passes it: one walk over the bytes finds what encoding/json
// does not tell, such as a key given twice, and costs less. Alertmanager's
// format is theirs: encoding/json reads it, what they may add is skipped, and
// what is too long is cut, since an alert they are refused is never sent again.
// So it is with Grafana (grafana.go), with Zabbix (zabbix.go, whose side of it
// is media_tebiki.yaml), and with what a Mapping makes of a body: mapping.go
// says what it is, expression.go and function.go what an expression may do,
// evaluation.go how a body goes through it, and mapped.go what becomes of what
// it gives.
package source

import (
	"fmt"
	"time"
)

// An Alert is one signal of one monitoring system.
type Alert struct {
	Source   string            // which system: "prometheus"
	Key      string            // dedup key; "" lets source, host and check stand for it
	Severity string            // the system's own word: "critical"
	Host     string            //
	Service  string            //
	Check    string            // what was looked at: "disk /var"
	Summary  string            // one line for people
	Labels   map[string]string // everything else
	Link     string            // the system's own page about it
	Resolved bool              // it is over
	At       time.Time         // when the system saw it; zero when it does not say
}

// Limits of one alert, in bytes, and of one body, in alerts. A longer summary
// is cut, since a person is waiting for it; any other field that is too long
// is a Fault.
const (
	MaxField   = 256 // the name and the value of a label too
	MaxSummary = 4096
	MaxLink    = 2048
	MaxLabels  = 64
	MaxAlerts  = 10_000
)

// Formats are the parsers of other systems' webhooks, by the systems' names.
func Formats() map[string]func(body []byte) ([]Alert, error) {
	return map[string]func([]byte) ([]Alert, error){
		"alertmanager": ParseAlertmanager,
		"grafana":      ParseGrafana,
		"zabbix":       ParseZabbix,
	}
}

// A Fault says why a body was refused and where.
type Fault struct {
	Offset int64  // byte in the body, from 0; -1 when it has no one place
	Path   string // `[3].severity`; "" for the whole
	What   string // what is wrong and what is wanted
}

func (f *Fault) Error() string {
	switch {
	case f.Path != "" && f.Offset >= 0:
		return fmt.Sprintf("%s, at byte %d: %s", f.Path, f.Offset, f.What)
	case f.Path != "":
		return fmt.Sprintf("%s: %s", f.Path, f.What)
	case f.Offset >= 0:
		return fmt.Sprintf("at byte %d: %s", f.Offset, f.What)
	}
	return f.What
}
