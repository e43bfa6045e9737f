package mail

import (
	"sort"
	"strconv"
	"strings"
)

// parameters reads a value with parameters, such as a Content-Type's. It is
// more patient than the standard library: a parameter that cannot be read is
// left out, and RFC 2231's are taken in any charset.
func parameters(s string) (value string, params map[string]string) {
	value, rest, _ := strings.Cut(s, ";")
	value = strings.ToLower(strings.TrimSpace(value))
	params = map[string]string{}
	var pieces []piece
	for rest != "" {
		var name, text string
		name, text, rest = nextParameter(rest)
		switch {
		case name == "":
		case strings.Contains(name, "*"):
			pieces = append(pieces, pieceOf(name, text))
		default:
			if _, twice := params[name]; !twice {
				params[name] = text
			}
		}
	}
	for name, text := range assemble(pieces) {
		params[name] = text
	}
	return value, params
}

// nextParameter takes name=value, the value perhaps in quotes.
func nextParameter(s string) (name, text, rest string) {
	end := strings.IndexAny(s, "=;")
	if end < 0 {
		return "", "", ""
	}
	if s[end] == ';' {
		return "", "", s[end+1:]
	}
	name = strings.ToLower(strings.TrimSpace(s[:end]))
	s = strings.TrimLeft(s[end+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		text, s = quoted(s[1:])
		_, rest, _ = strings.Cut(s, ";")
		return name, text, rest
	}
	text, rest, _ = strings.Cut(s, ";")
	return name, strings.TrimSpace(text), rest
}

// quoted takes a text up to its closing quote, or all of it without one.
func quoted(s string) (text, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		// In Japanese file names a backslash is often the second half of a
		// character, and what it stands before is none to be protected.
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// A piece is one of a parameter that RFC 2231 splits: name*0*=charset'language'text
type piece struct {
	name    string
	number  int
	encoded bool
	text    string
}

func pieceOf(name, text string) piece {
	name, encoded := strings.CutSuffix(name, "*")
	name, number, _ := strings.Cut(name, "*")
	n, err := strconv.Atoi(number)
	if err != nil {
		n = 0
	}
	return piece{name, n, encoded, text}
}

// assemble puts pieces together.
func assemble(pieces []piece) map[string]string {
	sort.SliceStable(pieces, func(i, j int) bool { return pieces[i].number < pieces[j].number })
	raw, charsets := map[string][]byte{}, map[string]string{}
	for _, p := range pieces {
		if _, later := raw[p.name]; p.encoded && !later {
			if charset, rest, ok := strings.Cut(p.text, "'"); ok {
				charsets[p.name] = charset
				_, p.text, _ = strings.Cut(rest, "'")
			}
		}
		if p.encoded {
			p.text = percent(p.text)
		}
		raw[p.name] = append(raw[p.name], p.text...)
	}
	out := map[string]string{}
	for name, bytes := range raw {
		out[name], _ = decode(bytes, charsets[name])
	}
	return out
}

// percent undoes %E3%81%82, and leaves what is none.
func percent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && nibble(s[i+1]) >= 0 && nibble(s[i+2]) >= 0 {
			b.WriteByte(byte(nibble(s[i+1])<<4 | nibble(s[i+2])))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
