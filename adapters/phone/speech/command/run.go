package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	pipeGrace  = 500 * time.Millisecond // how long output is still read after the program has ended
	fileGlance = 50 * time.Millisecond  // how often the size of a file that grows is looked at
	maxCause   = 300                    // bytes of what a program says of its failure that are shown
)

var (
	errOutput = errors.New("it gave too many bytes of sound and was stopped")
	errTime   = errors.New("it took too long and was stopped")
)

// run gives the WAV that a program makes of a text.
func (v *Voice) run(ctx context.Context, args []string, text string) (wav []byte, err error) {
	dir, err := os.MkdirTemp("", "tebiki-speech-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for what %s writes: %w", args[0], err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p := &program{dir: dir, file: filepath.Join(dir, "out.wav"), limit: v.limits.Output}
	for _, a := range args {
		p.toFile = p.toFile || strings.Contains(a, out)
		p.args = append(p.args, strings.ReplaceAll(a, out, p.file))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, v.limits.Time, errTime)
	defer cancel()
	if wav, err = p.run(ctx, text); err != nil {
		return nil, fmt.Errorf("run %s: %w", args[0], err)
	}
	return wav, nil
}

// A program is one run of one.
type program struct {
	args   []string
	dir    string // for its files; it is removed after the run
	file   string // what {out} stood for
	toFile bool   // the WAV is in file, not on the standard output
	limit  int64  // bytes of the WAV
}

func (p *program) run(parent context.Context, text string) ([]byte, error) {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	said, cause := &bounded{limit: p.limit, full: func() { stop(errOutput) }}, &bounded{limit: maxCause}
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + p.dir, "TMPDIR=" + p.dir}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text+"\n"), said, cause
	cmd.WaitDelay = pipeGrace
	ownGroup(cmd)
	if p.toFile {
		watched := make(chan struct{})
		go func() { defer close(watched); p.watch(ctx, stop) }()
		defer func() { stop(nil); <-watched }()
	}
	err := cmd.Run()
	killGroup(cmd) // what the program left behind in its group
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w%s", context.Cause(ctx), cause.quoted())
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return nil, fmt.Errorf("%w%s", err, cause.quoted())
	}
	wav, err := p.output(said)
	if err == nil && len(wav) == 0 {
		err = errors.New("it gave no sound")
	}
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, cause.quoted())
	}
	return wav, nil
}

// watch stops a program whose file grows too large.
func (p *program) watch(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(fileGlance)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if info, err := os.Lstat(p.file); err == nil && info.Size() > p.limit {
				stop(errOutput)
			}
		}
	}
}

// output gives the WAV. A file must be one: what a program put in its place,
// such as a link or a pipe, is not opened.
func (p *program) output(said *bounded) ([]byte, error) {
	if !p.toFile {
		return said.kept.Bytes(), nil
	}
	info, err := os.Lstat(p.file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("it wrote no file %s", out)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("what it made of %s is no file", out)
	case info.Size() > p.limit:
		return nil, errOutput
	}
	f, err := os.Open(p.file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, p.limit))
}

// bounded keeps the first bytes that are written to it, and calls full when
// there are more.
type bounded struct {
	kept  bytes.Buffer
	limit int64
	full  func()
}

func (b *bounded) Write(p []byte) (int, error) {
	room := min(b.limit-int64(b.kept.Len()), int64(len(p)))
	b.kept.Write(p[:room])
	if room < int64(len(p)) && b.full != nil {
		b.full()
	}
	return len(p), nil
}

// quoted is what a program said of its failure, as the end of a sentence.
func (b *bounded) quoted() string {
	said := strings.Join(strings.Fields(strings.ToValidUTF8(b.kept.String(), "?")), " ")
	if said == "" {
		return ""
	}
	return fmt.Sprintf("; it says %q", said)
}
