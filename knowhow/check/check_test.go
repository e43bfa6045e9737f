package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"tebiki/knowhow"
)

// executor is a host on which programs do what a test says.
type executor func(ctx context.Context, argv []string, limit int) (Output, error)

func (e executor) Run(ctx context.Context, argv []string, limit int) (Output, error) {
	return e(ctx, argv, limit)
}

// newRunner makes one that runs everything by e.
func newRunner(t *testing.T, e Executor, limits Limits) *Runner {
	t.Helper()
	r, err := New(Options{Local: e, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func checks(t *testing.T, yaml string) []*knowhow.Check {
	t.Helper()
	base, err := knowhow.Load(fstest.MapFS{
		"knowhow.yaml": {Data: []byte(`components:
  - name: disk
    request_type: incident
    fields: [{name: path, label: Path}, {name: word, label: Word}]
    subtickets: [{title: Free some, document: free}]
checks:
` + yaml)},
		"docs/free.en.md": {Data: []byte("---\ntitle: Free\nowner: sato\nreviewed: 2026-04-01\n---\n## TODO\na\n## Procedure\nb\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return base.Checks()
}

func TestResultsInOrder(t *testing.T) {
	list := checks(t, `
  slow: {run: [slow], timeout: 2s}
  bad: {run: [show, "{host}"], params: {host: {from: host, pattern: "[a-z]+"}}}
  gone: {run: [gone]}
  torn: {run: [torn]}
  fine: {run: [fine, "a b"]}
`)
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t, executor(func(ctx context.Context, argv []string, _ int) (Output, error) {
			switch argv[0] {
			case "slow":
				<-ctx.Done()
				return Output{Text: []byte("so far")}, fmt.Errorf("running slow: %w", ctx.Err())
			case "gone":
				return Output{}, fmt.Errorf("running gone: %w", ErrMissing)
			case "torn":
				return Output{}, errors.New("input/output error")
			case "show":
				t.Error("a refused parameter was run")
			}
			return Output{Text: []byte("ok\n"), Exit: 1}, nil
		}), Limits{})
		began := time.Now()
		results := r.Run(t.Context(), Order{Checks: list, Fields: map[string]string{"host": "; rm -rf /"}})
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("all took %v, want the 2s of the slowest", took)
		}
		want := []Result{
			{Check: "slow", Command: "slow", Text: "so far", Reason: Late, Took: 2 * time.Second,
				Err: "slow had not ended after 2s and was stopped; what it printed until then is kept. Look at it by hand, or give the check slow more time"},
			{Check: "bad", Command: "show {host}", Reason: Refused,
				Err: `check bad, parameter host: the ticket's field "host" is "; rm -rf /" and must match [a-z]+`},
			{Check: "gone", Command: "gone", Reason: Missing, Err: "gone is not installed on the bot's host; install it, or change the check gone"},
			{Check: "torn", Command: "torn", Reason: Broken, Err: "torn could not be run (input/output error); look at the bot's host"},
			{Check: "fine", Command: "fine 'a b'", Text: "ok\n", Exit: 1},
		}
		for i, w := range want {
			w.Where, w.Started = knowhow.Bot, results[i].Started
			if results[i] != w {
				t.Errorf("result %d is\n%+v, want\n%+v", i, results[i], w)
			}
			if w.Started.IsZero() {
				t.Errorf("%s does not say when it ran", w.Check)
			}
		}
	})
}

func TestAtOnce(t *testing.T) {
	yaml := ""
	for i := range 20 {
		yaml += fmt.Sprintf("  c%d: {run: [c]}\n", i)
	}
	list := checks(t, yaml)
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		r := newRunner(t, executor(func(context.Context, []string, int) (Output, error) {
			now := running.Add(1)
			defer running.Add(-1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			time.Sleep(time.Second) // the bubble's time
			return Output{}, nil
		}), Limits{AtOnce: 3})
		var all sync.WaitGroup
		began := time.Now()
		for range 2 { // two tickets share the limit
			all.Go(func() { r.Run(t.Context(), Order{Checks: list}) })
		}
		all.Wait()
		if most.Load() != 3 {
			t.Errorf("%d checks ran at once, want 3", most.Load())
		}
		if took := time.Since(began); took != 14*time.Second {
			t.Errorf("40 checks of 1s, 3 at once, took %v", took)
		}
	})
}

// TestPatient: checks that nobody waits for leave places to others, however
// many of them hang.
func TestPatient(t *testing.T) {
	yaml := ""
	for i := range 20 {
		yaml += fmt.Sprintf("  c%d: {run: [hang], timeout: 60s}\n", i)
	}
	list, quick := checks(t, yaml), checks(t, "  q: {run: [q]}\n")
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t, executor(func(ctx context.Context, argv []string, _ int) (Output, error) {
			if argv[0] == "hang" {
				<-ctx.Done()
			}
			return Output{}, ctx.Err()
		}), Limits{AtOnce: 4})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { r.Run(ctx, Order{Checks: list, Patient: true}) })
		synctest.Wait()
		if n := len(r.slots.all); n != 2 {
			t.Errorf("%d places are taken, want half of four", n)
		}
		began := time.Now()
		if res := r.Run(ctx, Order{Checks: quick})[0]; res.Reason != Ran || time.Since(began) != 0 {
			t.Errorf("a quick one waited %v: %+v", time.Since(began), res)
		}
		cancel()
		all.Wait()
		if len(r.slots.hosts) != 0 || len(r.slots.all) != 0 || len(r.slots.patient) != 0 {
			t.Error("places are left")
		}
	})
}

func TestStopping(t *testing.T) {
	list := checks(t, "  a: {run: [a]}\n  b: {run: [b]}\n")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := newRunner(t, executor(func(ctx context.Context, _ []string, _ int) (Output, error) {
			<-ctx.Done()
			return Output{}, ctx.Err()
		}), Limits{AtOnce: 1})
		for _, res := range r.Run(ctx, Order{Checks: list}) {
			if res.Reason != Stopped || !strings.Contains(res.Err, "being stopped") {
				t.Errorf("%s: %+v", res.Check, res)
			}
		}
	})
}

func TestOutputLimit(t *testing.T) {
	list := checks(t, "  a: {run: [a]}\n")
	r := newRunner(t, executor(func(_ context.Context, _ []string, limit int) (Output, error) {
		return Output{Text: []byte(strings.Repeat("é\xff", limit))}, nil // an executor that keeps no limit
	}), Limits{Output: 500})
	res := r.Run(t.Context(), Order{Checks: list})[0]
	if len(res.Text) > 500 || !res.Cut || !strings.Contains(res.Text, "bytes cut here") || !utf8.ValidString(res.Text) {
		t.Errorf("kept %d bytes, cut %v: %q", len(res.Text), res.Cut, res.Text)
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain\ttext\n", "plain\ttext\n"},
		{"\x1b[1;31mred\x1b[0m \x1b]0;title\x07x", "red x"},
		{"a\r\nb\rc", "a\nb\nc"},
		{"nul\x00bell\x07del\x7f", "nulbelldel"},
		{"bad \xff\xfe utf-8", "bad \uFFFD utf-8"},
		{"\u202egnp.exe\u2066 \uFEFF", "gnp.exe "},
		{"c1 \u009b31m", "c1 31m"},
		{"ディスク 空き", "ディスク 空き"},
		{"\x1b", ""},
	}
	for _, tt := range tests {
		if got := clean([]byte(tt.in)); got != tt.want {
			t.Errorf("clean(%q) is %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("a\x1b[0mb\r\n\xff\u202e"), 100)
	f.Fuzz(func(t *testing.T, out []byte, limit int) {
		limit = max(limit, 64)
		r := &Runner{mask: &masker{}, limits: Limits{Output: limit}}
		text := r.show(Output{Text: out, Rest: out, Lost: len(out)}).text
		if !utf8.ValidString(text) || len(text) > limit {
			t.Errorf("%d bytes, valid %v", len(text), utf8.ValidString(text))
		}
		if strings.ContainsAny(text, "\x00\x1b\r\u202e\u009b") {
			t.Errorf("control characters are left in %q", text)
		}
	})
}

func TestShellWords(t *testing.T) {
	got := shellWords([]string{"df", "-h", "/var/lib", "a b", "it's", "", "$(id)", "*", "証明書"})
	if want := `df -h /var/lib 'a b' 'it'\''s' '' '$(id)' '*' 証明書`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSample runs every check of the sample for real: each comes to its end,
// or says that its program is not on this machine.
func TestSample(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the sample's checks are for Linux")
	}
	base, err := knowhow.Load(os.DirFS("../../bot/sample/workspace/knowhow"))
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{
		"host": "localhost", "requester": "tanaka", "name": "www", "zone": "invalid", "target": "localhost",
		"account": "root", "group": "root", "site": "localhost", "domain": "localhost", "path": "/",
	}
	list := base.Checks()
	ran := 0
	for i, res := range newRunner(t, Local{}, Limits{}).Run(t.Context(), Order{Checks: list, Fields: fields}) {
		if res.Check != list[i].Name || res.Where != knowhow.Bot {
			t.Errorf("result %d is of %s, want %s", i, res.Check, list[i].Name)
		}
		switch res.Reason {
		case Ran:
			ran++
		case Missing:
			t.Logf("%s: %s", res.Check, res.Err)
		default:
			t.Errorf("%s (%s): %s", res.Check, res.Command, res.Err)
		}
		if res.Check == "now" && (res.Exit != 0 || !strings.Contains(res.Text, ":")) {
			t.Errorf("%s printed %q with exit status %d", res.Command, res.Text, res.Exit)
		}
	}
	if ran < len(list)-3 {
		t.Errorf("only %d of %d checks ran on this machine", ran, len(list))
	}
}

// TestStoredResults: what was stored before results had hosts and verdicts is
// read as it was, and what is stored now comes back whole.
func TestStoredResults(t *testing.T) {
	const old = `{"Check":"df","Command":"df -h","Where":"bot","Text":"ok\n","Exit":1,"Cut":true,"Reason":"late","Err":"df had not ended","Started":"2026-11-25T03:00:00Z","Took":1500000000}`
	var got Result
	if err := json.Unmarshal([]byte(old), &got); err != nil {
		t.Fatal(err)
	}
	want := Result{Check: "df", Command: "df -h", Where: knowhow.Bot, Text: "ok\n", Exit: 1, Cut: true, Reason: Late, Err: "df had not ended",
		Started: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC), Took: 1500 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if text, err := json.Marshal(got); err != nil || string(text) != old {
		t.Errorf("it is stored as %s, %v", text, err)
	}
	want.Host, want.Verdict = "web1", &knowhow.Verdict{Points: []knowhow.Point{{By: knowhow.ByExit, Want: "0", Found: "1"}}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("%s comes back as %+v, %v", text, back, err)
	}
}

// TestPortOfAnInventory: a port that the inventory has with a name is that of
// SSH, and no part of a URL.
func TestPortOfAnInventory(t *testing.T) {
	list := checks(t, `
  ssh: {run: [df], where: server}
  get: {get: "https://{host}/health", params: {host: {from: host, pattern: ".+"}}}
  port: {get: "http://{host}:8080/health", params: {host: {from: host, pattern: ".+"}}}
`)
	for address, want := range map[string][]string{
		"web1:2222":          {"web1:2222: df", "http: GET https://web1/health", "http: GET http://web1:8080/health"},
		"web1":               {"web1: df", "http: GET https://web1/health", "http: GET http://web1:8080/health"},
		"2001:db8::1":        {"2001:db8::1: df", "http: GET https://[2001:db8::1]/health", "http: GET http://[2001:db8::1]:8080/health"},
		"[2001:db8::1]:2222": {"[2001:db8::1]:2222: df", "http: GET https://[2001:db8::1]/health", "http: GET http://[2001:db8::1]:8080/health"},
		"[2001:db8::1]":      {"[2001:db8::1]: df", "http: GET https://[2001:db8::1]/health", "http: GET http://[2001:db8::1]:8080/health"},
	} {
		o := &office{}
		r := o.runner(t, func(opts *Options) {
			opts.Resolve = func(context.Context, string) (string, error) { return address, nil }
		})
		for i := range list {
			r.Run(t.Context(), Order{Checks: list[i : i+1], Fields: map[string]string{"host": "web1"}})
		}
		if !slices.Equal(o.ran, want) {
			t.Errorf("of %s it ran\n%q, want\n%q", address, o.ran, want)
		}
	}
}
