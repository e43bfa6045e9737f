package redmine

import (
	"strings"

	"tebiki/adapters/prose"
	"tebiki/adapters/tracker/redmine/markdown"
	"tebiki/adapters/tracker/redmine/textile"
)

// A Format is what Redmine is set to read its texts as. It cannot be asked
// for: it is in "Administration", "Settings", "General", "Text formatting".
type Format string

// What Redmine can format.
const (
	Textile    Format = "textile"
	Markdown   Format = "markdown"
	CommonMark Format = "common_mark"
)

func (f Format) render(md string) string {
	if f == Textile {
		return textile.Render(md)
	}
	return strings.Trim(markdown.Render(prose.Clean(md)), "\n")
}

// cut keeps a text within some bytes; an ellipsis says that there was more.
func (f Format) cut(markup string, limit int) string {
	const more = "…"
	if len(markup) <= limit {
		return markup
	}
	if f == Textile { // which counts characters
		return textile.Cut(markup, limit*textile.Size(markup)/len(markup)*9/10, more)
	}
	kept := prose.Cut(markup, limit-len("\n```\n\n"+more))
	if strings.Count("\n"+kept, "\n```")%2 == 1 {
		kept += "\n```"
	}
	return kept + "\n\n" + more
}

// joiner parts what Redmine must not read together.
const joiner = "\u2060"

// line reads a field's value as plain text.
func (f Format) line(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), joiner, "")
	if f == Textile {
		return plainSpan(s)
	}
	return unescape(s)
}

// plainBody gives the body as Markdown.
func (t text) plainBody() string {
	if t.format == Textile {
		return fromTextile(t.body)
	}
	return strings.ReplaceAll(strings.ReplaceAll(t.body, joiner, ""), "&lt;", `\<`)
}

// unescape takes Markdown's backslashes out of a line, and the entity that
// keeps HTML from being any.
func unescape(s string) string {
	s = strings.ReplaceAll(s, "&lt;", "<")
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i+1]) >= 0 {
			i++
		}
		out.WriteByte(s[i])
	}
	return strings.ReplaceAll(out.String(), "&#92;", `\`)
}
