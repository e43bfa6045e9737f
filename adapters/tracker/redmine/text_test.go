package redmine

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tebiki/adapters/tracker"
)

var update = flag.Bool("update", false, "write the golden files anew")

// whole is a ticket with all that a description has.
var whole = tracker.Draft{
	Label: "tebiki/0123456789ab/open", Title: "Disk is full on web1",
	Body:   "**disk** of `web1` is full: 97% (#12, @all, {{toc}}, 10:30)\n\n## Checks\n\n```\n$ df -h /var\n/dev/sda1  97% /var\n```\n\n1. See *what* grew\n   - logs\n2. Free it: [the rules](https://wiki.example.jp/disk?a=1&b=2)\n\n| host | used |\n|---|---|\n| web1 | 97% |\n\nディスクが**一杯**です。",
	Fields: map[string]string{"host": "web1.example.jp", "note": "a *b* <c> #3"},
	Links:  []tracker.Link{{Title: "Know-how: disk [ja]", URL: "https://tebiki.example.jp/knowhow/disk?lang=ja"}, {URL: "https://tebiki.example.jp/incidents/1"}},
}

func TestGolden(t *testing.T) {
	for _, f := range []Format{Textile, CommonMark} {
		got := f.compose(whole, mark{"k3j9x7q2", whole.Label}, true).String() + "\n"
		name := "testdata/ticket." + string(f) + ".golden"
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// What is composed is taken apart again, whatever is in it, and a body that
// is exchanged leaves the rest as it is.
func TestTakenApart(t *testing.T) {
	pieces := []string{"- **host**: web1\n", "x", "\n", "\n\n---\n\n", "- [a](https://x.example)\n", "`tebiki: k3j9x7q2:a`\n", "a: b\n", "# h\n", "漢", "```\n", "* ", "\\", "<b>", "tebiki: "}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]Format{Textile, CommonMark}).Draw(t, "format")
		text := func(name string) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, name), "")
		}
		d := tracker.Draft{Body: text("body"), Fields: map[string]string{}}
		if v := text("value"); rapid.Bool().Draw(t, "with a field") {
			d.Fields["host"] = v
		}
		if rapid.Bool().Draw(t, "with a link") {
			d.Links = whole.Links
		}
		m := mark{"k3j9x7q2", "label"}
		made := f.compose(d, m, true)
		got := f.split(made.String())
		if got.mark != m || got.head != made.head || strings.Trim(got.body, "\n") != strings.Trim(made.body, "\n") || got.tail != made.tail {
			t.Fatalf("%q\nis taken apart as %+v\nmade of %+v", made.String(), got, made)
		}
		got.body = "new"
		if again := f.split(got.String()); again.body != "new" || again.head != made.head || again.tail != made.tail {
			t.Fatalf("with another body: %+v", again)
		}
	})
}

// What people do to a text that Tebiki wrote leaves as much as can be.
func TestEdited(t *testing.T) {
	const line = "<code>tebiki: k3j9x7q2:tebiki/x</code>"
	for _, c := range []struct{ name, in, body, label string }{
		{"something below", "b\n\n---\n\n" + line + "\n\nmore", "b\n\nmore", "tebiki/x"},
		{"the rule deleted", "b\n\n" + line, "b", "tebiki/x"},
		{"the line deleted", "b\n\n---\n\n* \"a\":https://x.example", "b", ""},
		{"quoted by a person", "> " + line, "> " + line, ""},
		{"a broken line", "b\n<code>tebiki: k3j9x7q2:%zz</code>", "b", ""},
	} {
		got := Textile.split(c.in)
		if got.mark.label != c.label || strings.ReplaceAll(got.body, "\n\n\n", "\n\n") != c.body {
			t.Errorf("%s: label %q, body %q", c.name, got.mark.label, got.body)
		}
	}
}

func TestMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := mark{"k3j9x7q2", rapid.String().Draw(t, "label") + "x"}
		got, ok := parseMark(m.String())
		if !ok || got != m || strings.ContainsAny(m.String(), " \"<`\n") {
			t.Fatalf("%q is kept as %q and read as %q", m.label, m.String(), got.label)
		}
	})
}

func TestFromTextile(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"headings and lists", "h2. Title\n\n* a\n** b\n# c\n## d", "## Title\n\n- a\n   - b\n1. c\n   1. d"},
		{"marks", "*bold* and @code@ and <code>x`y</code> \"a link\":https://x.example/a.", "**bold** and `code` and `` x`y `` [a link](https://x.example/a.)"},
		{"code", "<pre><code class=\"sh\">\n* x\n</code></pre>\nafter", "```sh\n* x\n```\nafter"},
		{"code on one line", "<pre>x</pre>", "```\nx\n```"},
		{"code without an end", "<pre>\nx", "```\nx\n```"},
		{"entities", "&#42;a* &#60;b&gt; &amp;amp; #\u206012", `\*a\* \<b> &amp; #12`},
		{"table", "|_. a |_. b |\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"},
		{"quote", "bq. a\n> b\n>> c", "> a\n> b\n>> c"},
		{"text", "web-1_a.example.jp [x] `y`", "web-1_a.example.jp \\[x] \\`y\\`"},
		{"address", "see https://x.example/a_b*c*", "see https://x.example/a_b*c*"},
	} {
		if got := fromTextile(c.in); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func FuzzFromTextile(f *testing.F) {
	for _, s := range []string{"<pre>", "|", "||", "* ", "h1. ", "\"\":https://x", "**", "&#0;", "@@"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := fromTextile(s); utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
	})
}

func TestLimits(t *testing.T) {
	for _, f := range []Format{Textile, CommonMark} {
		for _, body := range []string{strings.Repeat("漢", 60_000), strings.Repeat("**a** & `b` <c>\n", 20_000), "```\n" + strings.Repeat("x\n", 60_000)} {
			d := whole
			d.Body = body
			got := f.compose(d, mark{"k3j9x7q2", whole.Label}, true)
			if n := len(got.String()); n > 65_535 || n < 10_000 || f.split(got.String()).mark.label != whole.Label {
				t.Errorf("%s: %d bytes of %.10q", f, n, body)
			}
		}
	}
	if got, err := oneLine(strings.Repeat("漢 ", 300)); err != nil || utf8.RuneCountInString(got) > maxTitle || !strings.HasSuffix(got, "…") {
		t.Errorf("%q, %v", got, err)
	}
}
