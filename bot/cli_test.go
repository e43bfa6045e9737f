package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tebiki/bot/sample"
)

// said is what a command line came to.
type said struct {
	code      int
	out, errs string
}

// command carries out a command line in this process.
func command(t *testing.T, args ...string) said {
	t.Helper()
	return commandIn(t.Context(), nil, args...)
}

func commandIn(ctx context.Context, env map[string]string, args ...string) said {
	var out, errs bytes.Buffer
	getenv := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	code := run(world{ctx, strings.NewReader(""), &out, &errs, getenv}, args)
	return said{code, out.String(), errs.String()}
}

// expect compares: out and errs are texts that must be there, and when one is
// empty nothing may be.
func (s said) expect(t *testing.T, code int, out, errs string) {
	t.Helper()
	has := func(got, want string) bool {
		return want == "" && got == "" || want != "" && strings.Contains(got, want)
	}
	if s.code != code || !has(s.out, out) || !has(s.errs, errs) {
		t.Errorf("exit status %d, want %d\noutput %q, want %q\nerrors %q, want %q", s.code, code, s.out, out, s.errs, errs)
	}
}

func TestHelp(t *testing.T) {
	s := command(t, "--help")
	for _, name := range []string{"serve", "check", "init", "alert", "digest --now", "version"} {
		s.expect(t, 0, "\n  "+name, "")
	}
	command(t, "alert", "--help").expect(t, 0, "--severity", "")
	command(t, "serve", "--help").expect(t, 0, "--listen", "")
}

func TestWrongWords(t *testing.T) {
	for _, args := range [][]string{{"--nonsense"}, {"nonsense"}, {"alert", "--label", "x"}, {"init"}, {"digest"}, {"check", "a", "b"}, {"serve", "--listen"}} {
		s := command(t, args...)
		s.expect(t, 2, "", "Try: tebiki --help")
	}
}

func TestVersion(t *testing.T) {
	command(t, "version").expect(t, 0, "tebiki ", "")
}

func TestListenElsewhere(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, addr := range []string{"0.0.0.0:1", ":1", "[::]:1", "192.0.2.1:1"} {
		command(t, "--data", data, "--listen", addr).expect(t, 1, "", "set password or token in the configuration, or listen on 127.0.0.1")
	}
	command(t, "--data", data, "--listen", "8420").expect(t, 1, "", "write HOST:PORT, such as 127.0.0.1:8420")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("a start that was refused has made the data's folder: %v", err)
	}
}

func TestServeNoConfiguration(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none.yaml")
	command(t, "serve", "--config", none).expect(t, 1, "", "tebiki init DIR writes one to start from")
}

func TestServePortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	command(t, "--data", t.TempDir(), "--listen", ln.Addr().String()).expect(t, 1, "", "--listen chooses another address")
}

// Whoever asks for the end before there was a beginning gets it.
func TestServeEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s := commandIn(ctx, nil, "--data", t.TempDir(), "--listen", "127.0.0.1:0"); s.code != 0 || strings.Contains(s.errs, "tebiki:") {
		t.Errorf("exit status %d: %s", s.code, s.errs)
	}
}

func TestStateDir(t *testing.T) {
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip("nobody's home:", err)
	}
	for value, want := range map[string]string{"/var/state": "/var/state/tebiki", "relative": home + "/.local/state/tebiki", "": home + "/.local/state/tebiki"} {
		got, err := stateDir(func(name string) (string, bool) { return value, name == "XDG_STATE_HOME" })
		if got != want || err != nil {
			t.Errorf("with XDG_STATE_HOME=%q the data goes to %q, %v; want %q", value, got, err, want)
		}
	}
}

func TestURLOf(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:80": "http://127.0.0.1:80", ":80": "http://localhost:80", "0.0.0.0:80": "http://localhost:80",
		"[::]:80": "http://localhost:80", "[::1]:80": "http://[::1]:80", "bot.example.jp:80": "http://bot.example.jp:80",
	} {
		if got := urlOf(listen); got != want {
			t.Errorf("served on %s it is found at %s, want %s", listen, got, want)
		}
	}
}

func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ours")
	s := command(t, "init", dir)
	s.expect(t, 0, "wrote "+sample.Config+"\n", "")
	s.expect(t, 0, "tebiki serve --config "+dir+"/"+sample.Config, "")
	command(t, "check", dir).expect(t, 0, "no faults", "")

	foreign := t.TempDir()
	write(t, filepath.Join(foreign, "letter.txt"), "Dear Sir")
	command(t, "init", foreign).expect(t, 1, "", "letter.txt")
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A sent request is what a fake tebiki got.
type request struct{ path, auth, body string }

// fakeServer answers every request alike and keeps the last.
func fakeServer(t *testing.T, status int, answer string) (url string, got *request) {
	t.Helper()
	got = &request{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing fails the comparison
		*got = request{r.Method + " " + r.URL.String(), r.Header.Get("Authorization"), string(body)}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer) // whoever has gone fails otherwise
	}))
	t.Cleanup(srv.Close)
	return srv.URL, got
}

func TestAlertSends(t *testing.T) {
	url, got := fakeServer(t, 202, `{"alerts":[{"id":"I-3/1","incident":"I-3","state":"open"}]}`)
	env := map[string]string{"TEBIKI_URL": "unused"}
	commandIn(t.Context(), env, "alert", "--url", url+"/", "--token", "secret", "--host", "db1", "--check", "ping", "--key", "k", "--service", "db",
		"--label", "dc=Tokyo", "--resolved", "it is back").expect(t, 0, "accepted: incident I-3 is open\n", "")
	want := request{"POST /v1/alerts", "Bearer secret", `{"check":"ping","host":"db1","key":"k","labels":{"dc":"Tokyo"},"service":"db",` +
		`"severity":"critical","source":"command line","status":"resolved","summary":"it is back"}`}
	if *got != want {
		t.Errorf("it sent %+v, want %+v", *got, want)
	}
}

// Each answer becomes a sentence that says what to do.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status    int
		answer    string
		code      int
		out, errs string
	}{
		{202, `{"alerts":[{"state":"morning"}]}`, 0, "accepted: morning\n", ""},
		{202, `<html>`, 1, "", "is no JSON"},
		{401, `{"error":"the token is missing"}`, 1, "", "set TEBIKI_TOKEN"},
		{400, `{"error":"want text","path":"[0].host"}`, 1, "", "refused (400): [0].host: want text"},
		{503, `{"error":"too much waits"}`, 1, "", "refused (503): too much waits"},
		{502, `<html>`, 1, "", "refused (502): no reason given"},
	} {
		url, _ := fakeServer(t, c.status, c.answer)
		command(t, "alert", "--url", url, "x").expect(t, c.code, c.out, c.errs)
	}
}

func TestNothingAnswers(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"alert", "x"}, {"digest", "--now"}, {"report", "knowhow"}} {
		command(t, append(args, "--url", url)...).expect(t, 1, "", "no tebiki answers at "+url+": start it with `tebiki serve`")
	}
	for _, wrong := range []string{"127.0.0.1:8420", "localhost:8420", "ftp://x", "http://", "http://a b"} {
		command(t, "alert", "--url", wrong, "x").expect(t, 1, "", "write it like http://127.0.0.1:8420")
	}
}

// The commands against a real one.
func TestCommandsOnRunning(t *testing.T) {
	p := start(t, t.TempDir())
	s := command(t, "alert", "--url", p.url, "--host", "db1.example.jp", "--check", "ping", "it does not answer")
	s.expect(t, 0, "is open", "")
	if !regexp.MustCompile(`^accepted: incident I-\d+ is open\n$`).MatchString(s.out) {
		t.Errorf("it says %q", s.out)
	}
	command(t, "alert", "--url", p.url, "--host", "db1.example.jp", "--severity", "info", "full soon").expect(t, 0, "morning", "")
	command(t, "alert", "--url", p.url, "--host", "db9.example.jp", "--resolved", "back").expect(t, 0, "accepted: ", "")
	command(t, "alert", "--url", p.url).expect(t, 1, "", "refused (400)")
	const none = "alerts taken: 0, tickets they go into: 0\nalerts that wait for another morning: 1 (--today takes today's now)\n"
	command(t, "digest", "--now", "--url", p.url).expect(t, 0, none, "")
	command(t, "report", "knowhow", "--url", p.url).expect(t, 0, "\nUsed by nobody\n  New subdomain  http", "")
	command(t, "report", "knowhow", "--lang", "ja", "--days", "7", "--url", p.url).expect(t, 0, "使われなかったもの\n", "")
	command(t, "report", "knowhow", "--days", "0", "--url", p.url).expect(t, 1, "", "days: the query's days is wrong: want a number from 1")
	if s := command(t, "digest", "--now", "--dry-run", "--url", p.url); s.out != "no ticket would be made, and none added to\nalerts that wait for another morning: 1 (--today takes today's now)\n" {
		t.Errorf("a run of nothing would print\n%s", s.out)
	}
	command(t, "digest", "--now", "--today", "--dry-run", "--url", p.url).expect(t, 0, "bad    new     nobody  db1.example.jp", "")
	command(t, "digest", "--now", "--today", "--url", p.url).expect(t, 0, "alerts taken: 1, tickets they go into: 1\n", "")
	p.terminate(t)
}
