package textile

import (
	"regexp"
	"strings"
	"testing"

	"tebiki/adapters/tracker/markuptest"
)

// What follows reads Textile anew, by what Redmine's own reader looks for and
// not by what the package knows.

var (
	asText    = regexp.MustCompile(`&#\d+;`)
	bare      = regexp.MustCompile(`(^|[\s(>])https?://[\w/:.?=&%#@~,;+-]+`)
	liveMarks = []*regexp.Regexp{
		regexp.MustCompile(`##?(?:\d|note)`),
		regexp.MustCompile(`(?:^|[\s(,\->\[])(?:[a-z0-9_-]+\|)?r\d`),
		regexp.MustCompile(`(?:^|[\s(,\->\[])(?:[a-z0-9_-]+:)?(?:attachment|document|version|forum|news|message|project|commit|source|export|user):[^\s<>]`),
		regexp.MustCompile(`(?:^|[\s(,\->\[])@[A-Za-z0-9_.@-]`),
		regexp.MustCompile(`\{\{|\[\[`),
		regexp.MustCompile(`<[\w/!]`),
		regexp.MustCompile(`"[^"\n]+":(?:/|[a-zA-Z]+://|www\.|mailto:)[\w/]`),
		regexp.MustCompile(`(?s)(?:^|\s)==[^=]+.*==`),
		regexp.MustCompile(`(?:^|[\s>])![^\s(!]+ ?(?:\([^)]*\))?!`),
		regexp.MustCompile(`(?:^|\W)@.+@(?:\W|$)`),
		regexp.MustCompile(`\b[A-Z][A-Z0-9]+\([^)]*\)`),
		regexp.MustCompile(`[\p{L}\p{N}\]]\[\d+\]`),
		regexp.MustCompile(`(?m)^ *(?:[*#]+[ ({\[]|>|\||(?:[-*_] ?){3,}$|(?:p|bq|h[1-6]|fn\d+)[^\w\s]*\. )`),
		regexp.MustCompile(`&[#a-zA-Z0-9]{1,40};`),
	}
)

func init() {
	for _, mark := range []string{"**", "*", "??", "-", "__", "_", "%", "+", "^", "~"} {
		m := regexp.QuoteMeta(mark)
		liveMarks = append(liveMarks, regexp.MustCompile(`(?s)(?:^|[>\s(])(?:[*_\-+^~%]|\?\?)?`+m+`(?:[\p{L}\p{N}_]|\S.*?\S)`+m+`(?:[\p{P}\p{S}\s]|$)`))
	}
}

func live(markup string) string {
	text := bare.ReplaceAllString(asText.ReplaceAllString(markup, ","), "${1}u")
	for _, re := range liveMarks {
		if found := re.FindString(text); found != "" {
			return found
		}
	}
	return ""
}

var pieces = []string{
	"{", "}", "[", "]", "!", "*", "_", "-", "+", "^", "~", "%", "|", "#", "??", "@", "==", "bq. ", "h1. ", "p(a). ", "\"a\":http://e.example", "&lt;", " ", "\n",
	"{{toc}}", "[[A]]", "<pre>", "</pre>", "<code>", "<!--", "-->", "r12", "#12", "commit:ab", "user:a", "12", "SEL", "(", ")", "a", "漢", "。", "\u3000", "\t", "`", ">", "=", "&", ";",
	"http://e.example/a_b", "!a.png!", "\\", ":", "\"",
}

func suite() markuptest.Markup {
	return markuptest.Markup{Render: Render, Escape: Escape, Cut: Cut, Size: Size, Live: live, Open: unclosed, Pieces: pieces}
}

func TestSuite(t *testing.T) { suite().Run(t) }

func TestRecogniserSeesWhatIsLive(t *testing.T) {
	for _, s := range []string{"#12", "r1", "a @user", "commit:a", "{{toc}}", "[[a]]", "<pre>", "a *b* c", "_*x*_", "\"a\":http://x", "==a==", "!a!", "a @b@", "SEL(x)", "a[1]", "* a", "> a", "|a|", "---", "h1. x", "p>. x", "&lt;", "*a\nb*"} {
		if live(s) == "" {
			t.Errorf("%q is not seen", s)
		}
	}
}

func TestProseStays(t *testing.T) {
	for _, s := range []string{
		"web-1.example.jp is at 91 % (db-1 too).", "/var/log/*.log", "a_b_c, x-y-z, 5 * 3", "[ERROR] disk full", "message: none", "root@web-1",
		"これは重要です。確認してください(至急)。", `C:\Users\x`, "https://grafana.example/d/a_b-c?x=1#y", "2026-11-25T05:05:00+09:00", "ps aux | grep x | wc", "{ }", "a == b", "a < b", "R & D",
	} {
		if got := Escape(s); got != s && s != "{ }" {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

func TestCut(t *testing.T) {
	suite().Cuts(t, []markuptest.CutCase{
		{"fits", "abc", 3, "abc"},
		{"lines", "one\ntwo\nthree four five six", 12, "one\n\nmore"},
		{"code", "a\n<pre>\n12345\n12345\n12345\n12345\n</pre>", 33, "a\n<pre>\n12345\n12345\n</pre>\n\nmore"},
		{"code of a language", "<pre><code class=\"sh\">\n12345\n12345\n</code></pre>", 50, "<pre><code class=\"sh\">\n12345\n12345\n</code></pre>"},
		{"a row", "|_. a |\n| 123456789 |", 20, "|_. a |\n\nmore"},
		{"one long line", "one two three four five", 17, "one two\n\nmore"},
		{"code in a long line", "one two <code>three four five", 26, "one two\n\nmore"},
		{"an entity", "12345&#42;123456789", 15, "12345\n\nmore"},
		{"no room", "abcdef", 3, "mor"},
	})
}

var codeTag = regexp.MustCompile(`</?(?:pre|code)(?: class="[a-z]+")?>`)

// unclosed names a tag of code that is open at the end, or that ends nothing.
func unclosed(s string) string {
	var open []string
	for _, tag := range codeTag.FindAllString(s, -1) {
		name := strings.Trim(strings.Fields(tag)[0], "</>")
		switch {
		case !strings.HasPrefix(tag, "</"):
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			return tag
		default:
			open = open[:len(open)-1]
		}
	}
	return strings.Join(open, ", ")
}

func FuzzRender(f *testing.F) {
	suite().Fuzz(f, "**a**b", "@x", "| a |\n|-|\n| b |", "> - ```x", "[a](<http://x|y>)", "![[a](b)](https://c.example)", "a\x00\u202eb", "```\n</pre>")
}
