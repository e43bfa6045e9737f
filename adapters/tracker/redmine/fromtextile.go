package redmine

import (
	"html"
	"regexp"
	"strings"
)

// fromTextile gives the Markdown of what people and Tebiki write most in
// Textile: headings, lists, quotes, tables, code, links and emphasis. What it
// does not know stays text.
func fromTextile(s string) string {
	var w reader
	for line := range strings.SplitSeq(s, "\n") {
		w.line(line)
	}
	if w.code {
		w.lines = append(w.lines, codeFence)
	}
	return strings.Trim(strings.Join(w.lines, "\n"), "\n")
}

const codeFence = "```"

// A reader takes a text's lines in order.
type reader struct {
	lines []string
	code  bool // within <pre>
	row   bool // the line before was a table's
}

var (
	codeOpens  = regexp.MustCompile(`^\s*<pre>(?:<code(?: class="([a-z0-9+-]+)")?>)?(.*)$`)
	codeCloses = regexp.MustCompile(`^(.*?)(?:</code>)?</pre>\s*$`)
	heading    = regexp.MustCompile(`^h([1-6])\. (.*)$`)
	item       = regexp.MustCompile(`^([*#]+) (.*)$`)
	tableRow   = regexp.MustCompile(`^\|(.*)\|$`)
	quoted     = regexp.MustCompile(`^(?:bq\. |(>+) ?)(.*)$`)
)

func (w *reader) line(l string) {
	if w.code {
		w.codeLine(l)
		return
	}
	wasRow := w.row
	w.row = false
	switch {
	case match(codeOpens, l) != nil:
		found := match(codeOpens, l)
		w.lines, w.code = append(w.lines, codeFence+found[1]), true
		if found[2] != "" {
			w.codeLine(found[2])
		}
	case match(heading, l) != nil:
		found := match(heading, l)
		w.lines = append(w.lines, strings.Repeat("#", int(found[1][0]-'0'))+" "+markdownSpan(found[2]))
	case match(item, l) != nil:
		w.item(match(item, l))
	case match(tableRow, l) != nil:
		w.tableRow(match(tableRow, l)[1], wasRow)
	case match(quoted, l) != nil:
		found := match(quoted, l)
		w.lines = append(w.lines, strings.Repeat(">", max(1, len(found[1])))+" "+markdownSpan(found[2]))
	case l == "---":
		w.lines = append(w.lines, l)
	default:
		w.lines = append(w.lines, markdownSpan(l))
	}
}

func match(re *regexp.Regexp, s string) []string { return re.FindStringSubmatch(s) }

func (w *reader) codeLine(l string) {
	if found := match(codeCloses, l); found != nil {
		if found[1] != "" {
			w.lines = append(w.lines, strings.ReplaceAll(found[1], joiner, ""))
		}
		w.lines, w.code = append(w.lines, codeFence), false
		return
	}
	w.lines = append(w.lines, strings.ReplaceAll(l, joiner, ""))
}

func (w *reader) item(found []string) {
	mark := "- "
	if strings.HasSuffix(found[1], "#") {
		mark = "1. "
	}
	w.lines = append(w.lines, strings.Repeat("   ", len(found[1])-1)+mark+markdownSpan(found[2]))
}

// tableRow writes a row; Markdown wants a line of dashes below the first.
func (w *reader) tableRow(inner string, below bool) {
	cells := strings.Split(inner, "|")
	for i, c := range cells {
		cells[i] = " " + strings.ReplaceAll(markdownSpan(strings.TrimSpace(strings.TrimPrefix(c, "_."))), "|", `\|`) + " "
	}
	w.lines = append(w.lines, "|"+strings.Join(cells, "|")+"|")
	if !below {
		w.lines = append(w.lines, "|"+strings.Repeat("---|", len(cells)))
	}
	w.row = true
}

// span finds what has a meaning within a line.
var span = regexp.MustCompile(`<code>(.*?)</code>|"([^"]+)":((?:https?|mailto):[^\s<>]+)|(https?://[^\s<>"]+)|(^|[\s(])\*(\S|\S[^*]*?\S)\*($|[\s).,:;!?。、])|@([^@\s]+)@`)

// markdownSpan gives the Markdown of a line's text.
func markdownSpan(s string) string { return spans(s, true) }

// plainSpan gives a line's text without any markup.
func plainSpan(s string) string { return spans(s, false) }

func spans(s string, markup bool) string {
	var out strings.Builder
	at := 0
	for _, m := range span.FindAllStringSubmatchIndex(s, -1) {
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return s[m[2*n]:m[2*n+1]]
		}
		out.WriteString(words(s[at:m[0]], markup))
		switch {
		case m[2] >= 0 || m[16] >= 0:
			out.WriteString(codeSpan(group(1)+group(8), markup))
		case m[4] >= 0 && markup:
			out.WriteString("[" + words(group(2), true) + "](" + group(3) + ")")
		case m[4] >= 0:
			out.WriteString(words(group(2), false))
		case m[8] >= 0:
			out.WriteString(group(4))
		case markup:
			out.WriteString(group(5) + "**" + words(group(6), true) + "**" + group(7))
		default:
			out.WriteString(group(5) + words(group(6), false) + group(7))
		}
		at = m[1]
	}
	out.WriteString(words(s[at:], markup))
	return out.String()
}

func codeSpan(s string, markup bool) string {
	s = strings.ReplaceAll(s, joiner, "")
	switch {
	case !markup:
		return s
	case strings.Contains(s, "`"):
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// words reads entities, and keeps what they hid from meaning something in
// Markdown.
func words(s string, markup bool) string {
	s = html.UnescapeString(strings.ReplaceAll(s, joiner, ""))
	if !markup {
		return s
	}
	return markdownMarks.Replace(s)
}

var markdownMarks = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `[`, `\[`, `<`, `\<`)
