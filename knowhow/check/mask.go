package check

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// masked stands where a secret was.
const masked = "[masked]"

// A pattern is one kind of secret. To look for a secret takes a hundred times
// as long as to look for a word, so patterns are only tried where one of their
// hints is: in its line, unless the secret may be longer.
type pattern struct {
	re    *regexp.Regexp
	hints []string // in lower case; none is for everywhere
	whole bool     // the secret may go on over the end of a line
}

// A masker finds secrets in what checks print, and in what is said of them.
type masker struct{ patterns []pattern }

// newMasker adds patterns of the configuration to those that always hold. Of
// a pattern with groups only what the groups match is masked.
func newMasker(configured []string) (*masker, error) {
	m := &masker{patterns: slices.Clone(secrets)}
	for _, text := range configured {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("the pattern of secrets %q: %w; correct it", text, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("the pattern of secrets %q matches where nothing is; let it match at least one character", text)
		}
		m.patterns = append(m.patterns, pattern{re: re, whole: true})
	}
	return m, nil
}

// A span is a part of a text, from its first byte to the one after its last.
type span struct{ from, to int }

// spans finds all secrets, in order, those that touch as one. Each pattern
// sees the whole text, so that none hides what another looks for.
func (m *masker) spans(s string) []span {
	var found []span
	lower := lowerASCII(s)
	for i := range m.patterns {
		for _, part := range m.patterns[i].places(lower) {
			found = m.patterns[i].find(found, s, part)
		}
	}
	return merge(found)
}

// places gives the parts of a text that the pattern is to be looked for in.
func (p *pattern) places(lower string) []span {
	if p.whole {
		if len(p.hints) == 0 || slices.ContainsFunc(p.hints, func(hint string) bool { return strings.Contains(lower, hint) }) {
			return []span{{0, len(lower)}}
		}
		return nil
	}
	var lines []span
	for _, hint := range p.hints {
		for at := 0; ; {
			i := strings.Index(lower[at:], hint)
			if i < 0 {
				break
			}
			line := lineAt(lower, at+i)
			lines = append(lines, line)
			at = line.to
		}
	}
	return lines
}

func lineAt(s string, at int) span {
	line := span{strings.LastIndexByte(s[:at], '\n') + 1, len(s)}
	if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
		line.to = at + i
	}
	return line
}

func (p *pattern) find(found []span, s string, part span) []span {
	for _, at := range p.re.FindAllStringSubmatchIndex(s[part.from:part.to], -1) {
		if len(at) > 2 {
			at = at[2:]
		}
		for i := 0; i < len(at); i += 2 {
			if at[i] < at[i+1] {
				found = append(found, span{part.from + at[i], part.from + at[i+1]})
			}
		}
	}
	return found
}

// lowerASCII keeps every byte in its place, which strings.ToLower does not.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func merge(spans []span) (out []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.from <= out[last].to {
			out[last].to = max(out[last].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// text masks the whole of s.
func (m *masker) text(s string) string { return m.part(s, 0, len(s)) }

// part gives s from one byte to another with its secrets masked. A secret that
// crosses an end is recognised by all of s, and masked up to that end.
func (m *masker) part(s string, from, to int) string {
	var b strings.Builder
	at := from
	for _, secret := range m.spans(s) {
		if secret.to <= at || secret.from >= to {
			continue
		}
		b.WriteString(s[at:max(at, secret.from)])
		b.WriteString(masked)
		at = min(secret.to, to)
	}
	b.WriteString(s[at:to])
	return b.String()
}

// args masks a command's arguments. What a person would read as "the password
// is the next word" is masked to the end of its argument, spaces and all.
func (m *masker) args(argv []string) []string {
	out := make([]string, len(argv))
	for i, arg := range argv {
		switch cut := secretSetting.FindString(arg); {
		case i > 1 && secretOption.MatchString(argv[i-1]):
			out[i] = masked
		case cut != "" && len(cut) < len(arg):
			out[i] = cut + masked
		default:
			out[i] = m.text(arg)
		}
	}
	return out
}
