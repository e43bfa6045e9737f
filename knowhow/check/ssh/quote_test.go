package ssh

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are arguments that mean something to one shell or another.
var hostile = []string{
	"", " ", "a b", "; rm -rf /", "$(id)", "`id`", "${HOME}", "$HOME", "~", "*", "?", "[a-z]", "{a,b}", "a\nb", "\n", "\r\n", "\t",
	"'", "''", `'\''`, `"`, `\`, `\\`, `\'`, `a\`, "!", "!!", "!$", "#", "&", "|", "<(id)", ">x", "-rf", "--", "=", "=ls", "a=b", "%1", "^a^b",
	"証明書", "\u202egnp.exe\u2066", "\u00a0", "\x01\x1b[31m\x7f", "@", "a'b\\c!d\ne", strings.Repeat("'", 1000), "\u0085", "；",
}

// posix are shells of the kind that Quote is for. sh must be there.
func posix(t testing.TB) (found []string) {
	for _, name := range []string{"sh", "dash", "bash", "ksh", "zsh", "busybox"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		t.Skip("there is no shell here")
	}
	return found
}

// arrived gives the arguments as a program sees them that a shell runs: env
// prints them apart by NUL, which none can hold.
func arrived(t testing.TB, shell string, argv []string) []string {
	t.Helper()
	command, err := Quote(append([]string{"printf", `%s\0`}, argv...))
	if err != nil {
		t.Fatalf("%q: %v", argv, err)
	}
	args := []string{"-c", command}
	if strings.HasSuffix(shell, "busybox") {
		args = append([]string{"sh"}, args...)
	}
	cmd := exec.CommandContext(t.Context(), shell, args...)
	cmd.Dir = t.TempDir()
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s of %q: %v, %s", shell, command, err, complaints.String())
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func TestQuote(t *testing.T) {
	for _, shell := range posix(t) {
		if got := arrived(t, shell, hostile); !slices.Equal(got, hostile) {
			for i := range hostile {
				if i >= len(got) || got[i] != hostile[i] {
					t.Errorf("%s: argument %d, %q, arrived otherwise: %q", shell, i, hostile[i], got)
					break
				}
			}
		}
	}
}

// TestQuoteForOthers: a login shell that is no POSIX shell reads the same.
// csh alone does not take a line break, which makes it run nothing.
func TestQuoteForOthers(t *testing.T) {
	lines := func(s string) bool { return strings.ContainsAny(s, "\n") }
	for name, argv := range map[string][]string{
		"fish": hostile,
		"tcsh": slices.DeleteFunc(slices.Clone(hostile), lines),
		"csh":  slices.DeleteFunc(slices.Clone(hostile), lines),
	} {
		shell, err := exec.LookPath(name)
		if err != nil {
			t.Logf("%s is not here", name)
			continue
		}
		if got := arrived(t, shell, argv); !slices.Equal(got, argv) {
			t.Errorf("%s: %q arrived as %q", name, argv, got)
		}
	}
}

func TestQuoteRefuses(t *testing.T) {
	for _, argv := range [][]string{
		nil, {""}, {"-c"}, {"./x"}, {"../bin/sh"}, {"a/b"}, {"a\x00b"}, {"echo", "a\x00"}, {"echo", "\xff"}, {"echo", strings.Repeat("x", 1<<20)},
	} {
		if command, err := Quote(argv); err == nil {
			t.Errorf("%.40q became %.80q", argv, command)
		}
	}
}

// TestNoWordsOfTheShell: what a shell would do by itself is not done.
func TestNoWordsOfTheShell(t *testing.T) {
	for _, shell := range posix(t) {
		if strings.HasSuffix(shell, "busybox") || strings.HasSuffix(shell, "zsh") {
			continue // the one is all programs in one, the other execs its own words
		}
		command, err := Quote([]string{"eval", "echo harm"})
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), shell, "-c", command).Output()
		if err == nil || len(out) > 0 {
			t.Errorf("%s evaluated: %q", shell, out)
		}
	}
}

// FuzzQuote runs every shell that is here for real.
func FuzzQuote(f *testing.F) {
	for some := range slices.Chunk(hostile, 8) {
		f.Add(strings.Join(some, ""), some[0])
	}
	shells := posix(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		argv := []string{a, b, "end"}
		if _, err := Quote(append([]string{"printf"}, argv...)); err != nil {
			if utf8.ValidString(a) && utf8.ValidString(b) && !strings.Contains(a+b, "\x00") && len(a)+len(b) < 1000 {
				t.Errorf("%q was refused: %v", argv, err)
			}
			return
		}
		for _, shell := range shells {
			if got := arrived(t, shell, argv); !slices.Equal(got, argv) {
				t.Errorf("%s: %q arrived as %q", shell, argv, got)
			}
		}
	})
}
