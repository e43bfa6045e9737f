package http_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tebiki/knowhow/check"
	"tebiki/knowhow/check/checktest"
	checkhttp "tebiki/knowhow/check/http"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func getter(t *testing.T, o checkhttp.Options) *checkhttp.Getter {
	t.Helper()
	g, err := checkhttp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// serve answers by the path's first part.
func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/print", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.FormValue("text")) })
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.FormValue("text")) })
	mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.FormValue("of"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "done")
	})
	mux.HandleFunc("/lines", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		for i := range n {
			_, _ = fmt.Fprintln(w, i+1)
		}
	})
	mux.HandleFunc("/flood", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, strings.Repeat("y\n", 1000))
		}
	})
	mux.HandleFunc("/hang", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "so far")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/break", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.FormValue("url"), http.StatusFound)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s %s %q %v", r.Method, r.UserAgent(), r.Header.Get("Cookie"), r.Header["Authorization"])
	})
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Path: "/"})
		http.Redirect(w, r, "/echo", http.StatusSeeOther)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestConformance(t *testing.T) {
	at := serve(t)
	get := func(path string, query ...string) []string {
		values := url.Values{}
		for i := 0; i < len(query); i += 2 {
			values.Set(query[i], query[i+1])
		}
		return []string{"GET", at + path + "?" + values.Encode()}
	}
	checktest.Run(t, checktest.Subject{
		Executor: getter(t, checkhttp.Options{}),
		Print:    func(text string) []string { return get("/print", "text", text) },
		Lines:    func(n int) []string { return get("/lines", "n", fmt.Sprint(n)) },
		Exit:     func(status int) []string { return get("/status", "of", fmt.Sprint(status)) },
		Status:   []int{200, 201, 404, 500, 503},
		Fine:     200,
		Flood:    get("/flood"),
		Hang:     get("/hang"),
		Break:    get("/break"),
		Bad: [][]string{
			{"GET"}, {"POST", at}, {"GET", at, "$", "more"}, {"GET", "file:///etc/passwd"}, {"GET", "http://"}, {"GET", "http://user:secret@" + at[7:]},
			{"GET", at, "no path"}, {"GET", "http://a b/"}, {"GET", at + "/print", "$[?"}, {"GET", "http://127.0.0.1\x00/"},
		},
	})
}

func run(t *testing.T, g *checkhttp.Getter, argv ...string) (check.Output, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return g.Run(ctx, append([]string{"GET"}, argv...), 10_000)
}

func TestJSONPath(t *testing.T) {
	at, g := serve(t), getter(t, checkhttp.Options{})
	const answer = `{"status": {"db": "ok", "lag": 12345678901234567890.5, "up": true, "none": null}, "disks": [{"name": "a\nb", "used": 91}, {"name": "sd<b>", "used": 7}]}`
	for path, want := range map[string]string{
		"$.status.db":                "ok",
		"$.status.lag":               "12345678901234567890.5",
		"$.status.up":                "true",
		"$.status.none":              "null",
		"$.disks[*].name":            "a\nb\nsd<b>",
		"$.disks[?@.used > 90].used": "91",
		"$.disks[1]":                 `{"name":"sd\u003cb\u003e","used":7}`,
	} {
		out, err := run(t, g, at+"/json?text="+url.QueryEscape(answer), path)
		if err != nil || string(out.Text) != want || out.Exit != 200 {
			t.Errorf("%s gives %q, %d, %v; want %q", path, out.Text, out.Exit, err, want)
		}
	}
}

func TestNothingAtPath(t *testing.T) {
	at, g := serve(t), getter(t, checkhttp.Options{})
	for text, want := range map[string]string{
		`{"a": 1}`:                     "there is nothing at $[\"b\"]",
		`<html>`:                       "no JSON",
		``:                             "no JSON",
		`{"b": 1} {"b": 2}`:            "more than one",
		`{"b": 1`:                      "no JSON",
		strings.Repeat("[", 100_000):   "no JSON",
		`{"b\u0000": "\ud800", "c":1}`: "nothing at",
	} {
		out, err := run(t, g, at+"/json?text="+url.QueryEscape(text), "$.b")
		checktest.Fails(t, err, check.Unreadable, "127.0.0.1", "200", want)
		if !strings.HasPrefix(text, string(out.Text)) || out.Exit != 200 {
			t.Errorf("%.40q is kept as %.40q, %d", text, out.Text, out.Exit)
		}
	}
	out, err := run(t, g, at+"/flood", "$.b")
	if !errors.Is(err, check.ErrFlood) || len(out.Text)+len(out.Rest) != 10_000 {
		t.Errorf("a flood gives %d bytes, %v", len(out.Text), err)
	}
}

func TestRedirects(t *testing.T) {
	at, g := serve(t), getter(t, checkhttp.Options{})
	other := serve(t)
	follow := func(to string) check.Output {
		t.Helper()
		out, err := run(t, g, at+"/to?url="+url.QueryEscape(to))
		if err != nil {
			t.Errorf("to %s: %v", to, err)
		}
		return out
	}
	if out := follow("/print?text=here"); string(out.Text) != "here" || out.Exit != 200 {
		t.Errorf("a redirect on the host gives %q, %d", out.Text, out.Exit)
	}
	for _, to := range []string{other + "/print?text=stranger", "http://localhost:1/", "https" + at[4:], "//evil.example/", "http://u:p@" + at[7:] + "/print?text=x", "file:///etc/passwd"} {
		out := follow(to)
		if out.Exit != http.StatusFound || !strings.HasPrefix(string(out.Text), "Location: ") {
			t.Errorf("to %s gives %q, %d", to, out.Text, out.Exit)
		}
	}
	if out := follow("/to?url=/to?url=/to?url=/to?url=/to?url=/to?url=/to?url=/"); out.Exit != http.StatusFound && out.Exit != http.StatusNotFound {
		t.Errorf("many redirects end with %d", out.Exit)
	}
}

func TestWhatIsSent(t *testing.T) {
	at := serve(t)
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	g := getter(t, checkhttp.Options{})
	for _, path := range []string{"/echo", "/cookie", "/echo"} {
		if out, err := run(t, g, at+path); err != nil || string(out.Text) != `GET tebiki "" []` {
			t.Errorf("%s: the server sees %q, %v", path, out.Text, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	_, err = run(t, getter(t, checkhttp.Options{}), "http://"+at+"/?token=abc")
	checktest.Fails(t, err, check.Unreachable, at, "look whether")
	if strings.Contains(err.Error(), "abc") {
		t.Errorf("the error holds the query: %v", err)
	}
}

// TestSlowToAnswer: a host that takes the connection and says nothing.
func TestSlowToAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for _, scheme := range []string{"http://", "https://"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := getter(t, checkhttp.Options{}).Run(ctx, []string{"GET", scheme + l.Addr().String()}, 100)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s gives %v", scheme, err)
		}
	}
}

func TestLinkLocal(t *testing.T) {
	for _, host := range []string{"169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "[fd00:0ec2:0::0254]", "100.100.100.200", "[::ffff:100.100.100.200]"} {
		_, err := run(t, getter(t, checkhttp.Options{}), "http://"+host+"/latest/meta-data/")
		checktest.Fails(t, err, check.Denied, "169.254")
	}
}

func TestCertificates(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that is refused
	s.StartTLS()
	defer s.Close()
	_, err := run(t, getter(t, checkhttp.Options{}), s.URL)
	checktest.Fails(t, err, check.Untrusted, "renew it")

	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, getter(t, checkhttp.Options{CAFile: file}), s.URL); err != nil || string(out.Text) != "ok" {
		t.Errorf("with its authority it gives %q, %v", out.Text, err)
	}
	for file, want := range map[string]string{"/no/such/file": "no such file", os.DevNull: "holds no certificate"} {
		if _, err := checkhttp.New(checkhttp.Options{CAFile: file}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
