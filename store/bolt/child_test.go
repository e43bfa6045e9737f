package bolt

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tebiki/store"
)

// Some tests need a process that can be killed or given a limit of its own:
// they start this test's binary again, with the name of a part to play.
const roleVariable = "BOLT_TEST_ROLE"

func TestMain(m *testing.M) {
	roles := map[string]func(path string, out io.Writer) error{
		"write for ever":    writeForEver,
		"fill a small disk": fillSmallDisk,
		"open":              openOnly,
	}
	role := roles[os.Getenv(roleVariable)]
	if role == nil {
		os.Exit(m.Run())
	}
	if err := role(os.Args[len(os.Args)-1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child gives the command that plays a role on the file at path.
func child(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, path)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

func openOnly(path string, _ io.Writer) error {
	s, err := Open(path, Options{LockTimeout: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	return s.Close()
}

// writeForEver prints each key after its Update returned. Every third function
// fails, so that kills also meet commits that something was taken out of.
func writeForEver(path string, out io.Writer) error {
	s, err := Open(path, Options{})
	if err != nil {
		return err
	}
	lines := make(chan string, 16)
	for caller := range 8 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d-%d", os.Getpid(), caller, i)
				if writeKey(s, key, i%3 == 2) == nil {
					lines <- key
				}
			}
		}()
	}
	for line := range lines {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

func writeKey(s *Store, key string, fail bool) error {
	return s.Update(context.Background(), func(tx store.Writer) error {
		if fail {
			key = "failed"
		}
		n, err := tx.Next("log")
		if err != nil {
			return err
		}
		if err := tx.Put("log", store.Seq(n), []byte(key)); err != nil {
			return err
		}
		if fail {
			return io.ErrUnexpectedEOF
		}
		return tx.Put("keys", key, bytes.Repeat([]byte("v"), 100))
	})
}

// TestKill kills a writing process again and again: all that it acknowledged
// is there, whole, and nothing that it refused.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tebiki.db")
	acknowledged := map[string]bool{}
	for _, after := range killPoints(12) {
		killAfter(t, path, after, acknowledged)
		checkKeys(t, path, acknowledged)
	}
	t.Logf("%d keys outlived 12 kills", len(acknowledged))
}

// killAfter lets a child write, kills it after so many acknowledged keys, and
// adds what it had acknowledged by then.
func killAfter(t *testing.T, path string, n int, acknowledged map[string]bool) {
	t.Helper()
	cmd := child(t, "write for ever", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for i := 0; ; i++ {
		if i == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the end, perhaps in the middle of a line
		}
		acknowledged[strings.TrimSuffix(line, "\n")] = true
	}
	_ = cmd.Wait() // killed
}

func checkKeys(t *testing.T, path string, acknowledged map[string]bool) {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx store.Reader) error {
		missing, log := 0, 0
		for key := range acknowledged {
			if len(tx.Get("keys", key)) != 100 {
				missing++
			}
		}
		for _, key := range tx.Scan("log", "", "") {
			log++
			if tx.Get("keys", string(key)) == nil {
				t.Errorf("the commit of %q is there in part", key)
			}
		}
		if missing > 0 || log < len(acknowledged) {
			t.Errorf("of %d acknowledged keys %d are missing; %d in the log", len(acknowledged), missing, log)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
