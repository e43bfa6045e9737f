package markdown

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"as it is", "# a\n\n- *b* `c`\n\n> d\n\n| a | b |\n|---|---|\n| 1 | 2 |", "# a\n\n- *b* `c`\n\n> d\n\n| a | b |\n|---|---|\n| 1 | 2 |"},
		{"ticket", `see #12, \#13 and ##14`, "see #\u206012, \\#\u206013 and #\u2060#\u206014"},
		{"revision", "r12 srv12", "r\u206012 srv12"},
		{"named links", `commit:abc version:"1" source\:x message: y`, "commit\u2060:abc version\u2060:\"1\" source\u2060\\:x message: y"},
		{"person", `@user \@user a@x.example`, "@\u2060user \\@\u2060user a@x.example"},
		{"page", `[[a]] \[\[b\]\]`, "[\u2060[a]] \\[\u2060\\[b\\]\\]"},
		{"macro", `{{toc}} \{\{x\}\}`, "{\u2060{toc}} \\{\u2060\\{x\\}\\}"},
		{"code", "`#12 @user` \n\n```\n{{x}} #1\n```\n\n    #2", "`#12 @user` \n\n```\n{{x}} #1\n```\n\n    #2"},
		{"html", "a <b>x</b>\n\n<div>\n#1\n</div>", "a &lt;b>x&lt;/b>\n\n&lt;div>\n#\u20601\n&lt;/div>"},
		{"link", "[a](https://x.example/#12)", "[a](https://x.example/#12)"},
		{"a moment", "at [Wed 05:05](time:1763996700) or", "at Wed 05:05 or"},
		{"relative link", "**[a](/tickets/1)** [*b*](x \"t\")", "**a** *b*"},
		{"image", "![c](https://x.example/a.png) ![d](/a.png)", "[c](https://x.example/a.png) d"},
		{"heading", "# 12", "# 12"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Render(c.in); got != c.want {
				t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

// outsideCode is what Redmine's search would find in one paragraph.
var outsideCode = regexp.MustCompile(`\{\\?\{|\[\\?\[|#\\?[0-9]|(^|[\s(,\->])(@[a-z]|r[0-9]|(commit|user|source):\S)`)

func TestNothingComesAlive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.SampledFrom([]string{"#", "12", "r3", "commit:", "user:", "@", "a", "{", "[", "\\", " ", "(", "漢", "-", ",", "}", "]"})).Draw(t, "words")
		in := "x " + strings.Join(words, "")
		if got := Render(in); outsideCode.MatchString(got) {
			t.Errorf("%q becomes %q", in, got)
		}
	})
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{"[a](b", "![[x](y)](z)", "<a\n#1", "[`x`](time:1)", "[a]: /x\n[a]", "\xff", "![](/x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Render(s); !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
	})
}
