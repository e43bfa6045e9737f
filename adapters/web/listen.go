package web

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// CheckListen refuses an address that others than this machine can reach
// when there is no password or token to keep them out. addr is host:port, or
// "unix:" and a path, which the file system protects.
func CheckListen(addr string, hasSecret bool) error {
	if strings.HasPrefix(addr, "unix:") {
		return nil
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen on %q: %w: want a host and a port, such as 127.0.0.1:8420", addr, err)
	}
	if hasSecret || isLoopback(host) {
		return nil
	}
	return fmt.Errorf("listen on %q: %s, and neither a password nor a token is set, so anybody could act for the team: "+
		"set one, or listen on 127.0.0.1", addr, reach(host))
}

func reach(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "":
		return "no host means every address of this machine"
	case err != nil:
		return "only localhost is sure to be this machine, whatever the name " + fmt.Sprintf("%q", host) + " means today"
	case ip.IsUnspecified():
		return "this is every address of this machine"
	}
	return "others can reach this address"
}

// isLoopback tells whether host can only be this machine. Of names only
// localhost counts: what another name resolves to can change.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
