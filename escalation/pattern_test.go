package escalation

import "testing"

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern Pattern
		text    string
		want    bool
	}{
		{"web1", "WEB1", true}, {"web1", "web10", false}, {"web*", "web", true}, {"*", "", true}, {"", "", true}, {"", "x", false},
		{"*.example.jp", "a.example.jp", true}, {"*.example.jp", "example.jp", false},
		{"a*b*c", "a-b-b-c", true}, {"a*b*c", "abc", true}, {"a*b*c", "acb", false}, {"ab*ba", "aba", false}, {"a**b", "ab", true},
	} {
		if got := c.pattern.Match(c.text); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	same := func(a, b Alert) bool { return a.Fingerprint() == b.Fingerprint() }
	a := Alert{Source: "zabbix", Host: "web1", Check: "disk", Summary: "80 %"}
	b := a
	b.Summary, b.Severity, b.Service = "90 %", "critical", "shop"
	if !same(a, b) {
		t.Error("a changed summary makes another alert")
	}
	for name, other := range map[string]Alert{
		"host":   {Source: "zabbix", Host: "web2", Check: "disk"},
		"check":  {Source: "zabbix", Host: "web1", Check: "load"},
		"source": {Source: "nagios", Host: "web1", Check: "disk"},
		"key":    {Source: "zabbix", Key: "web1", Host: "web1", Check: "disk"},
		"shift":  {Source: "zabbix", Host: "web1d", Check: "isk"},
	} {
		if same(a, other) {
			t.Errorf("another %s is the same alert", name)
		}
	}
	if !same(Alert{Source: "s", Key: "k", Host: "a"}, Alert{Source: "s", Key: "k", Host: "b"}) {
		t.Error("the same key on two hosts makes two alerts")
	}
}
