package knowhow

import (
	"fmt"
	"strings"
)

// An outline cuts a document at its second-level headings. Inside fenced code
// nothing is a heading.
type outline struct {
	file     string
	faults   *Faults
	sections map[string]*string

	first map[string]int // line of each section's heading
	into  string         // the section being read; "" before the first and in an unknown one
	begun bool           // a heading was seen
	body  []string
	fence string // what closes the code block being read
	opens int    // its first line
}

func (o *outline) fault(line int, format string, args ...any) {
	at := position{o.file, line, 1}
	*o.faults = append(*o.faults, at.fault(fmt.Sprintf(format, args...)))
}

// read takes the lines from the given one on, counted from 0.
func (o *outline) read(lines []string, from int) {
	o.first = make(map[string]int)
	for i, line := range lines[min(from, len(lines)):] {
		o.line(from+i+1, line)
	}
	o.close()
	if o.fence != "" {
		o.fault(o.opens, "this code block is never closed; add a line %s after it", o.fence)
	}
	for _, name := range []string{"TODO", "Procedure"} {
		switch at := o.first[name]; {
		case at == 0:
			o.fault(len(lines), "there is no section %s; add a line \"## %s\" (or in Japanese) and what to do under it", name, name)
		case strings.TrimSpace(*o.sections[name]) == "":
			o.fault(at, "the section is empty; write what to do under it")
		}
	}
}

func (o *outline) line(number int, line string) {
	level, title := heading(line)
	code := o.code(number, line)
	switch {
	case code && o.begun:
		o.body = append(o.body, line)
	case level == 2 && !code:
		o.open(number, title)
	case level == 1 && !code:
		o.fault(number, "a first-level heading stands here; the title belongs in the front matter, and headings within a section begin with ###")
	case !o.begun && strings.TrimSpace(line) != "":
		o.fault(number, "this text stands before the first section; move it into one of TODO, Procedure, Checks, Special specifications")
		o.begun = true // one such fault is enough
	default:
		o.body = append(o.body, line)
	}
}

// code tells whether the line belongs to a fenced code block.
func (o *outline) code(number int, line string) bool {
	mark := fenceOf(line)
	switch {
	case o.fence == "" && mark == "":
		return false
	case o.fence == "":
		o.fence, o.opens = mark, number
	case strings.HasPrefix(mark, o.fence) && strings.Trim(line, " "+mark[:1]) == "":
		o.fence = ""
	}
	return true
}

func fenceOf(line string) string {
	line = strings.TrimLeft(line, " ")
	for _, mark := range []string{"`", "~"} {
		rest := strings.TrimLeft(line, mark)
		if n := len(line) - len(rest); n >= 3 && (mark == "~" || !strings.Contains(rest, "`")) {
			return line[:n]
		}
	}
	return ""
}

// heading gives the level and text of a line such as "## TODO"; level 0 is
// no heading.
func heading(line string) (int, string) {
	text := strings.TrimLeft(line, " ")
	rest := strings.TrimLeft(text, "#")
	level := len(text) - len(rest)
	if len(line)-len(text) > 3 || level > 6 || (rest != "" && rest[0] != ' ' && rest[0] != '\t') {
		return 0, ""
	}
	return level, strings.TrimSpace(strings.TrimRight(strings.TrimSpace(rest), "#"))
}

func (o *outline) open(number int, title string) {
	o.close()
	o.begun = true
	name, ok := headings[Fold(title)]
	switch {
	case !ok:
		o.fault(number, "%q is none of the four sections; use TODO, Procedure, Checks or Special specifications (TODO, 手順, 確認, 特記事項), or make it ### within one", title)
	case o.first[name] != 0:
		o.fault(number, "the section %s stands here again, first on line %d; put both under one heading", name, o.first[name])
	default:
		o.first[name] = number
		o.into = name
	}
}

// close keeps the text of the section that ends here.
func (o *outline) close() {
	if o.into != "" {
		*o.sections[o.into] = strings.Trim(strings.Join(o.body, "\n"), "\n")
	}
	o.into, o.body = "", nil
}
