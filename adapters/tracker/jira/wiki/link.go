package wiki

import (
	"strings"

	"tebiki/adapters/prose"
)

// label keeps the text of a link from ending it: no escape helps there.
var label = strings.NewReplacer("|", "¦", "[", "(", "]", ")", "\n", " ")

// address keeps an address from ending the link, and from holding what would
// mean something in it.
var address = strings.NewReplacer(
	"|", "%7C", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D", "!", "%21", "^", "%5E", `\`, "%5C",
	"<", "%3C", ">", "%3E", `"`, "%22", "`", "%60", " ", "%20", "*", "%2A", "\n", "", "\t", "",
)

// writeLink writes a link; body is the label as it was, shown is its markup.
// An address alone is best without brackets, in which Cloud looks for marks.
func writeLink(dest, body, shown string, free bool) string {
	to := address.Replace(dest)
	switch {
	case body != dest && body != to:
		return "[" + shown + "|" + to + "]"
	case free && web.FindString(to) == to:
		return to
	}
	return "[" + to + "]"
}

// maxURL keeps one link from taking the room of a text.
const maxURL = 2000

// safe takes addresses of pages and mail. What leads into Tebiki, or nowhere
// from a tracker, is only text.
func safe(dest string) bool {
	return len(address.Replace(dest)) <= maxURL && prose.Web(dest)
}
