package mrkdwn

import (
	"strings"

	extast "github.com/yuin/goldmark/extension/ast"
)

// maxCell is how wide a column gets, in columns of a terminal.
const maxCell = 40

// table sets a table in fixed text, its columns as wide as they need.
func (w *writer) table(t *extast.Table) {
	var rows [][]string
	var widths []int
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, w.cell(cell))
		}
		for i, cell := range cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
		rows = append(rows, cells)
	}
	for i, cells := range rows {
		w.fixed(tableRow(cells, widths))
		if i == 0 {
			w.fixed(tableRule(widths))
		}
	}
}

func (w *writer) cell(n node) string {
	c := collector{src: w.src}
	c.children(n, 0, "")
	var out strings.Builder
	for _, s := range c.spans {
		out.WriteString(s.text)
	}
	return cutColumns(Line(out.String()), maxCell)
}

func tableRow(cells []string, widths []int) string {
	var out strings.Builder
	for i, cell := range cells {
		if i > 0 {
			out.WriteString(" | ")
		}
		out.WriteString(cell + strings.Repeat(" ", widths[i]-columns(cell)))
	}
	return strings.TrimRight(out.String(), " ")
}

func tableRule(widths []int) string {
	parts := make([]string, len(widths))
	for i, w := range widths {
		parts[i] = strings.Repeat("-", w)
	}
	return strings.Join(parts, "-+-")
}

// columns is how much room a text takes in fixed type.
func columns(s string) (n int) {
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if wide(r) {
		return 2
	}
	return 1
}

func cutColumns(s string, limit int) string {
	if columns(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeColumns(r); n >= limit {
			return s[:i] + "…"
		}
	}
	return s
}
