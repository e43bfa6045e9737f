package textile

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
		{"emphasis", "*i* **b** ~~s~~ `c`", "_i_ *b* -s- <code>c</code>"},
		{"both", "***x***", "_*x*_"},
		{"bold in Japanese", "これは**重要**です", "これは *重要* です"},
		{"code in Japanese", "次に`df`を見る", "次に<code>df</code>を見る"},
		{"bold at punctuation", "(**b**). **日**。", "(*b*). *日*。"},
		{"bold with a bracket", "**(a)** b", "*&#40;a)* b"},
		{"heading", "## Title `x`\ntext", "h2. Title <code>x</code>\n\ntext"},
		{"list", "- a\n- b\n  - c\n    1. d", "* a\n* b\n** c\n**# d"},
		{"numbers", "1. a\n2. b\n   - c\n3. d", "# a\n# b\n#* c\n# d"},
		{"loose list", "- a\n\n- b", "* a\n* b"},
		{"two lists", "- a\n\n1. b", "* a\n\n# b"},
		{"item of two paragraphs", "- a\n\n  b\n- c", "* a\nb\n* c"},
		{"item with code", "1. a\n\n   ```\n   x\n\n   y\n   ```\n2. b", "# a\n<pre>\nx\n\ny\n</pre>\n# b"},
		{"heading in an item", "- # a", "* *a*"},
		{"tasks", "- [ ] a\n- [x] b", "* ☐ a\n* ☑ b"},
		{"known language", "```python\nx = 1\n```", "<pre><code class=\"python\">\nx = 1\n</code></pre>"},
		{"unknown language", "```\"><x\nls\n```", "<pre>\nls\n</pre>"},
		{"end of code in code", "```\n</pre> <PRE> &lt; <b>\n```", "<pre>\n<\u2060/pre> <\u2060PRE> &lt; <b>\n</pre>"},
		{"indented code", "    x", "<pre>\nx\n</pre>"},
		{"code with tags", "`</code>` `<b>` `{{x}}` `*a*`", "<code><\u2060/code></code> <code><b></code> <code>{{x}}</code> <code>*a*</code>"},
		{"link", "[a](https://x.example/?a=1&b=2)", `"a":https://x.example/?a=1&b=2`},
		{"link before a letter", "[a](https://x.example)を", `"a":https://x.example を`},
		{"link before a point", "[a](https://x.example). b", `"a":https://x.example. b`},
		{"link with quotes", "[a \"b\" (c)](https://x.example/(x))", `"a &quot;b&quot; &#40;c)":https://x.example/%28x%29`},
		{"bold link", "**[a](https://x.example)**", `*"a":https://x.example*`},
		{"bare link", "see https://x.example/a_b.", "see https://x.example/a_b."},
		{"mail", "<a@x.example>", `"a@x.example":mailto:a@x.example`},
		{"unsafe link", "[a](javascript:alert)", "a"},
		{"relative link", "[a](/tickets/1)", "a"},
		{"a moment", "[Wed 05:05](time:1763996700)", "Wed 05:05"},
		{"image", "![chart](https://x.example/a.png)", `"chart":https://x.example/a.png`},
		{"image without words", "![](https://x.example/a.png)", "https://x.example/a.png"},
		{"quote", "> a\n> b\n\nc", "> a b\n\nc"},
		{"quote of two paragraphs", "> a\n>\n> b", "> a\n>\n> b"},
		{"quote in a quote", "> a\n>\n> > b", "> a\n>\n>> b"},
		{"list in a quote", "> - a\n> - b", "> * a\n> * b"},
		{"code in a quote", "> ```\n> x\n> ```", "> <pre>\nx\n</pre>"},
		{"quote in a list", "- > a", "* ┃ a"},
		{"rule", "a\n\n---\n\nb", "a\n\n---\n\nb"},
		{"table", "| a | b |\n|---|---|\n| **日本** | |", "|_. a |_. b |\n| *日本* |  |"},
		{"table with a pipe", "| a | b |\n|---|---|\n| `x \\| y` | p \\| q |", "|_. a |_. b |\n| <code>x | y</code> | p &#124; q |"},
		{"table in a list", "- x\n\n  | a | 日 |\n  |---|---|\n  | 1 | 2 |", "* x\n<pre>\na | 日\n--+---\n1 | 2\n</pre>"},
		{"html", "a <b>x</b>", "a &#60;b>x&#60;/b>"},
		{"html block", "<div>\n#12\n</div>", "&#60;div>\n#\u206012\n&#60;/div>"},
		{"entities", "&lt;x&gt; &amp;copy;", "&#60;x> &#38;copy;"},
		{"escaped marks", `\*a\* \_b\_`, "&#42;a* &#95;b_"},
		{"marks that are none", `web-1.example.jp web_server_01 /var/log/\*.log a - b root@x C:\\x`, `web-1.example.jp web_server_01 /var/log/*.log a - b root@x C:\x`},
		{"a mark in bold", `**a \* b**`, "*a &#42; b*"},
		{"a mark across lines", "\\*a\\\nb\\*", "&#42;a\nb*"},
		{"links of Redmine", "#12 r3 commit:ab @user [[x]]", "#\u206012 r\u20603 commit\u2060:ab @\u2060user [\u2060[x]]"},
		{"macro", `a {{toc}}`, "a {\u2060{toc}}"},
		{"abbreviation", "SEL(x)", "SEL&#40;x)"},
		{"code of Textile", "a @b@ c", "a &#64;\u2060b@ c"},
		{"no Textile", "==x==", "&#61;&#61;x&#61;&#61;"},
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
