package wiki

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tebiki/adapters/chat"
	"tebiki/adapters/tracker/markuptest"
)

// What follows reads wiki markup anew, by Jira's documentation and not by what
// the package knows: it takes out what is escaped and looks for the rest.

var (
	backslashed = regexp.MustCompile(`\\[-#*_+?^~|%{}\[\]()!@]`)
	address1    = regexp.MustCompile(`https?://[\w/:.?=&%#@~,;+-]+`)
	liveMarks   = []*regexp.Regexp{
		regexp.MustCompile(`\{[A-Za-z]`),                        // a macro
		regexp.MustCompile(`\{\{`),                              // code
		regexp.MustCompile(`\[[^\[\]\n]*[|:@/~^#][^\[\]\n]*\]`), // a link, a mention, a file
		regexp.MustCompile(`\[[A-Z]+-\d+\]`),
		regexp.MustCompile(`\((?:/|x|!|\+|-|\?|\*[rgby]?|y|n|i|on|off)\)`),
		regexp.MustCompile(`(?::-?[)(PD]|;-?\))(?:\W|$)`),
		regexp.MustCompile(`(?m)^(?:h[1-6]\.|bq\.|[*#-]+ |-{4,5}$|\|)`),
		regexp.MustCompile(`(?m)(?:^|\s)-{2,3}(?:\s|$)`),
		regexp.MustCompile(`\?\?[^\n]+\?\?`),
		regexp.MustCompile(`![^ \n](?:[^\n]*[^ \n])?!`),
		regexp.MustCompile(`&(?:#[0-9A-Za-z]{1,9}|[A-Za-z][0-9A-Za-z]{1,40});`),
	}
)

func init() {
	for _, mark := range "*_-+^~" {
		m := regexp.QuoteMeta(string(mark))
		liveMarks = append(liveMarks, regexp.MustCompile(`(?m)(?:^|[^\p{L}\p{N}])`+m+`[^ \n](?:[^\n]*[^ \n])?`+m+`(?:[^\p{L}\p{N}]|$)`))
	}
}

func live(markup string) string {
	text := address1.ReplaceAllString(backslashed.ReplaceAllString(markup, ","), "u")
	for _, re := range liveMarks {
		if found := re.FindString(text); found != "" {
			return found
		}
	}
	return ""
}

var pieces = []string{
	"{", "}", "[", "]", "!", "*", "_", "-", "+", "^", "~", "|", "#", `\`, "??", "bq.", "h1.", "(/)", ":)", "(x)", ":D", "@", "&lt;", "  ", " ", "\n",
	"{panel}", "{code}", "{noformat}", "[~admin]", "[a|http://e.example]", "OPS-1", "http://e.example/a_b", "a", "漢", "1", "。", "(", ")", "--", "\u3000", "\t", "`", "<b>", ">", "=",
}

func suite() markuptest.Markup {
	return markuptest.Markup{Render: Render, Escape: Escape, Cut: Cut, Size: Size, Live: live, Open: unclosed, Pieces: pieces}
}

func TestSuite(t *testing.T) { suite().Run(t) }

func TestRecogniserSeesWhatIsLive(t *testing.T) {
	for _, s := range []string{"{panel}", "a *b* c", "-x-", "[~a]", "[a|b]", "(/)", ":)", "h1. x", "* x", "----", "|a|", "??a??", "!a.png!", "{{x}}"} {
		if live(s) == "" {
			t.Errorf("%q is not seen", s)
		}
	}
}

// Cloud reads styled text once more without its backslashes.
func TestStyledTextStaysTextWithoutBackslashes(t *testing.T) {
	worst := regexp.MustCompile(`\{(?i:adf|anchor|code|quote|noformat|panel|color)|\[[^\[\]\n]*[|:@/~^#][^\[\]\n]*\]|\((?:/|x)\)`)
	rapid.Check(t, func(t *rapid.T) {
		s := suite().Hostile(t)
		markup := Render("**a " + chat.Line(s) + " b**")
		if !strings.HasPrefix(markup, "*") {
			return // what could be a link has no style
		}
		if found := worst.FindString(strings.ReplaceAll(markup, `\`, "")); found != "" {
			t.Errorf("%q becomes %q, where %q is live", s, markup, found)
		}
	})
}

func TestProseStays(t *testing.T) {
	for _, s := range []string{
		"web-1.example.jp is at 91 % (db-1 too).", "/var/log/*.log", "useradd -m -s /bin/bash x", "a_b_c, x-y-z, 5 * 3", "[ERROR] disk full",
		"これは重要です。確認してください(至急)。", `C:\Users\x`, "#12 @user r12", "https://grafana.example/d/a_b-c?x=1#y", "2026-11-25T05:05:00+09:00", "a | b", "{ }",
	} {
		if got := Escape(s); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

func TestCut(t *testing.T) {
	suite().Cuts(t, []markuptest.CutCase{
		{"fits", "abc", 3, "abc"},
		{"lines", "one\ntwo\nthree four five six", 12, "one\n\nmore"},
		{"code", "a\n{code:go}\n12345\n12345\n12345\n12345\n{code}", 37, "a\n{code:go}\n12345\n12345\n{code}\n\nmore"},
		{"noformat in a quote", "{quote}\n{noformat}\n1234567\n1234567\n{noformat}\n{quote}", 52, "{quote}\n{noformat}\n1234567\n{noformat}\n{quote}\n\nmore"},
		{"code mark in noformat", "{noformat}\n{code}\n12345678901234567890\n{noformat}", 40, "{noformat}\n{code}\n{noformat}\n\nmore"},
		{"a row", "|| a ||\n| 123456789 |", 20, "|| a ||\n\nmore"},
		{"one long line", "one two three four five", 17, "one two\n\nmore"},
		{"an escape", `1234567\*8901234`, 14, "1234567\n\nmore"},
		{"surrogates", "😀😀😀😀😀😀", 11, "😀😀\n\nmore"},
		{"no room", "abcdef", 3, "mor"},
	})
}

// unclosed names the block of code that is open at the end.
func unclosed(s string) (open string) {
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimLeft(line, "*# ")
		switch {
		case open == "" && line == "{noformat}":
			open = line
		case open == "" && strings.HasPrefix(line, "{code:"):
			open = "{code}"
		case open == line:
			open = ""
		}
	}
	return open
}

func FuzzRender(f *testing.F) {
	suite().Fuzz(f, "**a**b", "[~x]", "| a |\n|-|\n| b |", "> - ```x", "[a](<http://x|y>)", "![[a](b)](https://c.example)", "a\x00\u202eb", "```\n{noformat}")
}
