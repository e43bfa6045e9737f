package mrkdwn

import (
	extast "github.com/yuin/goldmark/extension/ast"

	"tebiki/adapters/prose"
)

// maxCell is how wide a column gets, in columns of a terminal.
const maxCell = 40

// table sets a table in fixed text.
func (w *writer) table(t *extast.Table) {
	rows := prose.PlainRows(w.read().Rows(t))
	for _, cells := range rows {
		for i := range cells {
			cells[i] = prose.CutColumns(cells[i], maxCell)
		}
	}
	for _, line := range prose.FixedTable(rows, maxCell) {
		w.fixed(line)
	}
}
