package check

import (
	"net/url"
	"strings"
	"testing"
)

func TestCommandRules(t *testing.T) {
	for _, tt := range []struct {
		allow, deny, argv string // words by blanks; rules by commas
		runs              bool
	}{
		{"", "", "rm -rf /", true},
		{"", "rm", "rm -rf /", false},
		{"", "rm", "/bin/rm -rf /", false},
		{"", "rm", "/opt/rm/df", true},
		{"", "/bin/rm", "rm", true}, // as written: the rule is for that path
		{"", "r?", "rm", false},
		{"", "systemctl restart", "systemctl status nginx", true},
		{"", "systemctl restart", "systemctl --now restart nginx", false},
		{"", "systemctl restart nginx", "systemctl restart -q nginx", false},
		{"", "systemctl restart nginx", "systemctl nginx restart", true}, // in this order
		{"", "* --delete*", "rsync -a --delete-after a b", false},
		{"", "rm", "sudo rm -rf /", true}, // what sudo does is not looked into
		{"", "sudo", "sudo rm -rf /", false},

		{"df", "", "df -h /var", true},
		{"df", "", "/tmp/df", false},
		{"df", "", "dfx", false},
		{"/usr/bin/*", "", "/usr/bin/df", true},
		{"systemctl status *", "", "systemctl status nginx", true},
		{"systemctl status *", "", "systemctl status", false},
		{"systemctl status *", "", "systemctl status nginx sshd", false},
		{"systemctl status ...", "", "systemctl status", true},
		{"systemctl status ...", "", "systemctl status nginx sshd", true},
		{"systemctl status ...", "", "systemctl stop nginx", false},
		{"systemctl status ...", "", "systemctl -H evil status", false},
		{"df, free", "", "free", true},
		{"df, free", "", "id", false},
		{"df", "df", "df", false}, // deny wins
		{"dig +short *.example.jp", "", "dig +short www.example.jp", true},
		{"dig +short *.example.jp", "", "dig +short wwwxexample.jp", false},
	} {
		r, err := newRules(Rules{Allow: list(tt.allow), Deny: list(tt.deny)})
		if err != nil {
			t.Fatal(err)
		}
		if why := r.command(strings.Fields(tt.argv)); (why == "") != tt.runs {
			t.Errorf("allow %q, deny %q: %q is refused as %q", tt.allow, tt.deny, tt.argv, why)
		}
	}
}

// TestRulesSeeArguments: one argument is one word, whatever it holds.
func TestRulesSeeArguments(t *testing.T) {
	r, err := newRules(Rules{Allow: []string{"echo *"}, Deny: []string{"* *secret*"}})
	if err != nil {
		t.Fatal(err)
	}
	for arg, runs := range map[string]bool{"a b\nc": true, "": true, "x\nsecret\ny": false} {
		if why := r.command([]string{"echo", arg}); (why == "") != runs {
			t.Errorf("%q is refused as %q", arg, why)
		}
	}
}

func TestHostRules(t *testing.T) {
	for _, tt := range []struct {
		allow, deny, url string
		asks             bool
	}{
		{"", "", "https://any.example/", true},
		{"*.example.jp", "", "https://db1.example.jp/x", true},
		{"*.example.jp", "", "https://DB1.example.JP./x", true},
		{"*.example.jp", "", "https://example.jp.evil.example/", false},
		{"*.example.jp", "", "https://evil.example/?a=.example.jp", false},
		{"*.example.jp", "db*", "https://db1.example.jp/", false},
		{"db1:8080", "", "http://db1:8080/", true},
		{"db1:8080", "", "http://db1/", false},
		{"db1:80", "", "http://db1/", true},
		{"db1:443", "", "https://db1/", true},
		{"", "*:22", "http://db1:22/", false},
		{"", "[::1]:80", "http://[::1]/", false},
		{"", "::1", "http://[::1]/", false},
		{"", "127.*", "http://127.0.0.1:99/", false},
	} {
		r, err := newRules(Rules{AllowHosts: list(tt.allow), DenyHosts: list(tt.deny)})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if why := r.host(u); (why == "") != tt.asks {
			t.Errorf("allow %q, deny %q: %s is refused as %q", tt.allow, tt.deny, tt.url, why)
		}
	}
}

func TestBadRules(t *testing.T) {
	for _, bad := range []Rules{
		{Allow: []string{""}}, {Deny: []string{"  "}}, {Allow: []string{"..."}}, {Deny: []string{"a ... b"}},
		{AllowHosts: []string{""}}, {DenyHosts: []string{"https://a"}}, {AllowHosts: []string{"a b"}},
	} {
		if _, err := New(Options{Rules: bad}); err == nil || !strings.Contains(err.Error(), "rule") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
