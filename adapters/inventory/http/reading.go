package http

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of one server, as the file's.
const (
	maxAliases = 64
	maxOwners  = 16
	maxWord    = 64 // characters
	maxNote    = 1024
)

// A reading is one server being made.
type reading struct {
	*mapping
	item     any
	problems []string
	found    bool
}

func (r *reading) wrong(p *path, format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf("%s: %s %s", p.key, p, fmt.Sprintf(format, args...)))
}

// texts gives what a field's path finds, as text.
func (r *reading) texts(field string) (p *path, out []string) {
	if p = r.paths[field]; p == nil {
		return nil, nil
	}
	for _, v := range p.Select(r.item) {
		inner, many := v.([]any)
		if !many {
			inner = []any{v}
		}
		for _, v := range inner {
			text, ok := textOf(v)
			if !ok {
				r.wrong(p, "gives %s", shape(v))
			}
			if text != "" {
				r.found = true
				out = append(out, text)
			}
		}
	}
	return p, out
}

// textOf writes a value as text; nothing is empty text.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return strings.TrimSpace(strings.ToValidUTF8(v, "\uFFFD")), true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

func first(values []any) string {
	for _, v := range values {
		if text, _ := textOf(v); text != "" {
			return text
		}
	}
	return ""
}

// shape names a value that is no text, with what may have been meant.
func shape(v any) string {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		return fmt.Sprintf("an object, not text: name one of its members (%.200s)", strings.Join(keys, ", "))
	case []any:
		return "a list of lists, not text"
	}
	return fmt.Sprintf("%v, not text", v)
}

// one gives a word; several say nothing certain.
func (r *reading) one(field string) string {
	p, texts := r.texts(field)
	switch {
	case len(texts) == 0:
		return ""
	case len(texts) > 1:
		r.wrong(p, "gives several values: one is wanted")
		return ""
	}
	return r.word(p, texts[0])
}

// word refuses what would break a line, or is longer than a name.
func (r *reading) word(p *path, text string) string {
	if utf8.RuneCountInString(text) > maxWord || strings.ContainsFunc(text, unicode.IsControl) {
		r.wrong(p, "gives what is no name: more than %d characters, or control characters", maxWord)
		return ""
	}
	return text
}

// list gives words, each once. Some APIs write several into one text.
func (r *reading) list(field string, most int) (out []string) {
	p, texts := r.texts(field)
	for _, text := range texts {
		for _, part := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' }) {
			part = r.word(p, strings.TrimSpace(part))
			if part != "" && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	if len(out) > most {
		r.wrong(p, "gives %d values: at most %d are used", len(out), most)
		return out[:most]
	}
	return out
}

// host gives the server's own name, or the one that was asked for.
func (r *reading) host(asked string) (name string, assumed bool) {
	p, texts := r.texts("host")
	if p == nil || len(texts) == 0 {
		return asked, true
	}
	if len(texts) > 1 || !isHost(texts[0]) {
		r.wrong(p, "gives what is no host's name")
		return asked, true
	}
	return texts[0], false
}

// isHost keeps what cannot be part of an address out of those that are made
// of a host's name.
func isHost(name string) bool {
	bad := func(c rune) bool { return unicode.IsControl(c) || strings.ContainsRune(`/\@?#%`, c) }
	return len(name) <= maxName && strings.Trim(name, ".") != "" && !strings.ContainsFunc(name, bad)
}

// aliases gives other names and addresses; those with the length of their
// network's prefix too.
func (r *reading) aliases() (out []string) {
	p, texts := r.texts("aliases")
	for _, text := range texts {
		for _, name := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) }) {
			if prefix, err := netip.ParsePrefix(name); err == nil {
				name = prefix.Addr().String()
			}
			if !isHost(name) {
				r.wrong(p, "gives what is no host's name")
			} else if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	if len(out) > maxAliases {
		r.wrong(p, "gives %d names: at most %d are used", len(out), maxAliases)
		return out[:maxAliases]
	}
	return out
}

// note gives free text, cut where it is long.
func (r *reading) note() string {
	_, texts := r.texts("note")
	text := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, strings.Join(texts, "\n"))
	if len(text) > maxNote {
		text = strings.ToValidUTF8(text[:maxNote-len("…")], "") + "…"
	}
	return text
}
