package kind_test

import (
	"strings"
	"testing"

	"tebiki/bot/digest/kind"
	"tebiki/escalation"
)

func TestOf(t *testing.T) {
	a := &escalation.Alert{Source: "zabbix", Host: "web1", Check: "disk  /var", Summary: "{host}\n91%", Labels: map[string]string{"cluster": "blue"}}
	for template, want := range map[string]string{
		"{host} {check}":              "web1 disk /var",
		"{labels.cluster}: {check}":   "blue: disk /var",
		"{labels.rack}{service}":      "",
		"all of {source}":             "all of zabbix",
		"{summary}":                   "{host} 91%",
		"{severity} {labels.nothing}": "",
	} {
		parsed, err := kind.Parse(template)
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if got := parsed.Of(a); got != want {
			t.Errorf("%s names %q, want %q", template, got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	for template, want := range map[string]string{
		"":                 "names no field",
		"all":              "names no field",
		"{hots}":           `no field "hots"`,
		"{}":               `no field ""`,
		"{labels.}":        `no field "labels."`,
		"{host} {check":    "brace without its other",
		"{host} } {check}": "brace without its other",
		"{host} }":         "brace without its other",
	} {
		if got, err := kind.Parse(template); err == nil || !strings.Contains(err.Error(), want) || !got.IsZero() {
			t.Errorf("%q: %v, want %q", template, err, want)
		}
	}
}
