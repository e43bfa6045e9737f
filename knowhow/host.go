package knowhow

import (
	"net/netip"
	"regexp"
	"strings"
)

// isHost accepts names and IPv4 addresses. A name does not end in a number:
// resolvers take 127.1 and 0x7f000001 for addresses.
func isHost(s string) bool {
	last := s[strings.LastIndexByte(s, '.')+1:]
	return isLabels(s) && len(s) <= 253 && (!numeric.MatchString(last) || isAddress(s))
}

var (
	label   = regexp.MustCompile(`^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)
	numeric = regexp.MustCompile(`^(?:[0-9]+|0[xX][0-9a-fA-F]*)$`)
)

func isLabels(s string) bool {
	for l := range strings.SplitSeq(s, ".") {
		if !label.MatchString(l) {
			return false
		}
	}
	return true
}

func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}
