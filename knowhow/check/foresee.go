package check

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tebiki/knowhow"
)

// Never says why these rules let a check of the know-how never run, whatever
// a ticket holds, or "". What they refuse of some tickets only is not told.
func (in Rules) Never(c *knowhow.Check) string {
	r, err := newRules(in)
	switch {
	case err != nil:
		return "" // nothing runs with rules that are not understood
	case c.Get != nil:
		return r.neverAsks(c.Get.URL)
	}
	return r.neverRuns(c.Run)
}

// param finds a parameter as it stands in a check of the know-how.
var param = regexp.MustCompile(`\{[A-Za-z0-9_-]+\}`)

func (r *rules) neverRuns(argv []string) string {
	for _, rule := range r.deny {
		if all(values, func(v string) bool { return rule.denies(filled(argv, v)) }) {
			return fmt.Sprintf("the rule %q of the bot's configuration denies it", rule.text)
		}
	}
	if len(r.allow) > 0 && !slices.ContainsFunc(r.allow, func(rule rule) bool { return rule.mayAllow(argv) }) {
		return "no rule of the bot's configuration allows it"
	}
	return ""
}

// values are what no rule names: of one that denies them all, a ticket's
// value does not matter.
var values = []string{"\x00", "\x01\x00"}

func all(of []string, is func(string) bool) bool {
	return !slices.ContainsFunc(of, func(s string) bool { return !is(s) })
}

func filled(argv []string, value string) []string {
	out := make([]string, len(argv))
	for i, arg := range argv {
		out[i] = param.ReplaceAllLiteralString(arg, value)
	}
	return out
}

// mayAllow tells whether there are values with which the rule allows it.
func (r *rule) mayAllow(argv []string) bool {
	words := strings.Fields(r.text)
	if r.any && words[len(words)-1] == "..." {
		words = words[:len(words)-1]
	}
	if len(argv) < len(words) || len(argv) > len(words) && !r.any {
		return false
	}
	for i, word := range words {
		if !meet(word, template(argv[i])) {
			return false
		}
	}
	return true
}

// template is an argument with anything for its parameters.
func template(arg string) []rune {
	var out []rune
	for i, part := range param.Split(arg, -1) {
		if i > 0 {
			out = append(out, anything)
		}
		out = append(out, []rune(part)...)
	}
	return out
}

// anything stands for a value in a template, where * is a character.
const anything = -1

// meet tells whether a glob and a template have a text in common.
func meet(glob string, of []rune) bool {
	// here[j]: what is read of the glob can be what the first j of the template are
	here := make([]bool, len(of)+1)
	here[0] = true
	for j := 1; j <= len(of) && of[j-1] == anything; j++ {
		here[j] = true
	}
	for _, c := range glob {
		next := make([]bool, len(of)+1)
		next[0] = here[0] && c == '*'
		for j := 1; j <= len(of); j++ {
			t := of[j-1]
			one := c == '*' || c == '?' || t == anything || c == t
			// both go on, the glob alone within a value, or the template alone within a *
			next[j] = here[j-1] && one || here[j] && (c == '*' || t == anything) || next[j-1] && (c == '*' || t == anything)
		}
		here = next
	}
	return here[len(of)]
}

func (r *rules) neverAsks(text string) string {
	u, err := url.Parse(param.ReplaceAllLiteralString(text, "x"))
	if err != nil {
		return ""
	}
	names := hostNames(text, u)
	for _, rule := range r.denyHosts {
		if all(values, func(v string) bool { return slices.ContainsFunc(filled(names, v), rule.name.MatchString) }) {
			return fmt.Sprintf("the rule %q of the bot's configuration denies this host", rule.text)
		}
	}
	may := func(rule rule) bool {
		return slices.ContainsFunc(names, func(name string) bool { return meet(strings.ToLower(rule.text), template(name)) })
	}
	if len(r.allowHosts) > 0 && !slices.ContainsFunc(r.allowHosts, may) {
		return "no rule of the bot's configuration allows this host"
	}
	return ""
}

// hostNames gives what rules of hosts are compared with, parameters and all.
func hostNames(text string, u *url.URL) []string {
	_, rest, _ := strings.Cut(strings.ToLower(text), "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	host := strings.TrimSuffix(strings.Trim(strings.TrimSuffix(rest, ":"+u.Port()), "[]"), ".")
	return []string{host, net.JoinHostPort(host, port(u))}
}
