package knowhow

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"DiskFull", "diskfull"},
		{"ＤＩＳＫ　１", "disk 1"},
		{"ディスク", "でぃすく"},
		{"ﾃﾞｨｽｸ", "でぃすく"},
		{"ｻｰﾊﾞｰ", "さーばー"},
		{"ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ", "ぱぴぷぺぽ"},
		{"ｦｧｯｰｱﾝ", "をぁっーあん"},
		{"ヴ", "ゔ"},
		{"か\u3099き\u3099", "がぎ"},
		{"ﾞ", "ﾞ"},
		{"証明書", "証明書"},
		{"É", "é"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) is %q, want %q", tt.in, got, tt.want)
		}
	}
	if len(halfWidth) != 0xFF9D-0xFF66+1 {
		t.Errorf("the table of half-width kana has %d, want %d", len(halfWidth), 0xFF9D-0xFF66+1)
	}
}

func TestEntry(t *testing.T) {
	base := loadSample(t)
	for word, want := range map[string]string{
		"subdomain": "subdomain", "サブドメイン": "subdomain", "ｻﾌﾞﾄﾞﾒｲﾝ": "subdomain", "さぶどめいん": "subdomain",
		"Disk Full": "disk-full", "DISK_FULL": "disk-full", " disk-full ": "disk-full", "ＤＩＳＫ": "disk-full",
		"証明書": "certificate", "TLS": "certificate", "mailq": "mail-queue", "": "", "unheard-of": "",
	} {
		e, ok := base.Entry(word)
		if ok != (want != "") || (ok && e.Name != want) {
			t.Errorf("Entry(%q) is %+v, %v, want %q", word, e, ok, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	base := loadSample(t)
	for word, want := range map[string]string{
		"subdomian": "subdomain", "certifcate": "certificate", "サブドメン": "サブドメイン", "サバー証明書": "証明書",
		"acount": "account", "capacity planning": "capacity", "ngnix": "nginx",
	} {
		if got := base.Suggest(word, 1); len(got) != 1 || got[0] != want {
			t.Errorf("Suggest(%q) is %q, want %q first", word, got, want)
		}
	}
	for _, word := range []string{"", "xyzzyplugh", "-", strings.Repeat("disk", 1000)} {
		if got := base.Suggest(word, 3); len(got) > 0 {
			t.Errorf("Suggest(%.20q) is %q, want nothing", word, got)
		}
	}
	if got := base.Suggest("disk", 0); len(got) > 0 {
		t.Errorf("asked for none, got %q", got)
	}
}

func TestForAlert(t *testing.T) {
	base := loadSample(t)
	tests := []struct {
		want  string
		alert AlertFields
	}{
		{"disk-full", AlertFields{Check: "disk /var"}},
		{"disk-full", AlertFields{Labels: map[string]string{"alertname": "NodeDiskSpaceLow"}}},
		{"disk-full", AlertFields{Summary: "write failed: No space left on device"}},
		{"disk-full", AlertFields{Summary: "ディスク使用率 95%"}},
		{"host-down", AlertFields{Check: "ping", Host: "web-01"}},
		{"host-down", AlertFields{Summary: "Host web-01 is DOWN"}},
		{"host-down", AlertFields{Labels: map[string]string{"alertname": "InstanceDown"}}},
		{"mail-queue", AlertFields{Check: "mailq"}},
		{"mail-queue", AlertFields{Service: "mail", Check: "queue length"}},
		{"certificate", AlertFields{Check: "cert_expiry"}},
		{"certificate", AlertFields{Check: "TLS certificate"}},
		{"capacity", AlertFields{Check: "CPU"}},
		{"capacity", AlertFields{Check: "memory"}},
		{"capacity", AlertFields{Check: "load average"}},
		{"", AlertFields{Check: "temperature"}},
		{"", AlertFields{}},
	}
	for _, tt := range tests {
		e, ok := base.ForAlert(tt.alert)
		if ok != (tt.want != "") || (ok && e.Name != tt.want) {
			t.Errorf("%+v is served by %+v, want %q", tt.alert, e, tt.want)
		}
	}
}

func TestMatcherAsksForAll(t *testing.T) {
	m := Matcher{Source: "prom*", Host: "db-?", Labels: map[string]string{"env": "prod"}}
	whole := AlertFields{Source: "prometheus", Host: "DB-1", Labels: map[string]string{"env": "PROD", "x": "y"}}
	if !m.Match(whole) {
		t.Errorf("%+v does not match %+v", m, whole)
	}
	for name, a := range map[string]AlertFields{
		"source": {Source: "zabbix", Host: "db-1", Labels: whole.Labels},
		"host":   {Source: "prometheus", Host: "db-10", Labels: whole.Labels},
		"label":  {Source: "prometheus", Host: "db-1"},
	} {
		if m.Match(a) {
			t.Errorf("matches although %s differs: %+v", name, a)
		}
	}
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, value string
		want           bool
	}{
		{"", "anything", true}, {"*", "", true}, {"a", "", false}, {"a*", "abc", true}, {"*c", "abc", true},
		{"a*c", "ac", true}, {"a?c", "ac", false}, {"a?c", "abc", true}, {"*b*", "abc", true}, {"abc", "abcd", false},
		{"*a*b", "aXbXb", true}, {"デ*", "ﾃﾞｨｽｸ", true}, {"[a]", "a", false}, {"?", "証", true}, {"**", "x", true},
	}
	for _, tt := range tests {
		if got := glob(tt.pattern, tt.value); got != tt.want {
			t.Errorf("glob(%q, %q) is %v", tt.pattern, tt.value, got)
		}
	}
	// Time must not explode with the number of stars.
	if glob(strings.Repeat("a*", 500)+"b", strings.Repeat("a", 20_000)) {
		t.Error("a pattern that asks for b matches only a's")
	}
}

func checkOf(t *testing.T, params ...Param) *Check {
	t.Helper()
	c := &Check{Name: "look", Run: []string{"echo", "--", "{a}", "x={b}{a}", "{print $1}"}}
	c.Params = params
	return c
}

func pattern(t *testing.T, text string) *Pattern {
	t.Helper()
	p, err := newPattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestArgs(t *testing.T) {
	c := checkOf(t,
		Param{Name: "a", From: "host", Pattern: pattern(t, `.*`)},
		Param{Name: "b", From: "path", Pattern: pattern(t, `[a-z]+`), Default: "tmp"})
	for host, want := range map[string][]string{
		"web-01":         {"echo", "--", "web-01", "x=tmpweb-01", "{print $1}"},
		"; rm -rf /":     {"echo", "--", "; rm -rf /", "x=tmp; rm -rf /", "{print $1}"},
		"$(id) `id` {b}": {"echo", "--", "$(id) `id` {b}", "x=tmp$(id) `id` {b}", "{print $1}"},
	} {
		got, err := c.Args(map[string]string{"host": host, "b": "not this"})
		if err != nil {
			t.Errorf("%q: %v", host, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", host, diff)
		}
	}
}

func TestArgsRefused(t *testing.T) {
	c := checkOf(t,
		Param{Name: "a", From: "host", Pattern: pattern(t, `(?s).*`)},
		Param{Name: "b", From: "path", Pattern: pattern(t, `a|b`)})
	tests := []struct{ name, host, path, want string }{
		{"missing", "", "a", `check look, parameter a: the ticket's field "host" is empty; fill it in with a value that matches (?s).*`},
		{"not whole", "h", "ab", `check look, parameter b: the ticket's field "path" is "ab" and must match a|b`},
		{"option", "-rf", "a", `check look, parameter a: the ticket's field "host" is "-rf", which begins with "-" and would be read as an option; write a value without it`},
		{"line break", "a\nb", "a", `is "a\nb", which holds a line break`},
		{"last line break", "a", "a\n", `is "a\n", which holds a line break`},
		{"NUL", "a\x00b", "a", `which holds a line break or another character that cannot be seen`},
		{"bidi", "a\u202egnp.exe", "a", `is "a\u202egnp.exe", which holds`},
		{"not UTF-8", "a\xff", "a", `is not UTF-8 text`},
		{"1 MB", strings.Repeat("x", 1<<20), "a", `is 1048576 bytes long; shorten it to at most 4096`},
		{"long", "h", strings.Repeat("x", 4000), `is "` + strings.Repeat("x", 40) + `..." and must match a|b`},
		{"both", "-x", "c", "must match a|b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Args(map[string]string{"host": tt.host, "path": tt.path})
			if err == nil || got != nil {
				t.Fatalf("gave %.80q, %v", got, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the reason is %q, want %q", err, tt.want)
			}
			if len(err.Error()) > 500 {
				t.Errorf("the reason has %d bytes; nobody reads that", len(err.Error()))
			}
		})
	}
}

func TestOptionsByWish(t *testing.T) {
	p := pattern(t, `-?[0-9]+`)
	if err := p.Check("-5"); err != nil {
		t.Errorf("a pattern that begins with - refuses -5: %v", err)
	}
	if err := p.Check("-x"); err == nil {
		t.Error("-x matches -?[0-9]+")
	}
}
