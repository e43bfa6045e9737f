package wiki

import (
	"slices"
	"strings"

	extast "github.com/yuin/goldmark/extension/ast"

	"tebiki/adapters/prose"
)

// maxCell is how wide a column of fixed text gets, in columns of a terminal.
const maxCell = 60

// table writes a table. One that stands in a list, where there are none, or
// that has a bar in a cell, which Cloud cannot read, is set in fixed text.
func (w *writer) table(t *extast.Table, in place) {
	rows := w.read().Rows(t)
	if plain := prose.PlainRows(rows); in.listed() || slices.ContainsFunc(plain, hasBar) {
		w.noformat(strings.Join(prose.FixedTable(plain, maxCell), "\n"))
		return
	}
	for i, cells := range rows {
		w.line(tableRow(cells, map[bool]string{true: "||", false: "|"}[i == 0]))
	}
}

func hasBar(cells []string) bool {
	return slices.ContainsFunc(cells, func(s string) bool { return strings.Contains(s, "|") })
}

// tableRow keeps a space in every cell: an empty one would be no cell.
func tableRow(cells [][]prose.Span, bar string) string {
	var out strings.Builder
	for _, cell := range cells {
		out.WriteString(bar + " " + writeLine(cell) + " ")
	}
	return out.String() + bar
}
