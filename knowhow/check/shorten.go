package check

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Shorten takes the middle out of an output that has more lines or bytes than
// there is room for, with a note of how much: how it began and how it ended
// says most.
func Shorten(s string, lines, bytes int) string {
	text := strings.TrimRight(s, "\n")
	head, tail := text, text
	if strings.Count(text, "\n") >= lines {
		head, tail = text[:lineAfter(text, lines/2)], text[lineBefore(text, lines-lines/2):]
	} else if len(text) <= bytes {
		return s
	}
	room := max(bytes-len(cutNote(len(s))), 0)
	head = first(strings.TrimSuffix(head, "\n"), room/2)
	tail = last(tail, room-len(head))
	return head + cutNote(lostIn(text[len(head):len(text)-len(tail)])) + tail
}

// lineAfter is where the line that follows n lines begins.
func lineAfter(s string, n int) (at int) {
	for range n {
		at += strings.IndexByte(s[at:], '\n') + 1
	}
	return at
}

// lineBefore is where the last n lines begin.
func lineBefore(s string, n int) int {
	at := len(s)
	for range n {
		at = strings.LastIndexByte(s[:at], '\n')
	}
	return at + 1
}

// first gives at most n bytes from the beginning of s, and last from its end,
// neither with half a character.
func first(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func last(s string, n int) string {
	if len(s) <= n {
		return s
	}
	at := len(s) - n
	for at < len(s) && !utf8.RuneStart(s[at]) {
		at++
	}
	return s[at:]
}

func cutNote(bytes int) string { return fmt.Sprintf("\n[... %d bytes cut here ...]\n", bytes) }

// noted finds what cutNote wrote.
var noted = regexp.MustCompile(`\n\[\.\.\. ([0-9]{1,15}) bytes cut here \.\.\.\]\n`)

// lostIn is how much of the output a piece stood for, which may have been cut
// before.
func lostIn(piece string) int {
	lost := len(piece)
	for _, m := range noted.FindAllStringSubmatch(piece, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil {
			lost += n - len(m[0])
		}
	}
	return lost
}
