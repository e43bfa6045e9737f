package brief

import (
	entities "html"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAloud is how many characters of one text are read aloud: some twenty
// seconds, after which nobody remembers the beginning.
const maxAloud = 200

// maxHostAloud is how much of a host's name is read.
const maxHostAloud = 63

// spokenWords stand for what nobody can read aloud, by language.
type spokenWords struct{ link, id, number, address, dot, percent string }

var spoken = map[string]spokenWords{
	"en": {link: "a link", id: "an identifier", number: "a long number", address: "an IP address", dot: "dot", percent: " percent"},
	"ja": {link: "リンク", id: "ID", number: "長い番号", address: "IPアドレス", dot: "ドット", percent: "パーセント"},
}

func spokenFor(lang string) spokenWords {
	if w, ok := spoken[lang]; ok {
		return w
	}
	return spoken["en"]
}

// Aloud makes a sentence that can be read aloud of what came from outside:
// markup and control characters go, a link or an id is only named, hosts are
// as HostAloud says them. It has at most 200 characters.
func Aloud(s, lang string) string {
	s = strings.ToValidUTF8(head(s, maxAloud), " ")
	s = ansi.ReplaceAllString(s, " ")
	s = markdownLink.ReplaceAllString(s, "$1 ")
	words := spokenFor(lang)
	s = webAddress.ReplaceAllString(s, " "+words.link+" ")
	s = percentage.ReplaceAllString(s, "${1}"+words.percent+"${2}")
	s = entities.UnescapeString(tag.ReplaceAllString(s, " "))
	s = webAddress.ReplaceAllString(s, " "+words.link+" ")
	s = token.ReplaceAllStringFunc(strings.Map(sayable, s), func(t string) string { return tokenAloud(t, lang, words) })
	return cutWords(tidy(s), maxAloud)
}

// percentage is what most alerts are about, and what most voices leave out.
var percentage = regexp.MustCompile(`([0-9])\s?[%%]($|[^\pL\pN])`)

// HostAloud is a host's name as people say it: "web-1.tokyo.example.jp" is
// "web 1", "db01" is "db 0 1". An address is read whole.
func HostAloud(host, lang string) string {
	host = strings.Map(sayable, strings.ToValidUTF8(head(host, maxHostAloud), " "))
	host = strings.Trim(strings.TrimSpace(host), "()")
	words := spokenFor(lang)
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return strings.ReplaceAll(host, ".", " "+words.dot+" ")
	} else if err == nil {
		return words.address
	}
	label, _, _ := strings.Cut(strings.TrimLeft(host, "."), ".")
	label, _, _ = strings.Cut(label, ":")
	return cutWords(labelAloud(label, lang), maxHostAloud)
}

var (
	ansi         = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)
	markdownLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)`)
	webAddress   = regexp.MustCompile(`(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.|mailto:)[!#-&*-;=?-Z^_a-z{}~]*`)
	tag          = regexp.MustCompile(`<[/!@#A-Za-z][^<>]{0,200}>`)

	token     = regexp.MustCompile(`[!-~]+`) // Japanese has no spaces around words of the West
	uuid      = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	hash      = regexp.MustCompile(`(?i)^(?:0x)?[0-9a-f]{7,}$`)
	encoded   = regexp.MustCompile(`^[0-9A-Za-z+/=_-]{24,}$`)
	longRun   = regexp.MustCompile(`^[0-9]{9,}$`)
	fqdn      = regexp.MustCompile(`(?i)^[a-z0-9-]+(\.[a-z0-9-]+)+\.[a-z]{2,}$`)
	hostName  = regexp.MustCompile(`(?i)^[a-z]+([-_]?[a-z]+)*[-_]?[0-9]+$`)
	ipAddress = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3}){3}$`)
)

// sayable makes a space of what is not said: control characters, markup,
// pictures.
func sayable(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r), r == unicode.ReplacementChar, strings.ContainsRune("<>[]{}|\\`*#\"^~$_=;「」【】", r):
		return ' '
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r) && r >= 0xFE00:
		return -1
	case unicode.In(r, unicode.So, unicode.Sk, unicode.Co) && r != '°':
		return ' '
	}
	return r
}

// tokenAloud says what stands between spaces, or in Japanese: a word with the
// stops around it.
func tokenAloud(t, lang string, words spokenWords) string {
	core := strings.Trim(t, ".,:!?()'-")
	if core == "" {
		return t
	}
	before, after, _ := strings.Cut(t, core)
	return before + wordAloud(core, lang, words) + after
}

func wordAloud(w, lang string, words spokenWords) string {
	letters := strings.ContainsFunc(w, func(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) })
	digits := strings.ContainsAny(w, "0123456789")
	switch {
	case longRun.MatchString(w):
		return words.number
	case uuid.MatchString(w), letters && digits && hash.MatchString(w), encoded.MatchString(w) && (letters && digits || len(w) > 40):
		return words.id
	case ipAddress.MatchString(w), fqdn.MatchString(w), hostName.MatchString(w):
		return HostAloud(w, lang)
	case lang == "ja" && strings.ContainsAny(w, "/-_"):
		return labelAloud(w, lang)
	}
	return reading(strings.ReplaceAll(w, "/", " "), lang)
}

// labelAloud parts a name at its signs and where letters become digits.
func labelAloud(label, lang string) string {
	var out []string
	for _, part := range strings.FieldsFunc(label, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		for part != "" {
			first, _ := utf8.DecodeRuneInString(part)
			end := strings.IndexFunc(part, func(r rune) bool { return unicode.IsDigit(r) != unicode.IsDigit(first) })
			if end < 0 {
				end = len(part)
			}
			out = append(out, runAloud(part[:end], lang))
			part = part[end:]
		}
	}
	return strings.Join(out, " ")
}

// runAloud says letters, or digits: "12" as a number, "01" and "1024" one by
// one, as people tell hosts apart.
func runAloud(run, lang string) string {
	if strings.Trim(run, "0123456789") != "" {
		return reading(run, lang)
	}
	if len(run) == 1 || len(run) == 2 && run[0] != '0' {
		return run
	}
	return strings.Join(strings.Split(run, ""), " ")
}

// tidy leaves one of many stops in a row, and no word made of signs alone.
func tidy(s string) string {
	var out []string
	for _, w := range strings.Fields(s) {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			out = append(out, stops.ReplaceAllString(w, "$1"))
		}
	}
	return strings.Join(out, " ")
}

var stops = regexp.MustCompile(`([.,:!?'、。()+&@-])[.,:!?'、。()+&@-]+`)

// cutWords ends a text after max characters, at the end of a word if it can.
func cutWords(s string, max int) string {
	r := []rune(s)
	if len(r) <= max {
		return s
	}
	short := string(r[:max])
	if i := strings.LastIndexByte(short, ' '); i > len(short)/2 {
		short = short[:i]
	}
	return strings.TrimSpace(short)
}
