package web

import (
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"link":          {"[a](https://example.net/x)", `<p><a href="https://example.net/x" rel="noopener noreferrer nofollow">a</a></p>`},
		"mail":          {"<ops@example.net>", `<p><a href="mailto:ops@example.net" rel="noopener noreferrer nofollow">ops@example.net</a></p>`},
		"own page":      {"[a](/tickets/T-1)", `<p><a href="/tickets/T-1" rel="noopener noreferrer nofollow">a</a></p>`},
		"script link":   {"[**a** b](javascript:alert(1))", `<p><strong>a</strong> b</p>`},
		"hidden script": {"[a](&#106;avascript:alert(1))", `<p>a</p>`},
		"data link":     {"[a](data:text/html;base64,xx)", `<p>a</p>`},
		"ftp autolink":  {"<ftp://example.net/a&b>", `<p>ftp://example.net/a&amp;b</p>`},
		"no scheme":     {"[a](//evil.example/x)", `<p>a</p>`},
		"backslash":     {`[a](/\\evil.example/x)`, `<p>a</p>`},
		"image":         {"![b](https://example.net/x.png)", `<p><a href="https://example.net/x.png" rel="noopener noreferrer nofollow">b</a></p>`},
		"image in link": {"[![b](https://a.example/x.png)](https://b.example)", `<p><a href="https://b.example" rel="noopener noreferrer nofollow">b</a></p>`},
		"raw block":     {"<script>alert(1)</script>", `<!-- raw HTML omitted -->`},
		"raw inline":    {"a <b onclick=x>c</b>", `<p>a <!-- raw HTML omitted -->c<!-- raw HTML omitted --></p>`},
		"code":          {"`<b>`", `<p><code>&lt;b&gt;</code></p>`},
		"Japanese wrap": {"これは\n一つの文", "<p>これは一つの文</p>"},
		"escaped":       {`\[a\]\(https\:\/\/example\.net\)`, `<p>[a](https://example.net)</p>`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.TrimSpace(string(renderMarkdown(prose, tt.in))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCommentsKeepLineBreaks(t *testing.T) {
	if got := string(renderMarkdown(comments, "一\n二")); !strings.Contains(got, "<br") {
		t.Errorf("got %s", got)
	}
}

func TestHugeMarkdown(t *testing.T) {
	for _, piece := range []string{"長", "[", "![", "*a **b "} {
		in := strings.Repeat(piece, 2*maxMarkdown/len(piece)) + "<b>end"
		got := string(renderMarkdown(prose, in))
		if !strings.HasSuffix(got, "&lt;b&gt;end</pre>\n") || strings.Contains(got, "\uFFFD") {
			t.Errorf("of %q what is beyond the limit is not shown as it is", piece)
		}
	}
	lines := strings.Repeat("a line\n", maxMarkdown/6)
	head, rest := splitAt(lines, maxMarkdown)
	if head+rest != lines || !strings.HasSuffix(head, "\n") || len(head) > maxMarkdown {
		t.Errorf("cut into %d and %d bytes, not at a line", len(head), len(rest))
	}
}
