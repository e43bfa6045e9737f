//go:build unix

package check

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// runShell runs a script by sh, which stands for any program that misbehaves.
func runShell(t *testing.T, limit int, timeout time.Duration, script string) (Output, error) {
	t.Helper()
	if _, err := exec.LookPath("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh to misbehave with")
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return Local{}.Run(ctx, []string{"/bin/sh", "-c", script}, limit)
}

func TestLocal(t *testing.T) {
	out, err := runShell(t, 1000, time.Minute, `echo "out $PWD $PATH $LANG $HOME"; cat; echo err >&2; exit 3`)
	if err != nil {
		t.Fatal(err)
	}
	want := "out / /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin C.UTF-8 \nerr\n"
	if string(out.Text) != want || out.Exit != 3 || out.Lost != 0 {
		t.Errorf("got %q, exit %d, lost %d; want %q, exit 3", out.Text, out.Exit, out.Lost, want)
	}
}

// TestEnvironmentIsNotInherited: the bot's environment holds its secrets.
func TestEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("TEBIKI_TOKEN", "secret")
	out, err := runShell(t, 4000, time.Minute, "env")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Text, []byte("secret")) {
		t.Errorf("a check sees the bot's secrets: %q", out.Text)
	}
}

func TestArgumentsStayArguments(t *testing.T) {
	canary := filepath.Join(t.TempDir(), "canary")
	for _, hostile := range []string{
		"; touch " + canary, "$(touch " + canary + ")", "`touch " + canary + "`", "| touch " + canary,
		"a\ntouch " + canary, "\u202egnp.exe", "--version\n", "'\"\\", "*",
	} {
		out, err := Local{}.Run(t.Context(), []string{"printf", "%s", hostile}, 10_000)
		if err != nil {
			t.Fatalf("%q: %v", hostile, err)
		}
		if string(out.Text) != hostile {
			t.Errorf("%q arrived as %q", hostile, out.Text)
		}
	}
	if _, err := os.Stat(canary); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an argument was executed: %v", err)
	}
	if _, err := (Local{}).Run(t.Context(), []string{"echo", "a\x00b"}, 100); err == nil {
		t.Error("an argument with NUL was run")
	}
}

func TestMissingProgram(t *testing.T) {
	for _, name := range []string{"no-such-program", "/no/such/program", "/etc/passwd", "/"} {
		if _, err := (Local{}).Run(t.Context(), []string{name}, 100); !errors.Is(err, ErrMissing) {
			t.Errorf("%s gave %v, want ErrMissing", name, err)
		}
	}
	for _, name := range []string{"./program", "../bin/sh", "a/b"} {
		if _, err := (Local{}).Run(t.Context(), []string{name}, 100); err == nil || errors.Is(err, ErrMissing) {
			t.Errorf("%s gave %v, want a refusal", name, err)
		}
	}
	if _, err := (Local{}).Run(t.Context(), nil, 100); err == nil {
		t.Error("nothing was run without an error")
	}
}

func TestFlood(t *testing.T) {
	out, err := runShell(t, 1000, time.Minute, "yes")
	if !errors.Is(err, ErrFlood) {
		t.Errorf("the error is %v, want ErrFlood", err)
	}
	if len(out.Text)+len(out.Rest) != 1000 || out.Lost == 0 || !bytes.HasPrefix(out.Text, []byte("y\ny\n")) {
		t.Errorf("kept %d bytes beginning %.20q, lost %d", len(out.Text)+len(out.Rest), out.Text, out.Lost)
	}
}

func TestBinaryFlood(t *testing.T) {
	out, err := runShell(t, 4000, time.Minute, "head -c 100000 /dev/urandom; echo end")
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Text)+len(out.Rest) != 4000 || !bytes.HasSuffix(out.Rest, []byte("end\n")) || out.Lost != 96_004 {
		t.Errorf("kept %d bytes ending %q, lost %d", len(out.Text), out.Rest, out.Lost)
	}
}

func TestTimeoutKillsGrandchildren(t *testing.T) {
	started := time.Now()
	out, err := runShell(t, 1000, 200*time.Millisecond, `sleep 300 & echo $!; trap "" TERM INT; wait; sleep 300`)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v, want that it was late", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %v to give up", took)
	}
	mustBeGone(t, out.Text)
}

// TestGrandchildHoldsPipe: the command ends at once and well; what it left
// behind must neither hang us nor stay.
func TestGrandchildHoldsPipe(t *testing.T) {
	started := time.Now()
	out, err := runShell(t, 1000, time.Minute, `sleep 300 & echo $!`)
	if err != nil || out.Exit != 0 {
		t.Errorf("gave exit %d, %v", out.Exit, err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("the pipe was waited for: %v", took)
	}
	mustBeGone(t, out.Text)
}

func mustBeGone(t *testing.T, text []byte) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatalf("no process id in %q", text)
	}
	deadline := time.Now().Add(3 * time.Second)
	for alive(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d is still there", pid)
		}
		<-time.After(5 * time.Millisecond) // nobody tells when init has reaped it
	}
}

// alive does not count a zombie that its new parent has yet to reap.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}

func TestKilledBySignal(t *testing.T) {
	out, err := runShell(t, 1000, time.Minute, `echo before; kill -9 $$`)
	if err == nil || !strings.Contains(err.Error(), "killed") || string(out.Text) != "before\n" {
		t.Errorf("gave %q, %v", out.Text, err)
	}
}

func TestKeeper(t *testing.T) {
	for _, size := range []int{0, 1, 99, 100, 101, 150, 1000, 24_000} {
		for _, chunk := range []int{1, 7, 64, 5000} {
			text := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			k := NewKeeper(100)
			for rest := text; len(rest) > 0; {
				n := min(chunk, len(rest))
				if _, err := k.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			out := k.Output()
			switch {
			case size <= 100 && (!bytes.Equal(out.Text, text) || len(out.Rest)+out.Lost != 0):
				t.Errorf("%d bytes by %d became %q, %q", size, chunk, out.Text, out.Rest)
			case size > 100 && (!bytes.Equal(out.Text, text[:50]) || !bytes.Equal(out.Rest, text[size-50:]) || out.Lost != size-100):
				t.Errorf("%d bytes by %d became %q, %q, lost %d", size, chunk, out.Text, out.Rest, out.Lost)
			}
		}
	}
}
