package source

import (
	"net"
	"net/netip"
	"strings"
)

// hostOf finds whose alert it is. The label instance is a scrape target:
// host:port as a rule, a URL for probes. The others are what exporters and
// people call it; nodename is the node exporter's.
func hostOf(a amAlert) string {
	if host := bareHost(a.label("instance")); host != "" {
		return host
	}
	for _, name := range []string{"host", "hostname", "nodename", "node"} {
		if host := bareHost(a.label(name)); host != "" {
			return host
		}
	}
	return ""
}

// bareHost takes scheme, path and port from a target. An IPv6 address
// without brackets has no port.
func bareHost(target string) string {
	if _, after, ok := strings.Cut(target, "://"); ok {
		target = after
	}
	target, _, _ = strings.Cut(target, "/")
	if _, err := netip.ParseAddr(target); err == nil {
		return target
	}
	if host, _, err := net.SplitHostPort(target); err == nil {
		return host
	}
	return strings.Trim(target, "[]")
}
