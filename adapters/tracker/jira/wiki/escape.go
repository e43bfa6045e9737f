package wiki

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const joiner = "\u2060" // parts what must not be read together

// mode is where text stands.
type mode int

const (
	inText  mode = iota
	inStyle      // Cloud reads it a second time, without the backslashes
	inCode
)

// escape writes a part's text so that Jira shows its characters.
func (l *line) escape(p part, how mode) string {
	var out strings.Builder
	end := p.at + len([]rune(p.core))
	within := -1 // where the address that Cloud sees ends
	for i := p.at; i < end; i++ {
		if n := l.bareURL(i, end); n > 0 && how != inCode && p.Link == "" {
			within = i + l.address(i)
			out.WriteString(string(l.shape[i : i+n]))
			i += n - 1
			continue
		}
		if n := l.address(i); n > 0 {
			within = i + n
		}
		s := l.one(i, how)
		if i <= within && strings.HasPrefix(s, `\`) {
			s = joiner + s // or the backslash would be part of the address
		}
		out.WriteString(s)
	}
	return out.String()
}

// one writes one character.
func (l *line) one(i int, how mode) string {
	r := l.shape[i]
	s := string(r)
	switch {
	case r == '\\' && (i+1 >= len(l.shape) || strings.ContainsRune(`\-#*_+?^~|%{}[]()!@`, l.shape[i+1])):
		return `\` + joiner // it would be a backslash of ours
	case r == '&' && entity.MatchString(l.rest(i)):
		return "&" + joiner
	case (r == ':' || r == ';') && l.emoticon(i):
		return s + joiner
	case !l.alive(i, how):
		return s
	case how == inStyle:
		return joiner + `\` + s + joiner
	case r == '{' && how == inText:
		return `\{` + joiner // Cloud looks for macros in lists and tables without minding the backslash
	}
	return `\` + s
}

// alive tells whether a character would mean something.
func (l *line) alive(i int, how mode) bool {
	switch r := l.shape[i]; r {
	case '*', '_', '-', '+', '^', '~', '!':
		return r == '-' && l.dash(i) || l.opens(i) && l.closer[r] > i || how == inStyle && l.loose(i)
	case '?':
		return l.cites > 1 && (l.char(i+1) == '?' || l.char(i-1) == '?')
	case '{':
		next := l.char(i + 1)
		return how == inCode || next == '{' || unicode.IsLetter(next) || next != 0 && strings.ContainsRune("*_-+^~?", next)
	case '}':
		return how == inCode
	case '[':
		rest := l.rest(i)
		found := bracket.FindStringSubmatchIndex(rest)
		return found[1] == len(rest) && i+maxAhead < len(l.shape) || leads(rest[:found[1]])
	case '(':
		return l.emoticon(i)
	}
	return false
}

// loose tells whether a mark in styled text could be taken for the end of it.
func (l *line) loose(i int) bool {
	for _, m := range marks {
		if m.mark == string(l.shape[i]) {
			return !alnum(l.char(i-1)) || !alnum(l.char(i+1))
		}
	}
	return false
}

// dash tells whether this is one of two or three that would become a longer
// one.
func (l *line) dash(i int) bool {
	from, to := i, i
	for l.char(from-1) == '-' {
		from--
	}
	for l.char(to+1) == '-' {
		to++
	}
	free := func(r rune) bool { return r == 0 || unicode.IsSpace(r) }
	return to > from && free(l.char(from-1)) && free(l.char(to+1))
}

// maxAhead is how far one character looks for what makes it mean something.
const maxAhead = 300

func (l *line) rest(i int) string { return string(l.shape[i:min(len(l.shape), i+maxAhead)]) }

var (
	entity  = regexp.MustCompile(`^&#?[0-9A-Za-z]+;`)
	bracket = regexp.MustCompile(`\[([^\]]*)(?:\]|$)`)
	// harmless is what leads nowhere in brackets, as in "[ERROR] x".
	harmless  = regexp.MustCompile(`^[\p{L}\p{N} ._%+]*$`)
	swallowed = regexp.MustCompile(`^(?i:https?://|ftps?://|irc://|mailto:)[\w?!~^/\\#$%&'()*+,\-.:;<=@]*`)
	web       = regexp.MustCompile(`^https?://[A-Za-z0-9][A-Za-z0-9/:.?=&%#@_~,;+-]*[A-Za-z0-9/=]`)
)

// leads tells whether brackets in a text could be a link, a mention or a file.
func leads(s string) bool {
	for _, found := range bracket.FindAllStringSubmatch(s, -1) {
		if !harmless.MatchString(found[1]) {
			return true
		}
	}
	return false
}

var emoticons = []string{
	":)", ":-)", ":(", ":-(", ":P", ":-P", ":p", ":-p", ":D", ":-D", ";)", ";-)", ":|", ":-|", "(y)", "(Y)", "(n)", "(N)", "(i)", "(I)",
	"(/)", "(x)", "(X)", "(!)", "(+)", "(-)", "(?)", "(on)", "(off)", "(*)", "(*r)", "(*g)", "(*b)", "(*y)", "(flag)", "(flagoff)",
}

func (l *line) emoticon(i int) bool {
	rest := string(l.shape[i:min(len(l.shape), i+12)])
	return slices.ContainsFunc(emoticons, func(e string) bool {
		next := l.char(i + len(e))
		return strings.HasPrefix(rest, e) && (e[0] == '(' || next > unicode.MaxASCII || !alnum(next))
	})
}

// address is how far Cloud would read on from here as an address, anywhere in
// a word and with brackets, backslashes and marks.
func (l *line) address(i int) int {
	if !strings.ContainsRune("hHfFiImM", l.shape[i]) {
		return 0
	}
	return len(swallowed.FindString(l.rest(i)))
}

// bareURL is how long the address of a page is that begins here. It is left
// alone: Jira shows all of it, and a backslash would break it.
func (l *line) bareURL(i, end int) int {
	if l.shape[i] != 'h' || l.char(i+1) != 't' || alnum(l.char(i-1)) {
		return 0
	}
	return len(web.FindString(string(l.shape[i:min(end, i+maxURL)])))
}
