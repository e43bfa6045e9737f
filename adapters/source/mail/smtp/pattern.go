package smtp

import (
	"regexp"
	"strings"
)

// patterns are addresses in which * stands for anything. None match all.
type patterns []*regexp.Regexp

func newPatterns(list []string) patterns {
	var out patterns
	for _, s := range list {
		if s == "<>" {
			s = "" // how the standard writes that nobody is the sender
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(s), `\*`, `.*`)
		out = append(out, regexp.MustCompile(`(?is)^`+quoted+`$`))
	}
	return out
}

func (p patterns) match(address string) bool {
	if len(p) == 0 {
		return true
	}
	for _, one := range p {
		if one.MatchString(address) {
			return true
		}
	}
	return false
}
