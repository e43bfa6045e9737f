package knowhow

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// asking makes a check that asks for the URL, with parameters a and b that
// take anything.
func asking(t testing.TB, template string) *Check {
	t.Helper()
	anything, err := newPattern("(?s)-?.*")
	if err != nil {
		t.Fatal(err)
	}
	anything.text = "-" + anything.text // so that a leading "-" is meant
	c := &Check{Name: "c", Get: &Get{URL: template}}
	for _, name := range []string{"a", "b"} {
		if strings.Contains(template, "{"+name+"}") {
			c.Params = append(c.Params, Param{Name: name, From: name, Pattern: anything})
		}
	}
	return c
}

func TestURL(t *testing.T) {
	tests := []struct{ template, a, b, want string }{
		{"http://{a}/", "web1.example.jp", "", "http://web1.example.jp/"},
		{"http://{a}/", "192.0.2.1", "", "http://192.0.2.1/"},
		{"http://{a}:8080", "2001:db8::1", "", "http://[2001:db8::1]:8080"},
		{"http://[::1]:8080/{a}", "x", "", "http://[::1]:8080/x"},
		{"https://{a}.{b}/", "www", "example.jp", "https://www.example.jp/"},
		{"https://db{a}.example.jp/", "7", "", "https://db7.example.jp/"},
		{"https://h/{a}-{b}/x", "a b", "c?d#e;f", "https://h/a%20b-c%3Fd%23e%3Bf/x"},
		{"https://h/{a}", "%2e%2e", "", "https://h/%252e%252e"},
		{"https://h/{a}", "...", "", "https://h/..."},
		{"https://h/{a}", "空き", "", "https://h/%E7%A9%BA%E3%81%8D"},
		{"https://h/?x={a}&{b}=1", "/var?&x=#", "k&l=", "https://h/?x=%2Fvar%3F%26x%3D%23&k%26l%3D=1"},
		{"https://h?{a}", "{b}", "", "https://h?%7Bb%7D"},
		{"https://h/%41;v=1/@:{a}", "$&+", "", "https://h/%41;v=1/@:$&+"},
	}
	for _, tt := range tests {
		u, err := asking(t, tt.template).URL(map[string]string{"a": tt.a, "b": tt.b})
		if err != nil || u.String() != tt.want {
			t.Errorf("%s with %q and %q is %v, %v; want %s", tt.template, tt.a, tt.b, u, err, tt.want)
		}
	}
}

func TestURLRefuses(t *testing.T) {
	tests := []struct{ template, a, b, want string }{
		{"http://{a}/", "evil.example/x", "", `the ticket's field "a" is "evil.example/x", which cannot be in the host`},
		{"http://{a}/", "u@evil.example", "", "cannot be in the host"},
		{"http://{a}/", "h:22", "", "cannot be in the host"},
		{"http://{a}/", "[::1]", "", "cannot be in the host"},
		{"http://{a}/", "fe80::1%eth0", "", "cannot be in the host"},
		{"http://{a}/", "127.1", "", "cannot be in the host"},
		{"http://{a}/", "2130706433", "", "cannot be in the host"},
		{"http://{a}/", "0x7f000001", "", "cannot be in the host"},
		{"http://{a}/", "h.", "", "cannot be in the host"},
		{"http://{a}/", "-h", "", "cannot be in the host"},
		{"http://{a}/", "ホスト", "", "cannot be in the host"},
		{"http://{a}/", strings.Repeat("a.", 130) + "a", "", "cannot be in the host"},
		{"http://{a}x/", "::1", "", "cannot be in the host"},
		{"http://db{a}/", "1.evil.example", "", "cannot be in the host"},
		{"http://db{a}.example.jp/", "1.evil", "", "cannot be in the host"},
		{"http://{a}.{b}/", "127", "1", `makes the host "127.1"`},
		{"http://{a}{b}/", strings.Repeat("a", 40), strings.Repeat("b", 40), "makes the host"},
		{"http://h/{a}", "..", "", `makes ".." of a part of the path`},
		{"http://h/{a}{b}/c", ".", ".", `makes ".." of a part of the path`},
		{"http://h/%2e{a}/c", ".", "", `of a part of the path`},
		{"http://h/{a}", "../admin", "", "would reach another path"},
		{"http://h/{a}", `..\admin`, "", "would reach another path"},
		{"http://h/?q={a}", "a\r\nHost: evil", "", "cannot be seen"},
		{"http://h/?q={a}", "", "", "is empty"},
	}
	for _, tt := range tests {
		u, err := asking(t, tt.template).URL(map[string]string{"a": tt.a, "b": tt.b})
		var arg *ArgError
		if !errors.As(err, &arg) || arg.Param != "a" || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %q and %q is %v, %v; want an error of a with %q", tt.template, tt.a, tt.b, u, err, tt.want)
		}
	}
}

// Every parameter that cannot be filled is told of at once.
func TestURLAllFaults(t *testing.T) {
	_, err := asking(t, "http://{a}/{b}").URL(map[string]string{"a": "?", "b": "/"})
	if err == nil || strings.Count(err.Error(), "check c, parameter") != 2 {
		t.Errorf("got %v, want both parameters", err)
	}
}

// templates are URLs with a parameter in each part, and the same without it.
var templates = []string{
	"https://{a}:8443/health?x=1", "https://{a}.example.jp/health", "https://db{a}.example.jp/", "https://www.{a}/",
	"https://h/{a}", "https://h/x/{a}/y?q=1", "https://h/x{a}y/z", "https://h/{a}{b}/z",
	"https://h/?x={a}&y=2", "https://h?{a}=1&y={b}", "http://[::1]:80/p?{a}",
}

// FuzzURL: no value gets out of its part.
func FuzzURL(f *testing.F) {
	for i := range templates {
		for _, value := range []string{"web1", "..", ".", "a/b", "a?b#c", "u:p@h", "h:22", "::1", "%2f%2e", "x&y=3", "a b+c;d", "\r\nHost: x", "{b}", "空", "\xff", "-", "1.evil"} {
			f.Add(uint8(i), value, "b.")
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, a, b string) {
		template := templates[int(which)%len(templates)]
		u, err := asking(t, template).URL(map[string]string{"a": a, "b": b})
		if err != nil {
			return
		}
		whole(t, template, u, map[string]string{"a": a, "b": b})
		sent(t, u)
	})
}

// whole holds each part of a URL, as others read it, against its template.
func whole(t *testing.T, template string, u *url.URL, values map[string]string) {
	t.Helper()
	// Letters in place of parameters make an ordinary URL of the template.
	plain, err := url.Parse(strings.NewReplacer("{a}", "AAA", "{b}", "BBB").Replace(template))
	if err != nil {
		t.Fatal(err)
	}
	filled := func(s string) string { return strings.NewReplacer("AAA", values["a"], "BBB", values["b"]).Replace(s) }
	again, err := url.Parse(u.String())
	if err != nil || again.User != nil || again.Fragment != "" || again.Scheme != plain.Scheme || again.Port() != plain.Port() || again.Hostname() != filled(plain.Hostname()) {
		t.Fatalf("%s with %q is %s", template, values, u)
	}
	want, got := strings.Split(plain.EscapedPath(), "/"), strings.Split(again.EscapedPath(), "/")
	if len(want) != len(got) {
		t.Fatalf("%s with %q has another path: %s", template, values, u)
	}
	for i := range want {
		if s, err := url.PathUnescape(got[i]); err != nil || s != filled(want[i]) || s == "." || s == ".." || strings.ContainsAny(s, `/\`) {
			t.Errorf("%s with %q: segment %d is %q", template, values, i, s)
		}
	}
	asked, err := url.ParseQuery(again.RawQuery)
	if err != nil {
		t.Fatalf("%s with %q: %v", template, values, err)
	}
	wanted := make(url.Values)
	for key, value := range plain.Query() {
		wanted.Add(filled(key), filled(value[0]))
	}
	if plain.Query().Encode() != "" && len(plain.Query()) != len(wanted) {
		return // a value that is the name of the other: both are there
	}
	if asked.Encode() != wanted.Encode() {
		t.Errorf("%s with %q asks %q, want %q", template, values, asked, wanted)
	}
}

// sent reads the request as a server does.
func sent(t *testing.T, u *url.URL) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil || got.Host != u.Host || got.URL.EscapedPath() != req.URL.EscapedPath() && u.Path != "" {
		t.Errorf("%s is read as %+v, %v", u, got, err)
	}
}
