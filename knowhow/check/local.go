package check

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// searchPath is where programs are looked for, and what a check sees as
// PATH, however the bot was started.
var searchPath = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// pipeGrace is how long output is still read after the command itself has
// ended or was killed; a grandchild may hold the pipe for ever.
const pipeGrace = 500 * time.Millisecond

// Local runs commands on this host, without a shell: in a process group of
// their own that is killed as a whole, with nothing to read, an environment
// of two variables, and / as their folder.
type Local struct{}

// Run implements Executor.
func (Local) Run(ctx context.Context, argv []string, limit int) (Output, error) {
	if len(argv) == 0 {
		return Output{}, errors.New("running a command: there is none")
	}
	program, err := find(argv[0])
	if err != nil {
		return Output{}, err
	}
	cmd := exec.CommandContext(ctx, program, argv[1:]...)
	cmd.Args[0] = argv[0]
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + strings.Join(searchPath, ":"), "LANG=C.UTF-8"}
	cmd.WaitDelay = pipeGrace
	kept := NewKeeper(limit)
	cmd.Stdout, cmd.Stderr = kept, kept
	ownGroup(cmd)
	err = cmd.Run()
	killGroup(cmd) // what the command left behind in its group
	out := kept.Output()
	if cmd.ProcessState != nil {
		out.Exit = cmd.ProcessState.ExitCode()
	}
	if kept.Flooded() {
		err = ErrFlood // rather than the broken pipe that it died of
	}
	return out, failure(ctx, argv[0], err)
}

// failure leaves out of Run's error what is part of the Output: an exit
// status, and a pipe that was held after the command had ended.
func failure(ctx context.Context, program string, err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFlood):
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay), errors.As(err, &exit) && exit.Exited():
		return nil
	}
	return fmt.Errorf("running %s: %w", program, err)
}

// find looks a program up by its name or its absolute path.
func find(name string) (string, error) {
	if filepath.IsAbs(name) {
		return executable(name)
	}
	if filepath.Base(name) != name {
		return "", fmt.Errorf("running %s: name the program alone or by its path from /", name)
	}
	for _, dir := range searchPath {
		if path, err := executable(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("running %s: %w", name, ErrMissing)
}

func executable(path string) (string, error) {
	found, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("running %s: %w (%v)", path, ErrMissing, err)
	}
	return found, nil
}
