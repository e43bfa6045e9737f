package prose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	extast "github.com/yuin/goldmark/extension/ast"
	"pgregory.net/rapid"
)

func spans(markdown string) []Span {
	src := []byte(Clean(markdown))
	return Reader{Src: src, Opens: Web}.Spans(Parse(src), 0)
}

func TestSpans(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     []Span
	}{
		{"styles add up", "a **b *c*** ~~d~~ `e`", []Span{{Text: "a "}, {"b ", Bold, ""}, {"c", Bold | Italic, ""}, {Text: " "}, {"d", Struck, ""}, {Text: " "}, {"e", Fixed, ""}}},
		{"a link", "[**a** b](https://e.example)", []Span{{"a", Bold, "https://e.example"}, {" b", 0, "https://e.example"}}},
		{"a link to nowhere", "[a](javascript:x) [b](/c)", []Span{{Text: "a b"}}},
		{"an image within a link", "[![a](https://b.example)](https://c.example)", []Span{{"a", 0, "https://c.example"}}},
		{"a link without a label", "[](https://e.example)", []Span{{"https://e.example", 0, "https://e.example"}}},
		{"mail", "<a@e.example>", []Span{{"a@e.example", 0, "mailto:a@e.example"}}},
		{"breaks", "a  \nb\nc", []Span{{Text: "a"}, {Text: Break}, {Text: "b c"}}},
		{"a script without spaces", "漢字\nかな\nabc", []Span{{Text: "漢字かな abc"}}},
		{"escapes", `\*a\* &lt;b&gt; \&amp; &#x41;`, []Span{{Text: "*a* <b> &amp; A"}}},
		{"what entities hide", "a&#10;b&#x202e;c&#0;d&#27;e", []Span{{Text: "a bc\uFFFDde"}}},
		{"tasks", "- [ ] a\n- [x] b", []Span{{Text: "☐ a☑ b"}}},
		{"HTML", "a <b>c</b>", []Span{{Text: "a <b>c</b>"}}},
	} {
		if d := cmp.Diff(test.want, spans(test.in)); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}

func TestFixedTable(t *testing.T) {
	src := []byte("| a | 漢字 |\n|---|---|\n| a long one | `b` |\n|  | c |")
	rows := PlainRows(Reader{Src: src, Opens: Web}.Rows(Parse(src).FirstChild().(*extast.Table)))
	want := []string{"a      | 漢字", "-------+-----", "a long one | b", "       | c"}
	if d := cmp.Diff(want, FixedTable(rows, 6)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := CutColumns("漢字かな", 5); got != "漢字…" {
		t.Errorf("cut is %q", got)
	}
}

// Whatever the text, no span holds what Clean drops, and only a break breaks.
func TestSpansAreClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, s := range spans(rapid.String().Draw(t, "text")) {
			if s.Text == "" || Clean(s.Text) != s.Text || s.Text != Break && strings.Contains(s.Text, Break) {
				t.Errorf("span %q", s.Text)
			}
		}
	})
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		want string
	}{{"abc", "abc"}, {"ab\ncd\nefghij", "ab\ncd"}, {"a\nbcdefghijk", "a\nbcdefgh"}, {"1234567漢", "1234567"}} {
		if got := Cut(c.in, 9); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}
