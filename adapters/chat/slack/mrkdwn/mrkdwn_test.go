package mrkdwn

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tebiki/adapters/chat"
)

func convert(s string) string {
	pieces, _ := Convert(s)
	return strings.Join(Pack(pieces, 1<<20), "\n")
}

func TestConvert(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "hello", "hello"},
		{"two paragraphs", "a\n\nb", "a\n\nb"},
		{"soft break", "a\nb", "a b"},
		{"soft break in Japanese", "設定を\n確かめる", "設定を確かめる"},
		{"hard break", "a\\\nb", "a\nb"},
		{"emphasis", "*i* **b** ~~s~~ `c`", "_i_ *b* ~s~ `c`"},
		{"both", "***x***", "_*x*_"},
		{"bold in Japanese", "これは**重要**です", "これは\u200b*重要*\u200bです"},
		{"bold at punctuation", "(**b**).", "(*b*)."},
		{"heading", "# Title\ntext", "*Title*\ntext"},
		{"heading with code", "## `ls` first", "*`ls`* *first*"},
		{"list", "- a\n- b\n  - c\n    - d", "• a\n• b\n\u2003\u2003◦ c\n\u2003\u2003\u2003\u2003▪ d"},
		{"numbers", "3. a\n4. b", "3. a\n4. b"},
		{"loose list", "- a\n\n- b", "• a\n\n• b"},
		{"item with code", "- a\n\n  ```\n  x\n  ```", "• a\n\n```\nx\n```"},
		{"tasks", "- [ ] a\n- [x] b", "☐ a\n☑ b"},
		{"fence", "a\n\n```sh\nls <x> && y\n```\nb", "a\n\n```\nls &lt;x&gt; &amp;&amp; y\n```\n\nb"},
		{"fence in a fence", "~~~\n```\n~~~", "```\n``\u2060`\n```"},
		{"link", "[a](https://x.example/?a=1&b=2)", "<https://x.example/?a=1&amp;b=2|a>"},
		{"link with a bar", "[a|b](https://x.example/|)", "<https://x.example/%7C|a¦b>"},
		{"bold link", "**[a](https://x.example)**", "*<https://x.example|a>*"},
		{"bare link", "see https://x.example/a", "see <https://x.example/a|https://x.example/a>"},
		{"mail", "<a@x.example>", "<mailto:a@x.example|a@x.example>"},
		{"unsafe link", "[a](javascript:alert)", "a"},
		{"relative link", "[a](/tickets/1)", "a"},
		{"image", "![chart](https://x.example/a.png)", "<https://x.example/a.png|chart>"},
		{"image without words", "![](https://x.example/a.png)", "<https://x.example/a.png|https://x.example/a.png>"},
		{"quote", "> a\n> b\n\nc", "> a b\n\nc"},
		{"quote of two paragraphs", "> a\n>\n> b", "> a\n>\n> b"},
		{"list in a quote", "> - a\n> - b", "> • a\n> • b"},
		{"quote in a list", "- > a", "• ┃ a"},
		{"quote in a quote", "> > a", "> a"},
		{"rule", "a\n\n---\n\nb", "a\n\n──────────\n\nb"},
		{"table", "| a | bb |\n|---|---|\n| 日本 | x |", "```\na    | bb\n-----+---\n日本 | x\n```"},
		{"a moment", "[Wed 05:05](time:1763996700)", "<!date^1763996700^{date_short_pretty} {time}|Wed 05:05>"},
		{"no moment", "[x](time:soon)", "x"},
		{"html", "a <b>x</b>", "a &lt;b&gt;x&lt;/b&gt;"},
		{"html block", "<div>\n@here\n</div>", "&lt;div&gt;\n@here\n&lt;/div&gt;"},
		{"mentions", "<!channel> <@U123>", "&lt;!channel&gt; &lt;@U123&gt;"},
		{"entities", "&lt;!here&gt; &copy;", "&lt;!here&gt; ©"},
		{"escaped marks", `\*a\* \_b\_`, "\u2060*a* \u2060_b_"},
		{"marks that are none", `web_server_01 \*.example.com`, `web_server_01 *.example.com`},
		{"a mark in bold", `**a \* b**`, "*a \u2060* b*"},
		{"escaped quote", `\> a`, "\u2060&gt; a"},
		{"emoji", `\:smile\: 12:30:45`, ":\u2060smile: 12:30:45"},
		{"code with a backtick", "``a`b``", "`aˋb`"},
		{"empty", "", ""},
		{"empty item", "-\n- a", "•\n• a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := convert(c.in)
			if strings.TrimRight(got, " ") != c.want && strings.ReplaceAll(got, "• \n", "•\n") != c.want {
				t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

// What a flow escaped is shown as it was.
func TestEscapedTextStays(t *testing.T) {
	for _, in := range []string{
		"<!channel> <@U1> <#C1|x> <http://evil.example|bank>", "*b* _i_ ~s~ `c` ```x```", "# heading", "1. list", "- list",
		"> quote", "a | b", "&lt;", ":skull: a:b:c", "日本語の*強調*です", "https://evil.example/?a=b&c=d", "[x](https://evil.example)",
	} {
		if got := shown(convert(chat.Escape(in))); got != in {
			t.Errorf("%q is shown as %q", in, got)
		}
		if got := shown(Text(in)); got != in {
			t.Errorf("Text(%q) is shown as %q", in, got)
		}
	}
}

// shown undoes what does not show, and fails to undo a mark or a link.
func shown(s string) string {
	return strings.NewReplacer(joiner, "", gap, "", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&", "\\&").Replace(s)
}

func TestConvertKeepsFencesAndLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOf(rapid.SampledFrom([]rune("ab 漢。.\n\n`*_~<>&|-[](){}#1:/!\\\t😀"))).Draw(t, "text")
		size := rapid.IntRange(maxPiece*5+20, 3000).Draw(t, "size")
		pieces, _ := Convert(strings.Repeat(in, 20))
		for _, text := range Pack(pieces, size) {
			checkText(t, text, size)
		}
	})
}

type failer interface{ Errorf(string, ...any) }

// checkText fails on what Slack would read as a mention or refuse.
func checkText(t failer, s string, size int) {
	if Size(s) > size || !utf8.ValidString(s) {
		t.Errorf("%d characters, at most %d: %.100q", Size(s), size, s)
	}
	if strings.Count(s, fence)%2 != 0 {
		t.Errorf("a fence is open: %.100q", s)
	}
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			return
		}
		link, next, closed := strings.Cut(after, ">")
		if !closed || !strings.HasPrefix(link, "http://") && !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "mailto:") && !strings.HasPrefix(link, "!date^") {
			t.Errorf("text became markup: <%.100s", after)
			return
		}
		rest = next
	}
}

func FuzzConvert(f *testing.F) {
	for _, s := range []string{"**a**b", "<!channel>", "| a |\n|-|\n| b |", "> - ```x", "[a](<http://x|y>)", "![[a](b)](https://c.example)", "![[](b)](httPs://c.example)", "a\x00\u202eb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pieces, _ := Convert(s)
		for _, text := range Pack(pieces, 2900) {
			checkText(t, text, 2900)
		}
		for _, text := range []string{Text(s), Bold(s, s), Link(s, s)} {
			checkText(t, text, 1<<30)
		}
	})
}
