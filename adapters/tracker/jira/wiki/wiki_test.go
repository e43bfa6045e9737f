package wiki

import (
	"strings"
	"testing"

	"tebiki/adapters/prose"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "hello", "hello"},
		{"two paragraphs", "a\n\nb", "a\n\nb"},
		{"soft break", "a\nb", "a b"},
		{"soft break in Japanese", "設定を\n確かめる", "設定を確かめる"},
		{"hard break", "a\\\nb", "a\nb"},
		{"emphasis", "*i* **b** ~~s~~ `c`", "_i_ *b* -s- {{c}}"},
		{"both", "***x***", "_*x*_"},
		{"bold in Japanese", "これは**重要**です", "これは{*}重要{*}です"},
		{"code in Japanese", "次に`df`を見る", "次に {{df}} を見る"},
		{"bold at punctuation", "(**b**).", "(*b*)."},
		{"heading", "## Title `x`\ntext", "h2. Title {{x}}\n\ntext"},
		{"list", "- a\n- b\n  - c\n    1. d", "* a\n* b\n** c\n**# d"},
		{"numbers", "1. a\n2. b\n   - c\n3. d", "# a\n# b\n#* c\n# d"},
		{"loose list", "- a\n\n- b", "* a\n* b"},
		{"two lists", "- a\n\n1. b", "* a\n\n# b"},
		{"item of two paragraphs", "- a\n\n  b\n- c", "* a\nb\n* c"},
		{"item with code", "1. a\n\n   ```\n   x\n\n   y\n   ```\n2. b", "# a\n{noformat}\nx\n\ny\n{noformat}\n# b"},
		{"heading in an item", "- # a", "* *a*"},
		{"tasks", "- [ ] a\n- [x] b", "* ☐ a\n* ☑ b"},
		{"known language", "```python\nx = {}\n```", "{code:python}\nx = {}\n{code}"},
		{"unknown language", "```sh\nls\n```", "{noformat}\nls\n{noformat}"},
		{"code mark in code", "```go\n{code} {noformat}\n```", "{noformat}\n{code} {\u2060noformat}\n{noformat}"},
		{"indented code", "    x", "{noformat}\nx\n{noformat}"},
		{"code with braces", "`${A}` `{{x}}` `}`", `{{$\{A\}}} {{\{\{x\}\}}} {{\}}}`},
		{"code with marks", "`*a* -b-`", `{{\*a* \-b-}}`},
		{"code with options", "`du -xhd1 /var | sort -h`", `{{du -xhd1 /var | sort -h}}`},
		{"link", "[a](https://x.example/?a=1&b=2)", "[a|https://x.example/?a=1&b=2]"},
		{"link with a bar", "[a|b](https://x.example/|{x})", "[a¦b|https://x.example/%7C%7Bx%7D]"},
		{"link with brackets", `[\[a\]](https://x.example)`, "[(a)|https://x.example]"},
		{"bold link", "**[a](https://x.example)**", "*[a|https://x.example]*"},
		{"bare link", "see https://x.example/a_b.", "see [https://x.example/a_b]."},
		{"bare link in a sentence", "see https://x.example/a_b now", "see https://x.example/a_b now"},
		{"mail", "<a@x.example>", "[a@x.example|mailto:a@x.example]"},
		{"unsafe link", "[a](javascript:alert)", "a"},
		{"relative link", "[a](/tickets/1)", "a"},
		{"a moment", "[Wed 05:05](time:1763996700)", "Wed 05:05"},
		{"image", "![chart](https://x.example/a.png)", "[chart|https://x.example/a.png]"},
		{"image without words", "![](https://x.example/a.png)", "https://x.example/a.png"},
		{"quote", "> a\n> b\n\nc", "{quote}\na b\n{quote}\n\nc"},
		{"quote of two paragraphs", "> a\n>\n> b", "{quote}\na\n\nb\n{quote}"},
		{"quote in a quote", "> > a", "{quote}\na\n{quote}"},
		{"list in a quote", "> - a\n> - b", "{quote}\n* a\n* b\n{quote}"},
		{"rule", "a\n\n---\n\nb", "a\n\n----\n\nb"},
		{"table", "| a | b |\n|---|---|\n| **日本** | |", "|| a || b ||\n| *日本* |  |"},
		{"table with a pipe", "| a | b |\n|---|---|\n| `x \\| y` | 日 |", "{noformat}\na     | b\n------+---\nx | y | 日\n{noformat}"},
		{"html", "a <b>x</b>", "a <b>x</b>"},
		{"html block", "<div>\n{panel}\n</div>", "<div>\n\\{\u2060panel}\n</div>"},
		{"entities", "&lt;x&gt; &amp;copy;", "<x> &\u2060copy;"},
		{"escaped marks", `\*a\* \_b\_`, `\*a* \_b_`},
		{"marks that are none", `web-1.example.jp web_server_01 /var/log/\*.log -x 5 - 3`, `web-1.example.jp web_server_01 /var/log/*.log -x 5 - 3`},
		{"a mark in bold", `**a \* b\***`, "*a \u2060\\*\u2060 b\u2060\\*\u2060*"},
		{"macro in bold", `**\{panel\}**`, "*\u2060\\{\u2060panel}*"},
		{"empty", "", ""},
		{"empty item", "-\n- a", "* \n* a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Render(c.in); got != c.want {
				t.Errorf("%q\n got %q\nwant %q", c.in, got, c.want)
			}
		})
	}
}

func TestRenderSaysThatItCut(t *testing.T) {
	got := Render(strings.Repeat("これは長い。\n\n", prose.MaxBytes/10))
	if len(got) > prose.MaxBytes+10 || !strings.HasSuffix(got, "これは長い。\n\n…") {
		t.Errorf("%d bytes, ending with %q", len(got), got[len(got)-30:])
	}
}
