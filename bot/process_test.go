package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Some tests are about what only a real process shows: that it can be killed,
// that it ends in time and with which exit status. They start the binary, as
// a user does, and know it only by its output and its HTTP.

var seed = flag.Uint64("seed", 20261125, "of the tests with random moments in them")

// buildFlags are those of this test itself.
var buildFlags = []string{"build", "-buildvcs=false"}

var binaryDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(binaryDir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// binary builds the program, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tebiki-test-")
	if err != nil {
		return "", err
	}
	binaryDir = dir
	path := filepath.Join(dir, "tebiki")
	out, err := exec.Command("go", append(buildFlags, "-o", path, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

// A process is a running tebiki.
type process struct {
	url    string // of its console
	served time.Time
	cmd    *exec.Cmd
	errs   *bytes.Buffer // read it only after ended is closed
	ready  chan string
	ended  chan struct{}
}

// launch starts the binary on a free port; wait for its ready.
func launch(t testing.TB, data string, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return launchCommand(t, exec.Command(path, serveArgs(data, args)...))
}

func serveArgs(data string, args []string) []string {
	return append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, args...)
}

func launchCommand(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, errs: &bytes.Buffer{}, ready: make(chan string, 1), ended: make(chan struct{})}
	cmd.Stderr = p.errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.follow(out)
	t.Cleanup(p.kill)
	return p
}

// follow reads the output to its end. The line which names the address comes
// when the address can be asked.
func (p *process) follow(out io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "serves its console on "); ok {
			p.ready <- url
		}
	}
	_ = p.cmd.Wait() // what it says is asked of ProcessState
}

// startLimit is how long a start may take on a busy machine.
const startLimit = 30 * time.Second

// start starts the binary and waits until it serves.
func start(t testing.TB, data string, args ...string) *process {
	t.Helper()
	p := launch(t, data, args...)
	p.awaitReady(t)
	return p
}

func (p *process) awaitReady(t testing.TB) {
	t.Helper()
	select {
	case p.url = <-p.ready:
		p.served = time.Now()
	case <-p.ended:
		t.Fatalf("it ended at the start: %s\n%s", p.cmd.ProcessState, p.errs)
	case <-time.After(startLimit):
		t.Fatalf("it does not serve after %s", startLimit)
	}
}

// kill ends it as a power cut does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

// drainLimit is how long the program may take after SIGTERM.
const drainLimit = 10 * time.Second

// terminate ends it as a service manager does, and wants that to go well.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(drainLimit):
		t.Fatalf("it still runs %s after SIGTERM", drainLimit)
	}
	t.Logf("ended %s after SIGTERM", time.Since(began).Round(time.Millisecond))
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit status %d after SIGTERM\n%s", code, p.errs)
	}
}
