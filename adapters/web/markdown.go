package web

import (
	"bytes"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxMarkdown is how much of one text is read as Markdown. Twice as much,
// made up of brackets or nested quotes, already takes many times as long. What
// is beyond it is shown as it is.
const maxMarkdown = 32 << 10

// prose renders documents, comments what people typed into a form: there a
// line break means one.
var (
	prose    = newMarkdown()
	comments = newMarkdown(html.WithHardWraps())
)

// newMarkdown renders CommonMark with tables and the like. Raw HTML is left
// out, which is goldmark's default.
func newMarkdown(rendering ...renderer.Option) goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(
			extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify,
			extension.NewCJK(extension.WithEastAsianLineBreaks()),
		),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(safeLinks{}, 100))),
		goldmark.WithRendererOptions(rendering...),
	)
}

func renderMarkdown(md goldmark.Markdown, text string) template.HTML {
	text, rest := splitAt(text, maxMarkdown)
	var out bytes.Buffer
	if err := md.Convert([]byte(text), &out); err != nil {
		rest = text + rest // nothing that cannot be read as Markdown is lost
		out.Reset()
	}
	if rest != "" {
		out.WriteString("<pre>" + template.HTMLEscapeString(rest) + "</pre>\n")
	}
	return template.HTML(out.String()) // of goldmark, without raw HTML and with safe links only
}

// splitAt cuts a long text at the end of a line, or else of a character.
func splitAt(text string, limit int) (head, rest string) {
	if len(text) <= limit {
		return text, ""
	}
	cut := strings.LastIndexByte(text[:limit], '\n') + 1
	if cut == 0 {
		for cut = limit; cut > 0 && !utf8.RuneStart(text[cut]); {
			cut--
		}
	}
	return text[:cut], text[cut:]
}

// safeLinks lets links lead only to pages and mail addresses, and turns
// images, which would tell somebody else's server who reads, into links.
type safeLinks struct{}

func (safeLinks) Transform(doc *ast.Document, reader gmtext.Reader, _ parser.Context) {
	var links []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.Image:
			if entering {
				links = append(links, n)
			}
		}
		return ast.WalkContinue, nil
	})
	slices.Reverse(links) // inner ones first: an image may be in a link
	for _, n := range links {
		secure(n, reader.Source())
	}
}

func secure(n ast.Node, src []byte) {
	switch n := n.(type) {
	case *ast.AutoLink:
		if dest := string(n.URL(src)); n.AutoLinkType == ast.AutoLinkURL && !safeURL(dest) {
			n.Parent().ReplaceChild(n.Parent(), n, ast.NewString([]byte(template.HTMLEscapeString(dest))))
			return
		}
		mark(n)
	case *ast.Link:
		if !safeURL(string(n.Destination)) {
			unwrap(n)
			return
		}
		mark(n)
	case *ast.Image:
		if !safeURL(string(n.Destination)) || insideLink(n) {
			unwrap(n)
			return
		}
		link := ast.NewLink()
		link.Destination, link.Title = n.Destination, n.Title
		moveChildren(n, link)
		n.Parent().ReplaceChild(n.Parent(), n, link)
		mark(link)
	}
}

func mark(n ast.Node) { n.SetAttributeString("rel", []byte("noopener noreferrer nofollow")) }

func insideLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

// unwrap leaves of a link what there is to read.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		parent.InsertBefore(parent, n, c)
		c = next
	}
	parent.RemoveChild(parent, n)
}

func moveChildren(from, to ast.Node) {
	for c := from.FirstChild(); c != nil; {
		next := c.NextSibling()
		to.AppendChild(to, c)
		c = next
	}
}

// safeURL takes absolute addresses of pages and mail, and paths of our own.
func safeURL(dest string) bool {
	u, err := url.Parse(strings.TrimSpace(dest))
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto":
		return true
	case "":
		return u.Host == "" && (strings.HasPrefix(dest, "#") || strings.HasPrefix(dest, "/") && !strings.HasPrefix(dest, "//") && !strings.HasPrefix(dest, "/\\"))
	}
	return false
}
