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
	headings   = "■□●○◆◇▼▽▲△★☆" // ornaments that a heading has
	opening    = "【[［＜<〔"
	closing    = "】]］＞>〕"
)

// maxKey is more than any key has, in bytes: what is longer is a sentence with
// a colon in it.
const maxKey = 90

// readLines finds the lines such as these, and what goes on below them with
// blanks before it. A heading may have its value in the line below.
//
//	Host: web01              ホスト名：web01
//	■ホスト名 : web01        【ホスト名】web01
//	Host | web01             【ホスト名】
//	Additional info:         web01
//	  the disk is full       内容：httpd が停止
//	                               プロセス数=0
//
// Of two lines with one key the first counts.
func readLines(text string) *lineTable {
	r := lineReader{values: map[string]string{}}
	for line := range strings.Lines(text) {
		r.line(strings.TrimRightFunc(line, unicode.IsSpace))
	}
	return &lineTable{r.values}
}

// A lineReader takes one line after the other.
type lineReader struct {
	values  map[string]string
	key     string // of the value that may go on
	column  int    // where that value begins
	heading bool   // the value may stand in the next line as it is
}

func (r *lineReader) line(line string) {
	k, found := splitLine(line)
	below := r.key != "" && indented(line)
	switch {
	case line == "":
		if r.values[r.key] != "" {
			r.key = ""
		}
	case below && (!found || r.values[r.key] != "" && indent(line) >= max(r.column-2, 6)):
		r.goOn(line)
	case found:
		r.begin(k, width(line)-width(k.value))
	case r.heading && r.values[r.key] == "":
		r.goOn(line)
		r.key = ""
	default:
		r.key = ""
	}
}

// begin takes a key, unless it is there.
func (r *lineReader) begin(k keyLine, column int) {
	r.key, r.column, r.heading = k.key, column, k.heading
	if r.values[k.key] != "" {
		r.key = ""
		return
	}
	r.values[k.key] = k.value
}

func (r *lineReader) goOn(line string) {
	r.values[r.key] = strings.TrimSpace(r.values[r.key] + " " + strings.TrimSpace(line))
}

// indent gives the columns of blanks that a line begins with.
func indent(line string) int {
	return width(line) - width(strings.TrimLeftFunc(line, unicode.IsSpace))
}

// width gives the columns that a text takes, two for what is of full width.
func width(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x1100 && (r < 0xff61 || r > 0xffdc) {
			n++
		}
	}
	return n
}

func indented(line string) bool {
	r, _ := utf8.DecodeRuneInString(line)
	return unicode.IsSpace(r)
}

// A keyLine is a line taken apart. A heading is a key whose value may stand
// below.
type keyLine struct {
	key, value string
	heading    bool
}

// splitLine takes a line apart.
func splitLine(line string) (keyLine, bool) {
	line = strings.TrimSpace(line)
	bare := strings.TrimSpace(strings.TrimLeft(line, ornaments))
	first, size := utf8.DecodeRuneInString(bare)
	if strings.ContainsRune(opening, first) {
		return splitBracket(bare, size)
	}
	end := strings.IndexAny(bare, separators)
	switch {
	case end < 0 && len(bare) < len(line) && len(bare) <= maxKey && strings.ContainsAny(line[:len(line)-len(bare)], headings):
		key := fold(bare)
		return keyLine{key: key, heading: true}, key != ""
	case end < 1 || end > maxKey:
		return keyLine{}, false
	}
	_, size = utf8.DecodeRuneInString(bare[end:])
	key, value := fold(bare[:end]), strings.TrimSpace(bare[end+size:])
	if strings.HasPrefix(value, "//") && bare[end] == ':' {
		return keyLine{}, false // an address
	}
	// "Host: | web01" is a cell of a table whose key has a colon too.
	value = strings.TrimSpace(strings.TrimLeft(value, "|｜"))
	return keyLine{key: key, value: value}, key != ""
}

// splitBracket takes 【key】value apart; size is the first bracket's.
func splitBracket(line string, size int) (keyLine, bool) {
	end := strings.IndexAny(line, closing)
	if end < size || end > maxKey {
		return keyLine{}, false
	}
	_, closed := utf8.DecodeRuneInString(line[end:])
	key, value := fold(line[size:end]), strings.TrimSpace(line[end+closed:])
	value = strings.TrimSpace(strings.TrimLeft(value, separators))
	return keyLine{key, value, true}, key != ""
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
