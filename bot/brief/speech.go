package brief

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Spoken gives Markdown as sentences that can be read aloud: markup is left
// out, code blocks too, and each item of a list begins a sentence. It ends
// with the sentence in which max characters are reached.
func Spoken(markdown string, max int) []string {
	source := []byte(markdown)
	var out []string
	length := 0
	root := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || length >= max {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindCodeBlock, ast.KindFencedCodeBlock, ast.KindHTMLBlock, ast.KindHeading:
			return ast.WalkSkipChildren, nil
		case ast.KindParagraph, ast.KindTextBlock:
			for _, s := range sentences(taskBox.ReplaceAllString(plain(n, source), "")) {
				if length < max {
					out = append(out, s)
					length += len([]rune(s))
				}
			}
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return out
}

// taskBox is the box of a list of things to do.
var taskBox = regexp.MustCompile(`^\[[ xX]?\] `)

// plain gives the text of a block in one line.
func plain(block ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(block, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(literal(t, source))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// literal gives the characters a text stands for: in code they are as they
// are written, elsewhere a backslash or an entity stands for another.
func literal(t *ast.Text, source []byte) []byte {
	value := t.Segment.Value(source)
	if t.Parent() != nil && t.Parent().Kind() == ast.KindCodeSpan {
		return value
	}
	return util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
}

// sentences parts a line after each full stop.
func sentences(line string) (out []string) {
	start := 0
	for i, r := range line {
		end := i + utf8.RuneLen(r)
		japanese := strings.ContainsRune("。!?", r)
		western := strings.ContainsRune(".!?", r) && end < len(line) && line[end] == ' '
		if japanese || western {
			out = append(out, strings.TrimSpace(line[start:end]))
			start = end
		}
	}
	if rest := strings.TrimSpace(line[start:]); rest != "" {
		out = append(out, rest)
	}
	return out
}
