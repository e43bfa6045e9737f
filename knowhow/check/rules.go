package check

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Rules are what the bot's side lets checks do, whatever the know-how says.
//
// A rule of Allow or Deny is the glob of a program and the globs of its
// arguments, with blanks between them: "df", "systemctl status *". In a glob
// * stands for any characters and ? for one; a last word of ... stands for
// any number of further arguments. Words are compared with the arguments as
// they are after the ticket's values were put in.
//
// A check is denied when a rule of Deny fits it, and, unless Allow is empty,
// when no rule of Allow does. Deny is read widely: the program may be named
// with or without its folder, and the words may stand among other arguments,
// in their order. Allow is read narrowly: the program is written as in the
// rule, and each argument has its word. A rule that is a program alone fits
// it with any arguments.
//
// What a program does with its arguments is not looked into. "sudo rm" is the
// program sudo, "sh -c" the program sh: whoever wants to keep rm from running
// denies sudo, env, sh and their like too, or better, lists what is allowed.
//
// The rules of AllowHosts and DenyHosts are globs of the host in a URL that
// is asked, "*.example.jp", or of host and port, "db1:8080". Deny wins there,
// too, and an empty AllowHosts allows every host that is not denied.
type Rules struct {
	Allow, Deny           []string
	AllowHosts, DenyHosts []string
}

// A rule is one line of the lists.
type rule struct {
	text string
	name *regexp.Regexp // of the program, or the host
	args []*regexp.Regexp
	any  bool // more arguments may follow
}

// rules are Rules that were understood.
type rules struct {
	allow, deny           []rule
	allowHosts, denyHosts []rule
}

func newRules(in Rules) (out rules, err error) {
	for _, list := range []struct {
		from []string
		to   *[]rule
		read func(string) (rule, error)
	}{
		{in.Allow, &out.allow, commandRule}, {in.Deny, &out.deny, commandRule},
		{in.AllowHosts, &out.allowHosts, hostRule}, {in.DenyHosts, &out.denyHosts, hostRule},
	} {
		for _, text := range list.from {
			r, err := list.read(text)
			if err != nil {
				return rules{}, err
			}
			*list.to = append(*list.to, r)
		}
	}
	return out, nil
}

func commandRule(text string) (rule, error) {
	words := strings.Fields(text)
	if len(words) == 0 || words[0] == "..." {
		return rule{}, fmt.Errorf("the rule %q names no program; write one, such as \"df\" or \"systemctl status *\"", text)
	}
	r := rule{text: text, name: glob(words[0]), any: len(words) == 1}
	for i, word := range words[1:] {
		if word == "..." {
			if i != len(words)-2 {
				return rule{}, fmt.Errorf("the rule %q has ... before its end; it stands for all the arguments that follow", text)
			}
			r.any = true
			continue
		}
		r.args = append(r.args, glob(word))
	}
	return r, nil
}

func hostRule(text string) (rule, error) {
	if text == "" || strings.ContainsAny(text, "/ \t\n") {
		return rule{}, fmt.Errorf("the rule %q is no host; write one such as \"*.example.jp\" or \"db1:8080\", without https:// and path", text)
	}
	return rule{text: text, name: glob(strings.ToLower(text))}, nil
}

// glob compiles a pattern that must match whole.
func glob(text string) *regexp.Regexp {
	quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(text))
	return regexp.MustCompile(`(?s)\A` + quoted + `\z`)
}

// command gives why a command may not run, or "".
func (r *rules) command(argv []string) string {
	for _, rule := range r.deny {
		if rule.denies(argv) {
			return fmt.Sprintf("the rule %q of the bot's configuration denies it", rule.text)
		}
	}
	if len(r.allow) > 0 && !slices.ContainsFunc(r.allow, func(rule rule) bool { return rule.allows(argv) }) {
		return "no rule of the bot's configuration allows it"
	}
	return ""
}

// denies finds the rule's words among the arguments, in their order.
func (r *rule) denies(argv []string) bool {
	if !r.name.MatchString(argv[0]) && !r.name.MatchString(path.Base(argv[0])) {
		return false
	}
	rest := argv[1:]
	for _, word := range r.args {
		i := slices.IndexFunc(rest, word.MatchString)
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

func (r *rule) allows(argv []string) bool {
	args := argv[1:]
	if !r.name.MatchString(argv[0]) || len(args) < len(r.args) || (len(args) > len(r.args) && !r.any) {
		return false
	}
	for i, word := range r.args {
		if !word.MatchString(args[i]) {
			return false
		}
	}
	return true
}

// host gives why a URL's host may not be asked, or "".
func (r *rules) host(u *url.URL) string {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	names := []string{name, net.JoinHostPort(name, port(u))}
	fits := func(rule rule) bool { return slices.ContainsFunc(names, rule.name.MatchString) }
	if i := slices.IndexFunc(r.denyHosts, fits); i >= 0 {
		return fmt.Sprintf("the rule %q of the bot's configuration denies this host", r.denyHosts[i].text)
	}
	if len(r.allowHosts) > 0 && !slices.ContainsFunc(r.allowHosts, fits) {
		return "no rule of the bot's configuration allows this host"
	}
	return ""
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}
