// Package checktest is what every implementation of check.Executor must do.
//
// The data's way: an implementation's test makes a Subject, which says how its
// Executor is made to print, hang, flood and break off, and Run puts it
// through all of that. What is an implementation's own, its test wants by Fails.
package checktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tebiki/knowhow/check"
)

// patience is how long an Executor may take to notice what it waits for.
const patience = 10 * time.Second

// A Subject is an Executor and what makes it do things. What is nil is not
// asked of it.
type Subject struct {
	Executor check.Executor

	Print   func(text string) []string // prints text and nothing else
	Lines   func(n int) []string       // prints n lines: 1, 2, 3 ...
	Exit    func(status int) []string  // prints "done" and ends with the status
	Status  []int                      // such as Exit takes; of failures
	Fine    int                        // the status of what went well
	Flood   []string                   // prints without end
	Hang    []string                   // prints "so far" and then hangs
	Break   []string                   // prints "half" and breaks off
	Missing [][]string                 // are not there
	Bad     [][]string                 // cannot be run at all, besides no arguments
}

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Subject)
		skip bool
	}{
		{"text", testText, false},
		{"exit", testExit, false},
		{"limit", testLimit, s.Lines == nil},
		{"flood", testFlood, s.Flood == nil},
		{"hang", testHang, s.Hang == nil},
		{"cancelled", testCancelled, false},
		{"broken off", testBreak, s.Break == nil},
		{"missing", testMissing, s.Missing == nil},
		{"bad", testBad, false},
		{"together", testTogether, false},
	} {
		if !c.skip {
			t.Run(c.name, func(t *testing.T) { c.test(t, s) })
		}
	}
	t.Run("afterwards", testAfterwards(s))
}

func run(t *testing.T, s Subject, argv []string, limit int) (check.Output, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := s.Executor.Run(ctx, argv, limit)
	if kept := len(out.Text) + len(out.Rest); kept > limit {
		t.Errorf("%q kept %d bytes, more than %d", argv, kept, limit)
	}
	return out, err
}

// texts are hostile: those with line breaks and signs of shells, terminals
// and writing from the right, and one that is long.
var texts = []string{
	"plain", " a  b ", "'; rm -rf / #", `$(id) "x" \n \\`, "`id` && id | id", "two\nlines\n", "証明書は有効です", "\u202egnp.exe\u2066",
	"\x1b[1m\x07", "%s%n {a} *", "\t", "''", "!", strings.Repeat("長い", 5000),
}

func testText(t *testing.T, s Subject) {
	for _, text := range texts {
		out, err := run(t, s, s.Print(text), 100_000)
		if err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
		if string(out.Text) != text || out.Lost != 0 || len(out.Rest) != 0 || out.Exit != s.Fine {
			t.Errorf("%.40q was printed as %.80q, lost %d, exit %d", text, out.Text, out.Lost, out.Exit)
		}
	}
}

// testAfterwards shows that nothing before has harmed the Executor.
func testAfterwards(s Subject) func(*testing.T) {
	return func(t *testing.T) {
		if out, err := run(t, s, s.Print("well"), 1000); err != nil || string(out.Text) != "well" {
			t.Errorf("afterwards it prints %q, %v", out.Text, err)
		}
	}
}

func testExit(t *testing.T, s Subject) {
	for _, status := range s.Status {
		out, err := run(t, s, s.Exit(status), 1000)
		if err != nil {
			t.Errorf("status %d is an error: %v", status, err)
		}
		if out.Exit != status || strings.TrimSpace(string(out.Text)) != "done" {
			t.Errorf("got %q with status %d, want done with %d", out.Text, out.Exit, status)
		}
	}
}

func testLimit(t *testing.T, s Subject) {
	const n, limit = 20_000, 5000
	out, err := run(t, s, s.Lines(n), limit)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for i := range n {
		total += len(fmt.Sprintln(i + 1))
	}
	if len(out.Text)+len(out.Rest)+out.Lost != total {
		t.Errorf("kept %d and %d, lost %d, of %d bytes", len(out.Text), len(out.Rest), out.Lost, total)
	}
	if !bytes.HasPrefix(out.Text, []byte("1\n2\n3\n")) || !bytes.HasSuffix(out.Rest, fmt.Appendln(nil, n)) {
		t.Errorf("kept %.20q and %d bytes of the end", out.Text, len(out.Rest))
	}
}

func testFlood(t *testing.T, s Subject) {
	out, err := run(t, s, s.Flood, 1000)
	if !errors.Is(err, check.ErrFlood) {
		t.Errorf("the error is %v, want ErrFlood", err)
	}
	if out.Lost == 0 || len(out.Text) == 0 {
		t.Errorf("kept %d bytes, lost %d", len(out.Text), out.Lost)
	}
}

func testHang(t *testing.T, s Subject) {
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	out, err := s.Executor.Run(ctx, s.Hang, 1000)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v, want that the time was over", err)
	}
	if took := time.Since(began); took > patience {
		t.Errorf("it took %v to give up", took)
	}
	if strings.TrimSpace(string(out.Text)) != "so far" {
		t.Errorf("it kept %q of what was printed until then", out.Text)
	}
}

func testCancelled(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Executor.Run(ctx, s.Print("x"), 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that it was cancelled", err)
	}
}

func testBreak(t *testing.T, s Subject) {
	out, err := run(t, s, s.Break, 1000)
	if err == nil {
		t.Error("what broke off gave no error")
	}
	if strings.TrimSpace(string(out.Text)) != "half" {
		t.Errorf("it kept %q of what was printed until then", out.Text)
	}
}

func testMissing(t *testing.T, s Subject) {
	for _, argv := range s.Missing {
		if _, err := run(t, s, argv, 1000); !errors.Is(err, check.ErrMissing) {
			t.Errorf("%q gave %v, want ErrMissing", argv, err)
		}
	}
}

func testBad(t *testing.T, s Subject) {
	for _, argv := range append([][]string{nil, {}}, s.Bad...) {
		if _, err := run(t, s, argv, 1000); err == nil || errors.Is(err, check.ErrMissing) {
			t.Errorf("%.80q gave %v, want an error that says what is wrong", argv, err)
		}
	}
}

// testTogether: many at once, each gets its own.
func testTogether(t *testing.T, s Subject) {
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			text := strings.Repeat(fmt.Sprint("of ", i, " "), 100)
			if out, err := run(t, s, s.Print(text), 10_000); err != nil || string(out.Text) != text {
				t.Errorf("number %d got %.20q, %v", i, out.Text, err)
			}
		})
	}
	all.Wait()
}

// Fails wants a check.Failure of a reason, whose sentence holds all of words.
func Fails(t *testing.T, err error, reason check.Reason, words ...string) {
	t.Helper()
	var f *check.Failure
	if !errors.As(err, &f) || f.Reason != reason {
		t.Errorf("the error is %v, want one that is %s", err, reason)
		return
	}
	for _, word := range words {
		if !strings.Contains(f.What, word) {
			t.Errorf("the error does not say %q:\n%s", word, f.What)
		}
	}
}
