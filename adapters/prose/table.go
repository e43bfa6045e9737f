package prose

import "strings"

// FixedTable sets a table in text of fixed width, a line for each row and one
// below the first. A column is as wide as it needs, but at most widest; what
// is wider stands out.
func FixedTable(rows [][]string, widest int) (lines []string) {
	widths := make([]int, len(rows[0]))
	for _, cells := range rows {
		for i, cell := range cells {
			widths[i] = min(max(widths[i], columns(cell)), widest)
		}
	}
	for i, cells := range rows {
		lines = append(lines, fixedRow(cells, widths))
		if i == 0 {
			lines = append(lines, fixedRule(widths))
		}
	}
	return lines
}

func fixedRow(cells []string, widths []int) string {
	parts := make([]string, len(cells))
	for i, cell := range cells {
		parts[i] = cell + strings.Repeat(" ", max(0, widths[i]-columns(cell)))
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

// CutColumns gives as much of a text as takes limit columns, the last of them
// an ellipsis where something is missing.
func CutColumns(s string, limit int) string {
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
