package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/phone"
	"tebiki/adapters/phone/speech"
	"tebiki/adapters/phone/speech/sounds"
	"tebiki/adapters/phone/speech/speechtest"
	"tebiki/adapters/phone/speech/wave"
)

// limits that suit tests: programs that hang are ended soon.
func limits() Limits {
	l := DefaultLimits()
	l.Time = 20 * time.Second
	return l
}

func newVoice(t testing.TB, l Limits, programs map[string][]string) (*Voice, sounds.Folder) {
	t.Helper()
	folder, err := sounds.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v, err := New(folder, programs, l)
	if err != nil {
		t.Fatal(err)
	}
	return v, folder
}

// humming is a voice whose program tells in a file what it was given.
func humming(t testing.TB, l Limits) (v *Voice, folder sounds.Folder, said func() []string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "said")
	v, folder = newVoice(t, l, map[string][]string{"en": fake(t, "tone", log), "ja": fake(t, "tone", log, "another")})
	return v, folder, func() []string {
		b, _ := os.ReadFile(log)
		return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
	}
}

func sentences(texts ...string) (out []phone.Sentence) {
	for _, text := range texts {
		out = append(out, phone.Sentence{Text: text})
	}
	return out
}

// listen reads what a media plays.
func listen(t testing.TB, f sounds.Folder, media string) wave.Sound {
	t.Helper()
	name, ok := strings.CutPrefix(media, "sound:tebiki/")
	if !ok {
		t.Fatalf("the media is %q", media)
	}
	file, err := os.ReadFile(f.Path("tebiki/" + name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := wave.Decode(file)
	if err != nil || s.Rate != wave.PhoneRate {
		t.Fatalf("%s has %d Hz, %v", media, s.Rate, err)
	}
	return s
}

func TestSpeak(t *testing.T) {
	v, folder, said := humming(t, limits())
	media, err := v.Speak(t.Context(), "en", sentences("abcd", "", " \x00\n", "ab", "..."))
	if err != nil || len(media) != 2 {
		t.Fatalf("got %q, %v", media, err)
	}
	for i, want := range []time.Duration{80 * time.Millisecond, 40 * time.Millisecond} {
		if got := listen(t, folder, media[i]).Duration(); (got - want).Abs() > 2*time.Millisecond {
			t.Errorf("sentence %d lasts %s, want %s", i, got, want)
		}
	}
	again, err := v.Speak(t.Context(), "en", sentences("ab", "abcd"))
	if err != nil || !slices.Equal(again, []string{media[1], media[0]}) {
		t.Errorf("again: %q, %v", again, err)
	}
	if got := said(); len(got) != 2 {
		t.Errorf("the program ran for %q", got)
	}
	if info, err := os.Stat(folder.Path(strings.TrimPrefix(media[0], "sound:"))); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
}

// Another program, and another language, say the same text otherwise.
func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, lang := range []string{"en", "ja"} {
		for _, args := range [][]string{{"a"}, {"a", "b"}, {"a b"}, {"a", "b", "c"}} {
			for _, text := range []string{"x", "b", "b x"} {
				seen[nameOf(lang, args, text)] = true
			}
		}
	}
	if len(seen) != 24 {
		t.Errorf("24 sounds have %d names", len(seen))
	}
}

func TestSpeaksToAFile(t *testing.T) {
	v, folder := newVoice(t, limits(), map[string][]string{"ja": fake(t, "file", out)})
	media, err := v.Speak(t.Context(), "ja", sentences("abc"))
	if err != nil || len(media) != 1 {
		t.Fatalf("got %q, %v", media, err)
	}
	if got := listen(t, folder, media[0]).Duration(); got.Round(time.Millisecond) != 60*time.Millisecond {
		t.Errorf("it lasts %s", got)
	}
}

// Whoever asks for the same at once gets the one sound that is made.
func TestMadeOnce(t *testing.T) {
	v, _, said := humming(t, limits())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if media, err := v.Speak(t.Context(), "en", sentences("same", "same")); err != nil || len(media) != 2 || media[0] != media[1] {
				t.Errorf("got %q, %v", media, err)
			}
		})
	}
	all.Wait()
	if got := said(); len(got) != 1 {
		t.Errorf("the program ran for %q", got)
	}
}

// What is hostile in a text reaches the program as one line of words, never
// as an argument, and a long one in parts.
func TestHostileText(t *testing.T) {
	l := limits()
	l.Run = 20
	v, _, said := humming(t, l)
	texts := []string{
		"--help; $(touch /tmp/x) `id` | cat", "a\nb\r\nc\x00d", "[[h@l]] \x1b[31mred\u202e", "\xff\xfe ok",
		strings.Repeat("wide ", 10), strings.Repeat("字", 45), strings.Repeat("x", 41),
	}
	if _, err := v.Speak(t.Context(), "en", sentences(texts...)); err != nil {
		t.Fatal(err)
	}
	got := said()
	slices.Sort(got)
	want := []string{
		"--help;", "$(touch /tmp/x)", "`id` | cat", "a b c d", "h@l 31mred", "ok",
		"wide wide wide wide", "wide wide", strings.Repeat("字", 20), strings.Repeat("字", 5), strings.Repeat("x", 20), "x",
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the program was given %q, want %q", got, want)
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"short", 10, "short"},
		{"One two. Three four", 12, "One two.|Three four"},
		{"手順を確認し、再起動してください。終わりです", 8, "手順を確認し、|再起動してくださ|い。終わりです"},
		{"no stop here at all", 10, "no stop|here at|all"},
		{"a. " + strings.Repeat("b", 8), 6, "a.|bbbbbb|bb"},
		{"😀😀😀a", 1, "a"},
		{"...!!!", 2, ""},
	} {
		if got := strings.Join(parts(clean(c.text), c.limit), "|"); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("One two. Three\x00\xff four", 5)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		for _, p := range parts(clean(text), limit) {
			width := 0
			for _, r := range p {
				width += max(3, len(string(r)))
			}
			if p == "" || strings.ContainsAny(p, "\n\r\x00[]") || width > max(3*limit, 4) {
				t.Fatalf("%q gives the part %q", text, p)
			}
		}
	})
}

func TestFailures(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, hum(3).Encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	short := limits()
	short.Time = 300 * time.Millisecond
	small := limits()
	small.Output = 100_000
	for _, c := range []struct {
		name string
		args []string
		l    Limits
		want string
	}{
		{"exit status", fake(t, "fail"), limits(), `exit status 3; it says "no such voice\x1b[31m?`},
		{"killed", fake(t, "crash"), limits(), "killed"},
		{"nothing", fake(t, "print", ""), limits(), "gave no sound"},
		{"no WAV", fake(t, "print", "hello"), limits(), "it is no WAV"},
		{"silence", fake(t, "silence"), limits(), "silence"},
		{"no file", fake(t, "print", out), limits(), "wrote no file {out}"},
		{"a link", fake(t, "link", out, secret), limits(), "is no file"},
		{"too slow", fake(t, "sleep"), short, "took too long"},
		{"too much", fake(t, "flood"), small, "too many bytes"},
		{"too much in a file", fake(t, "flood a file", out), small, "too many bytes"},
		{"no program", []string{"/nonexistent/speaker"}, limits(), "no such file"},
		{"no program on the path", []string{"tebiki-no-such-speaker"}, limits(), "not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v, folder := newVoice(t, c.l, map[string][]string{"en": c.args})
			media, err := v.Speak(t.Context(), "en", sentences("hello"))
			var e *adapters.Error
			if media != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || e.Code != adapters.Unavailable {
				t.Errorf("got %q, %v", media, err)
			}
			if err != nil && len(err.Error()) > 900 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if left, _ := os.ReadDir(folder.Dir()); len(left) != 0 {
				t.Errorf("left: %v", left)
			}
			if f := v.Findings(t.Context()); len(f) != 1 || !strings.Contains(f[0].Fault, c.want) {
				t.Errorf("the doctor finds %+v", f)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	l := limits()
	l.Text = 10
	v, folder, _ := humming(t, l)
	for lang, s := range map[string][]phone.Sentence{"fr": sentences("a"), "en": sentences("12345", "678901")} {
		if _, err := v.Speak(t.Context(), lang, s); adapters.CodeOf(err) != adapters.Refused {
			t.Errorf("%s: %v", lang, err)
		}
	}
	for _, args := range [][]string{nil, {""}, {"{out}"}, {"./speak"}, {"bin/speak"}, {"speak", "a\x00b"}} {
		if _, err := New(folder, map[string][]string{"en": args}, limits()); adapters.CodeOf(err) != adapters.Refused {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := New(folder, nil, Limits{}); adapters.CodeOf(err) != adapters.Refused {
		t.Errorf("no limits: %v", err)
	}
}

// One sentence that fails ends the others, and the whole group of processes
// that a program has started.
func TestEndsTogether(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	v, _ := newVoice(t, limits(), map[string][]string{"en": fake(t, "hang", pid)})
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := v.Speak(ctx, "en", sentences("a", "b", "c", "d"))
		done <- err
	}()
	child := waitForPid(t, pid)
	cancel(errors.New("the incident is over"))
	if err := <-done; err == nil || !strings.Contains(err.Error(), "the incident is over") {
		t.Errorf("got %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); alive(child); {
		if time.Now().After(deadline) {
			t.Fatalf("process %d lives on", child)
		}
		runtime.Gosched()
	}
}

func waitForPid(t *testing.T, file string) int {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 4000 {
		if b, err := os.ReadFile(file); err == nil {
			pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
		<-tick.C
	}
	t.Fatal("the program did not begin")
	return 0
}

// alive tells a process from none, and from one that only waits to be reaped.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// A program that leaves a child behind, which holds the pipe, has spoken.
func TestOrphans(t *testing.T) {
	v, folder := newVoice(t, limits(), map[string][]string{"en": fake(t, "orphan")})
	media, err := v.Speak(t.Context(), "en", sentences("abc"))
	if err != nil || len(media) != 1 {
		t.Fatalf("got %q, %v", media, err)
	}
	listen(t, folder, media[0])
}

// A sound that was not written whole, or was removed, is made again.
func TestMakesAgain(t *testing.T) {
	v, folder, said := humming(t, limits())
	name := nameOf("en", v.programs["en"], "abc")
	spoil := []func() error{
		func() error { return os.Remove(folder.Path(name)) },
		func() error { return os.Truncate(folder.Path(name), 0) },
	}
	for i := range 3 {
		media, err := v.Speak(t.Context(), "en", sentences("abc"))
		if err != nil || media[0] != sounds.Media(name) || len(said()) != i+1 {
			t.Fatalf("got %q, %v after %q", media, err, said())
		}
		listen(t, folder, media[0])
		if i < len(spoil) {
			if err := spoil[i](); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestConformance(t *testing.T) {
	speechtest.Run(t, func(t *testing.T) (speech.Voice, sounds.Folder) {
		v, f, _ := humming(t, limits())
		return v, f
	})
}

func TestDebianConformance(t *testing.T) {
	speechtest.Run(t, func(t *testing.T) (speech.Voice, sounds.Folder) {
		v := debian(t)["a voice of our own"]
		return v, v.folder
	})
}
