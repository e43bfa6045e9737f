package textile

import (
	"strings"

	extast "github.com/yuin/goldmark/extension/ast"

	"tebiki/adapters/prose"
)

// maxCell is how wide a column of fixed text gets, in columns of a terminal.
const maxCell = 60

// table writes a table. One that stands in a list or a quote, where there are
// none, is set in fixed text.
func (w *writer) table(t *extast.Table, in place) {
	rows := w.read().Rows(t)
	if in.listed() || in.quote != "" {
		w.code("", strings.Join(prose.FixedTable(prose.PlainRows(rows), maxCell), "\n"), in)
		return
	}
	for i, cells := range rows {
		w.line(tableRow(cells, map[bool]string{true: "|_. ", false: "| "}[i == 0]), in)
	}
}

// tableRow begins each cell with a space: what follows the bar at once could
// be a class or a style.
func tableRow(cells [][]prose.Span, bar string) string {
	var out strings.Builder
	for _, cell := range cells {
		out.WriteString(bar + writeCell(cell) + " ")
	}
	return out.String() + "|"
}
