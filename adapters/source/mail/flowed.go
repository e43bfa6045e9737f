package mail

import "strings"

// unflow puts the lines of a format=flowed text together (RFC 3676): one that
// ends with a blank goes on in the next of the same quotation. With delSp that
// blank is not the text's own, as in languages without blanks.
func unflow(s string, delSp bool) string {
	var b strings.Builder
	flowing, depthBefore := false, 0
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		text := strings.TrimLeft(line, ">")
		depth := len(line) - len(text)
		text = strings.TrimPrefix(text, " ") // stuffed
		signature := text == "-- "
		if flowing && (depth != depthBefore || signature) {
			b.WriteByte('\n')
			flowing = false
		}
		if !flowing {
			b.WriteString(strings.Repeat(">", depth))
			if depth > 0 {
				b.WriteByte(' ')
			}
		}
		flowing, depthBefore = strings.HasSuffix(text, " ") && !signature, depth
		if flowing && delSp {
			text = strings.TrimSuffix(text, " ")
		}
		b.WriteString(text)
		if !flowing {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
