package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tebiki/bot/sample"
)

// workspace writes the sample workspace with a configuration of its own, and
// gives the configuration's name.
func workspaceWith(t testing.TB, configuration string) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := sample.Write(dir); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, sample.Config)
	if err := os.WriteFile(name, []byte(people+configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// people are those the sample's know-how and inventory speak of.
const people = `
people:
  tanaka: {name: 田中 葵, team: infra-jp}
  sato: {name: 佐藤 健, team: infra-jp}
  suzuki: {name: 鈴木 さくら, team: infra-jp}
  smith: {name: Emma Smith, team: platform-en}
  garcia: {name: Luis García, team: platform-en}
  lee: {name: Hannah Lee, team: platform-en}
teams:
  infra-jp: {name: Infra, leader: sato, channel: "#infra", lang: ja, zone: Asia/Tokyo}
  platform-en: {name: Platform, leader: smith, channel: "#platform", zone: Europe/London}
schedules:
  infra-jp: {zone: Asia/Tokyo, layers: {primary: {people: [tanaka], start: 2026-01-05}}}
`

// await asks until an answer is as it should be: there is no other way to
// wait for something within another process.
func await(t testing.TB, limit time.Duration, what string, holds func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := holds()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not within %s: %s (%v)", limit, what, err)
		}
	}
}

// get reads a page of the process.
func get(url string) (status int, body string, err error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// waiting counts what the outbox still holds, by the metrics.
func waiting(url string) (n int, err error) {
	status, body, err := get(url + "/metrics")
	if err != nil || status != http.StatusOK {
		return 0, errors.Join(err, fmt.Errorf("/metrics answers %d", status))
	}
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		if !strings.HasPrefix(name, "tebiki_outbox_waiting{") && !strings.HasPrefix(name, "tebiki_outbox_running{") {
			continue
		}
		var v float64
		if _, err := fmt.Sscan(value, &v); err != nil {
			return 0, fmt.Errorf("%q: %w", line, err)
		}
		n += int(v)
	}
	return n, nil
}
