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

// A masker finds secrets in what checks print, and in what is said of them.
type masker struct {
	patterns []*regexp.Regexp
	options  *regexp.Regexp // an argument whose neighbour is a secret
	settings *regexp.Regexp // an argument that is one from its = on
}

// newMasker adds patterns of the configuration to those that always hold. Of
// a pattern with groups only what the groups match is masked.
func newMasker(configured []string) (*masker, error) {
	m := &masker{options: secretOption, settings: secretSetting, patterns: slices.Clone(secrets)}
	for _, text := range configured {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, fmt.Errorf("the pattern of secrets %q: %w; correct it", text, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("the pattern of secrets %q matches where nothing is; let it match at least one character", text)
		}
		m.patterns = append(m.patterns, re)
	}
	return m, nil
}

// A span is a part of a text, from its first byte to the one after its last.
type span struct{ from, to int }

// spans finds all secrets, in order, those that touch as one. Each pattern
// sees the whole text, so that none hides what another looks for.
func (m *masker) spans(s string) []span {
	var found []span
	for _, re := range m.patterns {
		for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
			if len(at) > 2 {
				at = at[2:]
			}
			for i := 0; i < len(at); i += 2 {
				if at[i] < at[i+1] {
					found = append(found, span{at[i], at[i+1]})
				}
			}
		}
	}
	return merge(found)
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
		switch cut := m.settings.FindString(arg); {
		case i > 1 && m.options.MatchString(argv[i-1]):
			out[i] = masked
		case cut != "" && len(cut) < len(arg):
			out[i] = cut + masked
		default:
			out[i] = m.text(arg)
		}
	}
	return out
}
