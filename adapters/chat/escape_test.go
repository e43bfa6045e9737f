package chat_test

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"tebiki/adapters/chat"
)

// renderers are the dialects that a reader may have.
var renderers = map[string]goldmark.Markdown{
	"CommonMark": goldmark.New(),
	"GitHub": goldmark.New(goldmark.WithExtensions(
		extension.GFM, extension.Footnote, extension.DefinitionList)),
}

var seeds = []string{
	"", "plain", "disk /var on db1.example.com is 91% full",
	"<script>alert(1)</script>", "<!channel> <!-- x --> <?php ?> <![CDATA[x]]>", "<b", "a < b > c",
	"https://example.com/x?y=1&z=2 http://a.b www.example.com ftp://x.y a@b.example <mailto:a@b.c>",
	"[x](http://evil) ![i](x) [a]: http://b \"t\"\n\n[a] [^1]\n\n[^1]: note",
	"*a* **b** _c_ __d__ ~~e~~ `f` ``g``", "snake_case_name and 2*3*4",
	"# h", "####### h", "a\n===", "a\n---", "a\n-", "***", "- - -", "___",
	"- a\n* b\n+ c\n1. d\n2) e\n123456789. f\n- [x] task",
	"> quote\n>> more", "    indented", "\tindented", "  a\n      b", "a  \nb", "a\\\nb", "a\\", "\\\\", "a \\ b",
	"| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n:-- | --:\n1 | 2", "```\ncode\n```", "~~~\ncode\n~~~",
	"&amp; &#60; &lt;script&gt; &copy &#x3c;", "term\n: definition", "a\r\nb\rc\n\n\n\nd",
	"nul \x00 esc \x1b[31m bell \a", "bad \xff\xfe utf-8", "\u202egnp.exe\u2066", "\u00a0\u3000\u2028x\u2029\u0085y",
	"ディスク使用率が９１％です。\n至急！", "🙂 👩‍👩‍👧", ":smile: @channel @here", "$x^2$ {{ .x }} {#id}", "\u200b# h", "\ufeff# h",
	strings.Repeat("[", 300), strings.Repeat(">", 300), strings.Repeat("*a _b ", 100),
}

var tags = regexp.MustCompile(`<[^>]*>`)

// shown is what Markdown shows: its text, one line for each line on the page.
func shown(t *testing.T, md goldmark.Markdown, source string) string {
	t.Helper()
	var out bytes.Buffer
	if err := md.Convert([]byte(source), &out); err != nil {
		t.Fatalf("render %q: %v", source, err)
	}
	page := strings.NewReplacer("<br>\n", "\n", "<br />\n", "\n", "<p>", "", "</p>", "\n").Replace(out.String())
	if tag := tags.FindString(page); tag != "" {
		t.Fatalf("%q renders as %q: it has the element %s", source, out.String(), tag)
	}
	return lines(html.UnescapeString(page))
}

// lines leaves out what a page does not show: blank lines, and the blanks at
// the ends of others.
func lines(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.Trim(l, " \t"); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// cleaned is the rule of what may stand in a message, written a second time.
var dropped = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")

func cleaned(s string) string {
	s = dropped.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func checkEscape(t *testing.T, s string) {
	t.Helper()
	for name, md := range renderers {
		if got, want := shown(t, md, chat.Escape(s)), lines(cleaned(s)); got != want {
			t.Errorf("%s: Escape(%q) = %q shows %q, want %q", name, s, chat.Escape(s), got, want)
		}
		one := strings.Join(strings.Fields(cleaned(s)), " ")
		if got := shown(t, md, chat.Line(s)); got != one {
			t.Errorf("%s: Line(%q) = %q shows %q, want %q", name, s, chat.Line(s), got, one)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, s := range seeds {
		checkEscape(t, s)
		checkEscape(t, "before\n"+s+"\nafter")
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(checkEscape)
}

// TestLineInside holds a line against the places where the flows put it.
func TestLineInside(t *testing.T) {
	for _, s := range seeds {
		want := strings.Join(strings.Fields(cleaned(s)), " ")
		if want == "" {
			continue
		}
		for _, place := range [][2]string{{"- ", ""}, {"## ", ""}, {"Host: **", "**"}, {"1. a: ", " b"}, {"| a |\n|---|\n| ", " |"}} {
			var out bytes.Buffer
			if err := renderers["GitHub"].Convert([]byte(place[0]+chat.Line(s)+place[1]), &out); err != nil {
				t.Fatal(err)
			}
			text := html.UnescapeString(tags.ReplaceAllString(out.String(), ""))
			if !strings.Contains(text, want) {
				t.Errorf("%q inside %q shows %q", s, place, text)
			}
			if extra := regexp.MustCompile(`<(a|img|script|em|code|del|input|sup|h1)\b`).FindString(out.String()); extra != "" {
				t.Errorf("%q inside %q has %s: %s", s, place, extra, out.String())
			}
		}
	}
}

func checkFence(t *testing.T, s string) {
	t.Helper()
	var out bytes.Buffer
	if err := renderers["GitHub"].Convert([]byte(chat.Fence(s)+"\n\nafter\n"), &out); err != nil {
		t.Fatal(err)
	}
	inside, ok := strings.CutPrefix(out.String(), "<pre><code>")
	inside, rest, ok2 := strings.Cut(inside, "</code></pre>\n")
	if !ok || !ok2 || rest != "<p>after</p>\n" {
		t.Fatalf("Fence(%q) renders as %q", s, out.String())
	}
	got, want := strings.TrimRight(html.UnescapeString(inside), "\n"), strings.TrimRight(cleaned(s), "\n")
	if got != want {
		t.Errorf("Fence(%q) shows %q, want %q", s, got, want)
	}
}

func TestFence(t *testing.T) {
	for _, s := range append(seeds, "a\n````\nb", "`````", "x ``` y", "  ```  ", "\n\na\n\n") {
		checkFence(t, s)
	}
}

func FuzzFence(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(checkFence)
}

// TestLargeTextIsQuick would not end if the work grew with the square of the
// text.
func TestLargeTextIsQuick(t *testing.T) {
	start := time.Now()
	for _, unit := range []string{"`", "\n", "\\", "*a", " "} {
		s := strings.Repeat(unit, 1<<20)
		chat.Escape(s)
		chat.Line(s)
		chat.Fence(s)
	}
	if spent := time.Since(start); spent > 20*time.Second {
		t.Errorf("15 MiB took %v", spent)
	}
}
