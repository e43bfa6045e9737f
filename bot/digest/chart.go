package digest

import (
	"slices"
	"strings"

	"tebiki/adapters/chat"
)

// hours counts alerts by the hour of the day, in the team's zone.
type hours [24]int

// bars are how much of the most there was in an hour, from an eighth on.
var bars = []rune("▁▂▃▄▅▆▇█")

// chart draws the day in a line, with the hours under it, as Markdown.
func (h hours) chart() string {
	most := slices.Max(h[:])
	if most == 0 {
		return ""
	}
	var line strings.Builder
	for _, n := range h {
		if n == 0 {
			line.WriteRune('·')
			continue
		}
		line.WriteRune(bars[(n*len(bars)-1)/most])
	}
	return chat.Fence(line.String() + "\n0     6     12    18    24")
}
