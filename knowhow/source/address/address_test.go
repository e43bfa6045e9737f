package address

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Address{
		"https://github.com/team/knowhow.git":      {HTTPS, "", "github.com", "", "/team/knowhow.git"},
		"http://git.example.jp:8080/a/b":           {HTTP, "", "git.example.jp", "8080", "/a/b"},
		"ssh://git@git.example.jp:7999/OPS/kh.git": {SSH, "git", "git.example.jp", "7999", "/OPS/kh.git"},
		"git@github.com:team/knowhow.git":          {SSH, "git", "github.com", "", "team/knowhow.git"},
		"git.example.jp:kh.git":                    {SSH, "", "git.example.jp", "", "kh.git"},
		"git@[2001:db8::1]:team/kh.git":            {SSH, "git", "2001:db8::1", "", "team/kh.git"},
		"https://[2001:db8::1]:8443/team/kh":       {HTTPS, "", "2001:db8::1", "8443", "/team/kh"},
		"git://127.0.0.1:9418/kh.git":              {Git, "", "127.0.0.1", "9418", "/kh.git"},
		"file:///srv/kh.git":                       {File, "", "", "", "/srv/kh.git"},
		"/srv/x/../kh.git":                         {File, "", "", "", "/srv/kh.git"},
	} {
		if a, err := Parse(text); err != nil || a != want {
			t.Errorf("%s is read as %+v, %v, want %+v", text, a, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "knowhow", "../kh.git", "https://", "https:///kh", "https://host", "https://host/", "ftp://host/kh", "ext::sh -c x",
		"ext::sh", "file://host/kh", "git@host:", "git@host:/", "host/with/slash:kh", "https://host/kh?x=1", "https://host/kh#x",
		"https://host/kh\n", "https://ho st/kh", "ssh://-oProxyCommand=x/kh", "-oProxyCommand=x:kh", "git@host:-kh", "-x@host:kh", "https://%zz/kh",
	} {
		if a, err := Parse(text); err == nil {
			t.Errorf("%q is read as %+v", text, a)
		}
	}
}

// TestSecrets: people paste addresses with tokens in them.
func TestSecrets(t *testing.T) {
	for _, text := range []string{
		"https://sesame@github.com/team/kh", "https://bot:sesame@github.com/team/kh", "ssh://git:sesame@github.com/kh",
		"https://bot:sesame@github.com/%zz", "git://sesame@host/kh", "https://bot:sesame@git hub/kh", "bot:sesame@github.com/kh",
	} {
		a, err := Parse(text)
		if err == nil && strings.Contains(a.String(), "sesame@") || err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s shows its secret: %v, %v", text, a, err)
		}
	}
	if a, _ := Parse("ssh://root@host:22/kh"); a.String() != "ssh://host:22/kh" {
		t.Errorf("an address is shown as %v", a)
	}
}

func TestWeb(t *testing.T) {
	for text, want := range map[string]string{
		"https://github.com/team/kh.git":    "https://github.com team/kh",
		"http://localhost:3000/team/kh":     "http://localhost:3000 team/kh",
		"ssh://git@git.example.jp:7999/P/r": "https://git.example.jp P/r",
		"git@[2001:db8::1]:p/r.git":         "https://[2001:db8::1] p/r",
		"/srv/kh.git":                       " srv/kh",
	} {
		a, err := Parse(text)
		if got := a.Web() + " " + strings.Join(a.Segments(), "/"); err != nil || got != want {
			t.Errorf("%s has the pages %q, want %q (%v)", text, got, want, err)
		}
	}
}
