package textile

import (
	"strings"

	extast "github.com/yuin/goldmark/extension/ast"
)

// maxCell is how wide a column of fixed text gets, in columns of a terminal.
const maxCell = 60

// table writes a table. One that stands in a list or a quote, where there are
// none, is set in fixed text.
func (w *writer) table(t *extast.Table, in place) {
	var rows [][][]span
	for row := t.FirstChild(); row != nil; row = row.NextSibling() {
		var cells [][]span
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			c := collector{src: w.src}
			c.children(cell, 0, "")
			cells = append(cells, c.spans)
		}
		rows = append(rows, cells)
	}
	if in.listed() || in.quote != "" {
		w.code("", fixedTable(rows), in)
		return
	}
	for i, cells := range rows {
		w.line(tableRow(cells, map[bool]string{true: "|_. ", false: "| "}[i == 0]), in)
	}
}

// tableRow begins each cell with a space: what follows the bar at once could
// be a class or a style.
func tableRow(cells [][]span, bar string) string {
	var out strings.Builder
	for _, cell := range cells {
		out.WriteString(bar + writeCell(cell) + " ")
	}
	return out.String() + "|"
}

func plain(spans []span) string {
	var out strings.Builder
	for _, s := range spans {
		out.WriteString(s.text)
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// fixedTable sets a table with columns as wide as they need.
func fixedTable(rows [][][]span) string {
	widths := make([]int, len(rows[0]))
	for _, cells := range rows {
		for i, cell := range cells {
			widths[i] = min(max(widths[i], columns(plain(cell))), maxCell)
		}
	}
	var lines []string
	for i, cells := range rows {
		lines = append(lines, fixedRow(cells, widths))
		if i == 0 {
			lines = append(lines, fixedRule(widths))
		}
	}
	return strings.Join(lines, "\n")
}

func fixedRow(cells [][]span, widths []int) string {
	parts := make([]string, len(cells))
	for i, cell := range cells {
		s := plain(cell)
		parts[i] = s + strings.Repeat(" ", max(0, widths[i]-columns(s)))
	}
	return strings.TrimRight(strings.Join(parts, " | "), " ")
}

func fixedRule(widths []int) string {
	parts := make([]string, len(widths))
	for i, w := range widths {
		parts[i] = strings.Repeat("-", w)
	}
	return strings.Join(parts, "-+-")
}

// columns is how much room a text takes in fixed type.
func columns(s string) (n int) {
	for _, r := range s {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}
