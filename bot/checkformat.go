package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// formats write findings. File names and texts come from whoever proposes a
// change of the know-how, and must not become anything else on the way: an
// escape sequence for a terminal, a command to a CI runner.
var formats = map[string]func(io.Writer, []finding) error{
	"text": asText, "json": asJSON, "github": asCommands,
}

// asText is a line for each, in the form of compilers: file:line:column: what.
func asText(w io.Writer, all []finding) error {
	var b strings.Builder
	for _, f := range all {
		b.WriteString(shownLine(f.File) + ":")
		if f.Line > 0 {
			b.WriteString(strconv.Itoa(f.Line) + ":")
		}
		if f.Column > 0 {
			b.WriteString(strconv.Itoa(f.Column) + ":")
		}
		if f.Severity == warning {
			b.WriteString(" warning:")
		}
		b.WriteString(" " + shownLine(f.What) + "\n")
	}
	if faults, warnings := countFaults(all); faults == 0 {
		fmt.Fprintf(&b, "no faults, warnings: %d\n", warnings)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// asJSON is one object, also when nothing was found.
func asJSON(w io.Writer, all []finding) error {
	faults, warnings := countFaults(all)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Faults   int       `json:"faults"`
		Warnings int       `json:"warnings"`
		Findings []finding `json:"findings"`
	}{faults, warnings, append([]finding{}, all...)})
}

// GitHub's workflow commands: a property of one ends at a comma, and the
// command itself at the end of the line.
var (
	inData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// asCommands is a workflow command of GitHub Actions for each, which puts it
// beside the line in the pull request.
func asCommands(w io.Writer, all []finding) error {
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "::%s file=%s", f.Severity, inProperty.Replace(shownLine(f.File)))
		if f.Line > 0 {
			fmt.Fprintf(&b, ",line=%d", f.Line)
		}
		if f.Column > 0 {
			fmt.Fprintf(&b, ",col=%d", f.Column)
		}
		b.WriteString("::" + inData.Replace(visible(f.What, '\n')) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func shownLine(s string) string { return visible(s, utf8.RuneError) }

// visible writes out what a person would not see and a terminal might obey,
// but for one character.
func visible(s string, but rune) string {
	var b strings.Builder
	for _, r := range s {
		if r == but || unicode.IsGraphic(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
