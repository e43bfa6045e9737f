package textile

import (
	"strings"

	"tebiki/adapters/prose"
)

// address keeps an address from ending early, and from holding what would
// mean something in it.
var address = strings.NewReplacer(
	"<", "%3C", ">", "%3E", `"`, "%22", "`", "%60", "(", "%28", ")", "%29", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D",
	"|", "%7C", "!", "%21", "*", "%2A", `\`, "%5C", " ", "%20", "\n", "", "\t", "",
)

// label keeps the text of a link from ending it, from being a class or style
// at its beginning, and from being a title at its end.
var label = strings.NewReplacer(`"`, "&quot;", "(", "&#40;", "[", "&#91;", "{", "&#123;", "\n", " ")

// writeLink writes a link; body is the label as it was, shown is its markup.
func writeLink(dest, body, shown string) string {
	to := address.Replace(dest)
	if body == dest && (strings.HasPrefix(to, "http://") || strings.HasPrefix(to, "https://")) {
		return to
	}
	return `"` + shown + `":` + to
}

// maxURL keeps one link from taking the room of a text.
const maxURL = 2000

// safe takes addresses of pages and mail. What leads into Tebiki, or nowhere
// from a tracker, is only text.
func safe(dest string) bool {
	return len(address.Replace(dest)) <= maxURL && prose.Web(dest)
}
