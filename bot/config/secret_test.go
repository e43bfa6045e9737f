package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsNeverShown(t *testing.T) {
	c := &Config{Password: NewSecret("hunter2")}
	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T", "%10s"} {
		shown[verb] = fmt.Sprintf(verb+" "+verb+" "+verb, c.Password, &c.Password, c)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", c.Password, "config", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", c.Password, "config", c)
	shown["slog"] = log.String()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown["json"] = string(data)
	for how, s := range shown {
		if strings.Contains(s, "hunter2") || strings.Contains(s, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s tells it: %s", how, s)
		}
	}
	if !strings.Contains(shown["%v"], "***") {
		t.Errorf("%%v gives %q; want stars", shown["%v"])
	}
}

func TestSecretValue(t *testing.T) {
	s := NewSecret("hunter2")
	if s.Reveal() != "hunter2" || !s.IsSet() || !s.Equal(NewSecret("hunter2")) || s.Equal(NewSecret("hunter3")) {
		t.Error("a secret does not hold its value")
	}
	if (Secret{}).IsSet() || (Secret{}).String() != "" {
		t.Error("no secret looks like one")
	}
}
