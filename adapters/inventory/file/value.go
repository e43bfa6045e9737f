package file

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"

	"tebiki/adapters/inventory"
)

// A value is a piece of text and the line it stands in.
type value struct {
	line int
	text string
}

// short tells whether a value may be that long, and notes the fault.
func (p *parser) short(v value, what string) bool {
	if len(v.text) > maxText {
		p.fault(v.line, "%s: has %d bytes, at most %d are read", what, len(v.text), maxText)
		return false
	}
	return true
}

func (p *parser) text(v value, what string) string {
	bad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	if strings.ContainsFunc(v.text, bad) {
		p.fault(v.line, "%s: has a control character", what)
	}
	return strings.TrimSpace(v.text)
}

// list reads names, none of them twice.
func (p *parser) list(line int, all []value, what string, most int, one func(value, string) string) (out []string) {
	if len(all) > most {
		p.fault(line, "%s: there are %d, at most %d are read", what, len(all), most)
		return nil
	}
	seen := map[string]bool{}
	for _, v := range all {
		name := one(v, what)
		if name != "" && seen[name] {
			p.fault(v.line, "%s: %q is there twice", what, name)
		}
		seen[name] = true
		out = append(out, name)
	}
	return out
}

var idPattern = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]{0,63}$`)

func (p *parser) id(v value, what string) string {
	if !idPattern.MatchString(v.text) {
		p.fault(v.line, "%s: %.80q is no name: letters, digits, '.', '_' and '-' are wanted, at most 64", what, v.text)
	}
	return v.text
}

var hostPattern = regexp.MustCompile(`^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)*$`)

// host reads a name that no other server may have.
func (p *parser) host(v value, what string) string {
	if _, err := netip.ParseAddr(v.text); err != nil && (!hostPattern.MatchString(v.text) || len(v.text) > 253) {
		p.fault(v.line, "%s: %.80q is no host name and no address", what, v.text)
		return ""
	}
	name := inventory.Name(v.text)
	if line, taken := p.seen[name]; taken {
		p.fault(v.line, "%s: %q is taken by line %d", what, v.text, line)
		return ""
	}
	p.seen[name] = v.line
	return v.text
}

// What is said of a server as a whole, in either shape.
const (
	noHost       = "this server has no host"
	groupAndMore = "group: a group owns a server in place of people; name one or the other"
)
