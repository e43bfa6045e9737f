package check

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tebiki/knowhow"
)

func TestNever(t *testing.T) {
	for _, tt := range []struct {
		allow, deny, run string // words by blanks; rules by commas
		why              string
	}{
		{"", "", "df -h {path}", ""},
		{"df *", "", "df -h {path}", "no rule of the bot's configuration allows it"},
		{"df * *", "", "df -h {path}", ""},
		{"df ...", "", "df -h {path}", ""},
		{"df", "", "df -h {path}", ""},
		{"df -h /var/*", "", "df -h {path}", ""},
		{"df -h /var/*", "", "df -h /etc/{path}", "no rule of the bot's configuration allows it"},
		{"df -h /var/?og", "", "df -h /{path}g", ""},
		{"df -h ...", "", "df", "no rule of the bot's configuration allows it"},
		{"/bin/df", "", "df", "no rule of the bot's configuration allows it"},
		{"free, df -i", "", "df -i", ""},
		{"dig +short *.jp", "", "dig +short {name}.{zone}", ""},
		{"dig +short *.jp", "", "dig +short {name}.{zone}.com", "no rule of the bot's configuration allows it"},
		{"", "rm", "/bin/rm {path}", `the rule "rm" of the bot's configuration denies it`},
		{"", "rm /etc/*", "rm {path}", ""},
		{"", "rm *", "rm {path}", `the rule "rm *" of the bot's configuration denies it`},
		{"", "rm ?", "rm {path}", ""},
		{"", "systemctl restart", "systemctl --now restart {unit}", `the rule "systemctl restart" of the bot's configuration denies it`},
		{"rm", "rm", "rm", `the rule "rm" of the bot's configuration denies it`},
	} {
		got := Rules{Allow: list(tt.allow), Deny: list(tt.deny)}.Never(&knowhow.Check{Run: strings.Fields(tt.run)})
		if got != tt.why {
			t.Errorf("allow %q, deny %q, %q: %q, want %q", tt.allow, tt.deny, tt.run, got, tt.why)
		}
	}
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return words(s)
}

func TestNeverAsks(t *testing.T) {
	const unlisted = "no rule of the bot's configuration allows this host"
	for _, tt := range []struct{ allow, deny, url, why string }{
		{"", "", "https://{host}/", ""},
		{"*.example.jp", "", "https://{host}/health", ""},
		{"*.example.jp", "", "https://{host}.example.com/", unlisted},
		{"*.example.jp", "", "https://API.Example.JP./{x}?y=z", ""},
		{"db1:8080", "", "http://db1:8080/", ""},
		{"db1:8080", "", "http://web{n}/", unlisted},
		{"*:8080", "", "http://{host}:8080/", ""},
		{"*:443", "", "https://{host}", ""},
		{"::1", "", "http://[::1]:80/", ""},
		{"", "*", "http://{host}/", `the rule "*" of the bot's configuration denies this host`},
		{"", "db*", "http://{host}/", ""},
		{"", "*:22", "http://{host}:22/", `the rule "*:22" of the bot's configuration denies this host`},
	} {
		got := Rules{AllowHosts: list(tt.allow), DenyHosts: list(tt.deny)}.Never(&knowhow.Check{Get: &knowhow.Get{URL: tt.url}})
		if got != tt.why {
			t.Errorf("allow %q, deny %q, %q: %q, want %q", tt.allow, tt.deny, tt.url, got, tt.why)
		}
	}
}

// What runs with some values is never said not to run, and nothing else is
// said of what has no parameters.
func TestNeverIsRight(t *testing.T) {
	word := rapid.StringMatching(`[ab*?]{1,4}`)
	arg := rapid.StringMatching(`([ab]|\{p\}){1,4}`)
	rapid.Check(t, func(t *rapid.T) {
		in := Rules{
			Allow: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
				return strings.Join(rapid.SliceOfN(word, 1, 3).Draw(t, "rule"), " ") + rapid.SampledFrom([]string{"", " ..."}).Draw(t, "more")
			}), 0, 2).Draw(t, "allow"),
			Deny: rapid.SliceOfN(word, 0, 1).Draw(t, "deny"),
		}
		argv := rapid.SliceOfN(arg, 1, 3).Draw(t, "argv")
		value := rapid.StringMatching(`[abc]{1,4}`).Draw(t, "value")
		r, err := newRules(in)
		if err != nil {
			t.Fatal(err)
		}
		runs := r.command(filled(argv, value)) == ""
		never := in.Never(&knowhow.Check{Run: argv}) != ""
		fixed := !strings.Contains(strings.Join(argv, ""), "{")
		if runs && never || fixed && runs == never {
			t.Errorf("runs with %q: %t, never: %t", value, runs, never)
		}
	})
}

// The same of hosts.
func TestNeverAsksIsRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`[ab*.?]{1,4}(:(80|443|\*))?`)
		in := Rules{AllowHosts: rapid.SliceOfN(glob, 0, 2).Draw(t, "allow"), DenyHosts: rapid.SliceOfN(glob, 0, 1).Draw(t, "deny")}
		text := rapid.StringMatching(`https?://([ab]|\{p\}){1,4}(:80)?/`).Draw(t, "url")
		u, err := url.Parse(filled([]string{text}, rapid.StringMatching(`[abc]{1,4}`).Draw(t, "value"))[0])
		if err != nil {
			t.Fatal(err)
		}
		r, err := newRules(in)
		if err != nil {
			t.Fatal(err)
		}
		asks := r.host(u) == ""
		never := in.Never(&knowhow.Check{Get: &knowhow.Get{URL: text}}) != ""
		if asks && never || !strings.Contains(text, "{") && asks == never {
			t.Errorf("%s is asked: %t, never: %t", u, asks, never)
		}
	})
}
