package escalation

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// An Alert is one signal of one monitoring system.
type Alert struct {
	Source   string            `json:"source,omitempty"`
	Key      string            `json:"key,omitempty"` // dedup key, within its source
	Severity string            `json:"severity,omitempty"`
	Host     string            `json:"host,omitempty"`
	Service  string            `json:"service,omitempty"`
	Check    string            `json:"check,omitempty"`
	Summary  string            `json:"summary,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Link     string            `json:"link,omitempty"`
	Resolved bool              `json:"resolved,omitempty"`
	At       time.Time         `json:"at"` // when the source saw it, or else when it came
}

// A Fingerprint tells alerts apart: two with the same one are the same alert.
type Fingerprint [16]byte

// Fingerprint is made of the source and the dedup key or, without a key, of
// source, host and check.
func (a *Alert) Fingerprint() Fingerprint {
	parts := []string{"key", a.Source, a.Key}
	if a.Key == "" {
		parts = []string{"check", a.Source, a.Host, a.Check}
	}
	// NUL cannot be in a field (adapters/source refuses it), so the joined
	// text has one reading.
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return Fingerprint(sum[:16])
}

// short is enough of it where a confusion, one in a hundred million among a
// million alerts, would only name a wrong older incident.
func (f Fingerprint) short() uint64 { return binary.BigEndian.Uint64(f[:]) }

// Field gives a field by the name it has in configuration: source, severity,
// host, service, check, summary, or "labels.NAME". An unknown one is "".
func (a *Alert) Field(name string) string {
	switch name {
	case "source":
		return a.Source
	case "severity":
		return a.Severity
	case "host":
		return a.Host
	case "service":
		return a.Service
	case "check":
		return a.Check
	case "summary":
		return a.Summary
	}
	if label, ok := strings.CutPrefix(name, "labels."); ok {
		return a.Labels[label]
	}
	return ""
}

// KnownField tells whether Field understands a name.
func KnownField(name string) bool {
	label, ok := strings.CutPrefix(name, "labels.")
	return ok && label != "" || slices.Contains([]string{"source", "severity", "host", "service", "check", "summary"}, name)
}
