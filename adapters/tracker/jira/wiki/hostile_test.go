package wiki

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tebiki/adapters/chat"
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
		regexp.MustCompile(`&#?\w+;`),
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

func hostile(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 14).Draw(t, "text"), "")
}

func TestRecogniserSeesWhatIsLive(t *testing.T) {
	for _, s := range []string{"{panel}", "a *b* c", "-x-", "[~a]", "[a|b]", "(/)", ":)", "h1. x", "* x", "----", "|a|", "??a??", "!a.png!", "{{x}}"} {
		if live(s) == "" {
			t.Errorf("%q is not seen", s)
		}
	}
}

func TestNothingComesAlive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostile(t)
		for _, markup := range []string{Escape(s), Render(chat.Escape(s)), Render("a " + chat.Line(s))} {
			if found := live(markup); found != "" {
				t.Errorf("%q becomes %q, where %q is live", s, markup, found)
			}
		}
	})
}

// Cloud reads styled text once more without its backslashes.
func TestStyledTextStaysTextWithoutBackslashes(t *testing.T) {
	worst := regexp.MustCompile(`\{(?i:adf|anchor|code|quote|noformat|panel|color)|\[[^\[\]\n]*[|:@/~^#][^\[\]\n]*\]|\((?:/|x)\)`)
	rapid.Check(t, func(t *rapid.T) {
		s := hostile(t)
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
	for _, c := range []struct {
		name, in string
		limit    int
		want     string
	}{
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
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Cut(c.in, c.limit, "more")
			if got != c.want || Size(got) > c.limit {
				t.Errorf("got %q (%d), want %q", got, Size(got), c.want)
			}
		})
	}
}

type failer interface{ Errorf(string, ...any) }

// checkMarkup fails on a block that is open, and on what is too long.
func checkMarkup(t failer, s string, limit int) {
	if Size(s) > limit || !utf8.ValidString(s) {
		t.Errorf("%d characters, at most %d: %.200q", Size(s), limit, s)
	}
	open := ""
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
	if open != "" {
		t.Errorf("%s is open in %.300q", open, s)
	}
}

func TestRenderAndCutKeepBlocksClosed(t *testing.T) {
	blocks := append([]string{"```\n", "```go\n", "> ", "- ", "1. ", "\n\n", "    ", "**", "~~", "[a](https://e.example)", "| a | b |\n|---|---|\n| c |", "# "}, pieces...)
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(blocks), 0, 40).Draw(t, "text"), "")
		markup := Render(in)
		checkMarkup(t, markup, 1<<20)
		limit := rapid.IntRange(40, 400).Draw(t, "limit")
		cut := Cut(markup, limit, "and so on")
		checkMarkup(t, cut, limit)
		if cut != markup && !strings.HasSuffix(cut, "\n\nand so on") && cut != "and so on" {
			t.Errorf("%q does not end with the note", cut)
		}
	})
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{"**a**b", "[~x]", "| a |\n|-|\n| b |", "> - ```x", "[a](<http://x|y>)", "![[a](b)](https://c.example)", "a\x00\u202eb", "```\n{noformat}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		markup := Render(s)
		checkMarkup(t, markup, 1<<20)
		checkMarkup(t, Cut(markup, 60, "more"), 60)
		if found := live(Escape(s)); found != "" {
			t.Errorf("%q becomes %q, where %q is live", s, Escape(s), found)
		}
	})
}
