package check

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func newTestMasker(t testing.TB, patterns ...string) *masker {
	t.Helper()
	m, err := newMasker(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// pem is shaped like a key, and none.
var pem = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + strings.Repeat("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n", 40) + "-----END OPENSSH PRIVATE KEY-----\n"

// fake puts secrets together that scanners of source code would stumble over.
func fake(parts ...string) string { return strings.Join(parts, "") }

func TestSecrets(t *testing.T) {
	m := newTestMasker(t)
	for in, want := range map[string]string{
		"password=hunter2 next":                                             "password=[masked] next",
		"DB_PASSWORD: hunter2":                                              "DB_PASSWORD: [masked]",
		`{"password": "hunter \"2\"", "user": "root"}`:                      `{"password": [masked], "user": "root"}`,
		"'password' => 'hunter 2',":                                         "'password' => [masked],",
		"client_secret = x;y":                                               "client_secret = [masked]",
		"<password>hunter2</password>":                                      "<password>[masked]</password>",
		"パスワード: ひみつ":                                                        "パスワード: [masked]",
		"mysql --password hunter2 -e x":                                     "mysql --password [masked] -e x",
		"mysql -u root -phunter2":                                           "mysql -u root -p[masked]",
		"curl -u root:hunter2 https://a":                                    "curl -u root:[masked] https://a",
		"Authorization: Basic cm9vdDpodW50ZXIy\nnext":                       "Authorization: [masked]\nnext",
		`"authorization": "Bearer abc.def"`:                                 `"authorization": [masked]`,
		"Set-Cookie: session=1234; Path=/":                                  "Set-Cookie: [masked]",
		"sent bearer abcdefgh1234 to it":                                    "sent bearer [masked] to it",
		"postgres://app:p@ss/word@db1/x":                                    "postgres://app:[masked]@ss/word@db1/x",
		"https://root:hunter2@db1:8080/?a=b":                                "https://root:[masked]@db1:8080/?a=b",
		"https://db1:8080/?access_token=abc&a=b":                            "https://db1:8080/?access_token=[masked]",
		fake("AKIA", "IOSFODNN7EXAMPLE") + " is":                            "[masked] is",
		"aws_secret_access_key = wJalrXUtnFEMI/K7":                          "aws_secret_access_key = [masked]",
		fake("xo", "xb-1234567890-abcdefghijkl"):                            "[masked]",
		fake("https://hooks.slack.com/", "services/T0/B0/XXXX"):             "https://hooks.slack.com/services/[masked]",
		fake("ey", "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl") + ".": "[masked]",
		fake("gh", "p_abcdefghijklmnopqrstuvwxyz0123456789"):                "[masked]",
		"root:$6$salt$abcdefghijklmnop:19000:0:99999":                       "root:[masked]:19000:0:99999",
		"before\n" + pem + "after":                                          "before\n[masked]\nafter",
		"cut " + pem[:400]:                                                  "cut [masked]",
		"token=a token=b":                                                   "token=[masked] token=[masked]",

		"Filesystem 95% /var, 3 tokens left":            "Filesystem 95% /var, 3 tokens left",
		"The password of the user has expired":          "The password of the user has expired",
		"https://db1:8080/a@b and http://[::1]:80/":     "https://db1:8080/a@b and http://[::1]:80/",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END":   "-----BEGIN CERTIFICATE-----\nMIIB\n-----END",
		"sshd[1]: Accepted publickey for root from ::1": "sshd[1]: Accepted publickey for root from ::1",
		"basic: 1, PATH=/usr/bin PWD=/ 証明書は有効です $HOME":  "basic: 1, PATH=/usr/bin PWD=/ 証明書は有効です $HOME",
	} {
		if got := m.text(in); got != want {
			t.Errorf("%q\nbecomes %q\nwant    %q", in, got, want)
		}
	}
}

func TestMaskedArguments(t *testing.T) {
	m := newTestMasker(t)
	for want, argv := range map[string][]string{
		"mysql --password '[masked]' -e 'select 1'": {"mysql", "--password", "it's a secret", "-e", "select 1"},
		"tool '--api-key=[masked]' x":               {"tool", "--api-key=a b 'c' d", "x"},
		"env 'TOKEN=[masked]' x":                    {"env", "TOKEN=a b", "x"},
		"curl -H 'Authorization: [masked]'":         {"curl", "-H", "Authorization: Bearer a b"},
		"GET 'https://a/?token=[masked]'":           {"GET", "https://a/?token=a&b=c"},
		"df -h /var":                                {"df", "-h", "/var"},
	} {
		if got := shellWords(m.args(argv)); got != want {
			t.Errorf("%q becomes %s, want %s", argv, got, want)
		}
	}
}

func TestConfiguredPatterns(t *testing.T) {
	m := newTestMasker(t, `EMP-\d+`, `card (\d{4})-(\d{4})`, `(?m)^begin$(?s:.*?)^end$`)
	in := "EMP-123 card 1234-5678\nbegin\nx\nend\npassword=a"
	if got, want := m.text(in), "[masked] card [masked]-[masked]\n[masked]\npassword=[masked]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range []string{"(", "a*", ""} {
		if _, err := newMasker([]string{bad}); err == nil || !strings.Contains(err.Error(), "correct it") && !strings.Contains(err.Error(), "at least one") {
			t.Errorf("the pattern %q: %v", bad, err)
		}
	}
}

// TestNoCutShowsASecret puts a secret everywhere in a long output, so that the
// executor's cut and the runner's go through each part of it.
func TestNoCutShowsASecret(t *testing.T) {
	r := &Runner{mask: newTestMasker(t), limits: Limits{Output: 1024}}
	limit := r.limits.Output + 2*margin
	secret := "password=" + strings.Repeat("S", 600)
	const step = 1201
	for _, hidden := range []string{secret, strings.ReplaceAll(pem, "b3", "SSSSSSSS")} {
		// Near the executor's cuts and the runner's, and here and there between.
		for at := 0; at < 3*limit; at += step {
			k := NewKeeper(limit)
			text := strings.Repeat("0123456 \n", 3*limit/9)
			_, _ = k.Write([]byte(text[:at] + "\n" + hidden + "\n" + text[at:]))
			s := r.show(k.Output())
			if strings.Contains(s.text+s.judged, "SSS") {
				t.Fatalf("with the secret at %d of %d: %q", at, len(text), s.text)
			}
			if !s.cut || len(s.text) > 1024 || !strings.HasSuffix(s.text, "56 \n") {
				t.Fatalf("with the secret at %d: cut %v, %d bytes, ends %q", at, s.cut, len(s.text), s.text[max(0, len(s.text)-20):])
			}
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("password=a", 0, 5)
	f.Add("x "+pem+" token: b", 10, 400)
	m := newTestMasker(f)
	f.Fuzz(func(t *testing.T, s string, from, to int) {
		s = clean([]byte(s))
		from, to = min(max(from, 0), len(s)), min(max(to, 0), len(s))
		if from > to {
			from, to = to, from
		}
		for from < len(s) && !utf8.RuneStart(s[from]) {
			from--
		}
		for to < len(s) && to > from && !utf8.RuneStart(s[to]) {
			to--
		}
		got := m.part(s, from, to)
		if !utf8.ValidString(got) {
			t.Errorf("%q of %q is %q", s[from:to], s, got)
		}
		for _, secret := range m.spans(s) {
			if hidden := s[secret.from:secret.to]; len(hidden) > 12 && secret.from >= from && secret.to <= to && strings.Count(s, hidden) == 1 && strings.Contains(got, hidden) {
				t.Errorf("%q is still in %q", hidden, got)
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	m := newTestMasker(b)
	text := ""
	for i := 0; len(text) < 96<<10; i++ {
		text += fmt.Sprintf("Nov 25 03:00:%02d web1 sshd[%d]: Accepted publickey for root from 192.0.2.%d port 50000\n", i%60, i, i%250)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.text(text)
	}
}
