package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A lineTable is the "key: value" lines of a text, by their folded keys.
type lineTable struct{ values map[string]string }

func (t *lineTable) first(keys []string) string {
	for _, key := range keys {
		if v := t.values[key]; v != "" {
			return v
		}
	}
	return ""
}

const (
	separators = ":：=＝|｜\t"
	ornaments  = "■□●○◆◇▼▽▲△★☆※・･*＊-－>#"
	opening    = "【[［＜<〔"
	closing    = "】]］＞>〕"
)

// maxKey is more than any key has, in bytes: what is longer is a sentence with
// a colon in it.
const maxKey = 90

// readLines finds the lines such as these, and what goes on below them with
// blanks before it:
//
//	Host: web01              ホスト名：web01
//	■ホスト名 : web01        【ホスト名】web01
//	Host | web01             Additional info:
//	                           the disk is full
//
// Of two lines with one key the first counts.
func readLines(text string) *lineTable {
	t := &lineTable{values: map[string]string{}}
	key := "" // of the value that may go on
	for line := range strings.Lines(text) {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		k, v, found := splitLine(line)
		switch {
		case found:
			if key = k; t.values[key] != "" {
				key = ""
			} else {
				t.values[key] = v
			}
		case line == "":
			if key != "" && t.values[key] != "" {
				key = ""
			}
		case key != "" && indented(line):
			t.values[key] = strings.TrimSpace(t.values[key] + " " + strings.TrimSpace(line))
		default:
			key = ""
		}
	}
	return t
}

func indented(line string) bool {
	r, _ := utf8.DecodeRuneInString(line)
	return unicode.IsSpace(r)
}

// splitLine takes a line apart.
func splitLine(line string) (key, value string, found bool) {
	line = strings.TrimLeft(strings.TrimSpace(line), ornaments)
	line = strings.TrimSpace(line)
	first, size := utf8.DecodeRuneInString(line)
	if strings.ContainsRune(opening, first) {
		end := strings.IndexAny(line, closing)
		if end < size || end > maxKey {
			return "", "", false
		}
		_, closed := utf8.DecodeRuneInString(line[end:])
		key, value = line[size:end], strings.TrimSpace(line[end+closed:])
		value = strings.TrimLeft(value, separators)
		return fold(key), strings.TrimSpace(value), fold(key) != ""
	}
	end := strings.IndexAny(line, separators)
	if end < 1 || end > maxKey {
		return "", "", false
	}
	_, size = utf8.DecodeRuneInString(line[end:])
	key, value = fold(line[:end]), strings.TrimSpace(line[end+size:])
	if strings.HasPrefix(value, "//") && strings.HasPrefix(line[end:], ":") {
		return "", "", false // an address
	}
	// "Host: | web01" is a cell of a table whose key has a colon too.
	value = strings.TrimSpace(strings.TrimLeft(value, "|｜"))
	return key, value, key != ""
}

// fold makes one key of all the ways to write it: width, case, blanks and the
// dots that fill a column do not count.
func fold(key string) string {
	plain := true
	for i := range len(key) {
		plain = plain && key[i] < utf8.RuneSelf
	}
	if !plain {
		key = norm.NFKC.String(key)
	}
	key = strings.ToLower(strings.TrimRight(key, " .…\t"))
	if !strings.ContainsFunc(key, unicode.IsSpace) {
		return key
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, key)
}

// pairsOf takes all "name = value" lines; a line that is none goes on with the
// value before it.
func pairsOf(text string) [][2]string {
	var out [][2]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, found := strings.Cut(line, " = ")
		if !found && strings.HasSuffix(line, " =") {
			name, found = strings.TrimSuffix(line, " ="), true
		}
		switch {
		case found && name != "" && !strings.ContainsAny(name, " \t"):
			out = append(out, [2]string{name, strings.TrimSpace(value)})
		case len(out) > 0 && line != "":
			last := &out[len(out)-1]
			last[1] = strings.TrimSpace(last[1] + " " + line)
		}
	}
	return out
}
