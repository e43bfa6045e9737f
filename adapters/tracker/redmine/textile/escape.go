package textile

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"tebiki/adapters/prose"
)

const joiner = "\u2060" // parts what must not be read together

// asEntity is a character that means nothing to Textile.
func asEntity(r rune) string { return "&#" + strconv.Itoa(int(r)) + ";" }

// escape writes a part's text so that Redmine shows its characters.
func (b *block) escape(p part) string {
	var out strings.Builder
	end := p.at + len([]rune(p.core))
	for i := p.at; i < end; i++ {
		if n := b.bareURL(i, end); n > 0 {
			out.WriteString(string(b.shape[i : i+n]))
			i += n - 1
			continue
		}
		s := b.one(i, p.Style)
		if p.Link != "" && s == string(b.shape[i]) {
			s = label.Replace(s)
		}
		out.WriteString(s)
	}
	return out.String()
}

// one writes one character.
func (b *block) one(i int, with prose.Style) string {
	r := b.shape[i]
	switch {
	case b.parted(i) && r == '@' && b.alive(i, with):
		return asEntity(r) + joiner
	case b.parted(i):
		return string(r) + joiner
	case r == ':' && b.prefixed(i):
		return joiner + ":"
	case b.alive(i, with):
		return asEntity(r)
	}
	return string(r)
}

// alive tells whether a character would mean something to Textile.
func (b *block) alive(i int, with prose.Style) bool {
	switch r := b.shape[i]; r {
	case '*', '_', '-', '+', '^', '~', '%', '!', '?':
		return b.opens(i) && b.closer[r] > i || ends(r, with)
	case '@': // code; a "_" before it may have become an entity
		before := b.char(i - 1)
		return (before == '_' || !word(before)) && b.closer[r] > i
	case '=':
		return b.raw > 1 && (b.char(i+1) == '=' || b.char(i-1) == '=')
	case '<':
		next := b.char(i + 1)
		return word(next) || next == '/' || next == '!'
	case '&':
		return entity.MatchString(b.rest(i))
	case '(': // an abbreviation, whose meaning would be hidden
		return upper(b.char(i-1)) && upper(b.char(i-2))
	case '[':
		return footnote.MatchString(b.rest(i))
	case ':':
		return b.char(i-1) == '"' && linked.MatchString(b.rest(i))
	case '|':
		return b.cell || b.rows
	}
	return false
}

// ends tells whether a mark could be taken for the end of styled text.
func ends(r rune, with prose.Style) bool {
	for _, m := range marks {
		if with&m.style != 0 && m.mark == string(r) {
			return true
		}
	}
	return false
}

// parted tells whether a character begins a link of Redmine's own, a macro or
// a mention.
func (b *block) parted(i int) bool {
	before, next := b.char(i-1), b.char(i+1)
	switch b.shape[i] {
	case '#':
		return unicode.IsDigit(next) || next == '#' || next == 'n'
	case '@':
		return (!alnum(before) || prefix.MatchString(b.ahead(i))) && next < unicode.MaxASCII && (alnum(next) || strings.ContainsRune("_-.@", next))
	case '{', '[':
		return next == b.shape[i]
	case 'r':
		return !alnum(before) && unicode.IsDigit(next)
	}
	return false
}

// prefixed tells whether a colon stands in something like "commit:abc".
func (b *block) prefixed(i int) bool {
	next := b.char(i + 1)
	return next != 0 && !unicode.IsSpace(next) && prefix.MatchString(b.ahead(i))
}

// maxAhead is how far one character looks for what makes it mean something.
const maxAhead = 300

func (b *block) rest(i int) string { return string(b.shape[i:min(len(b.shape), i+maxAhead)]) }

// ahead is the end of what stands before a character.
func (b *block) ahead(i int) string { return string(b.shape[max(0, i-12):i]) }

var (
	entity   = regexp.MustCompile(`^&[#0-9A-Za-z]+;`)
	footnote = regexp.MustCompile(`^\[\d+\]`)
	linked   = regexp.MustCompile(`^:(?:/|[a-zA-Z]+://|www\.|mailto:)`)
	prefix   = regexp.MustCompile(`(?:^|[^a-zA-Z])(?:attachment|document|version|forum|news|message|project|commit|source|export|user)$`)
	web      = regexp.MustCompile(`^https?://[A-Za-z0-9][A-Za-z0-9/:.?=&%#@_~,;+-]*[A-Za-z0-9/=]`)
)

func upper(r rune) bool { return r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' }

// bareURL is how long the address of a page is that begins here. Redmine makes
// a link of it that shows all of it.
func (b *block) bareURL(i, end int) int {
	before := b.char(i - 1)
	if b.shape[i] != 'h' || b.char(i+1) != 't' || before != 0 && before != '\n' && !space(before) && before != '(' && before != '>' {
		return 0
	}
	found := web.FindString(string(b.shape[i:min(end, i+maxURL)]))
	for at, r := range found { // all of it is ASCII
		if r == '&' && entity.MatchString(b.rest(i+at)) {
			return at
		}
	}
	return len(found)
}
