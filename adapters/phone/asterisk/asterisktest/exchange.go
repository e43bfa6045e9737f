package asterisktest

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// An Exchange is a line of a recording; see testdata beside this package.
type Exchange struct {
	AtMS   int             `json:"at_ms"` // since the websocket opened
	Kind   string          `json:"kind"`  // "request", "response" or "event"
	Verb   string          `json:"verb"`
	Path   string          `json:"path"`
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// ReadExchanges reads a recording.
func ReadExchanges(tb testing.TB, file string) (lines []Exchange) {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var x Exchange
		if err := json.Unmarshal(s.Bytes(), &x); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		lines = append(lines, x)
	}
	if s.Err() != nil || len(lines) == 0 {
		tb.Fatalf("%s: %d lines, %v", file, len(lines), s.Err())
	}
	return lines
}
