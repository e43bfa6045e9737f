package mail

import (
	"strings"
	"testing"
)

func TestMender(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, c := range []struct{ name, raw, want string }{
		{"as it is", "A: b\r\n c\r\n\r\nbody\r\n", "A: b\n c\n\nbody\n"},
		{"a mailbox's line", "From a@b Mon\nA: b\n\nbody", "A: b\n\nbody\n"},
		{"no empty line", "A: b\nThe body begins.\nAnd ends.\n", "A: b\n\nThe body begins.\nAnd ends.\n"},
		{"rubbish within", "A: b\nwarning from cron\nC: d\n\nx\n", "A: b\nC: d\n\nx\n"},
		{"no header", "disk is full\nvery\n", "\ndisk is full\nvery\n"},
		{"a fold without field", " x\nA: b\n\n", "A: b\n\n"},
		{"a long field", "A: " + long + "\n\nb\n", "A: " + long + "\n\nb\n"},
		{"too long a field", "A: b\nC: " + strings.Repeat(long, 7) + "\n\nb\n", "A: b\n"},
		{"empty", "", ""},
	} {
		got, err := readAll(newMender(newBuf(c.raw), nil))
		if c.name == "too long a field" {
			if err != nil || len(got) > MaxHeader+5000 || !strings.HasPrefix(got, c.want) || !strings.HasSuffix(got, "\nb\n") {
				t.Errorf("%s: %d bytes, %v", c.name, len(got), err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	got, _ := readAll(newMender(newBuf("--b\nA: b\n--b\nno header\n--b--\n"), []byte("--b")))
	if want := "--b\nA: b\n\n--b\n\nno header\n--b--\n"; got != want {
		t.Errorf("parts: %q, want %q", got, want)
	}
}
