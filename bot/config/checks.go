package config

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"tebiki/knowhow/check"
)

// Checks say how the checks of the know-how run, and what they may.
type Checks struct {
	Limits  check.Limits
	Rules   check.Rules
	Secrets []string  // RE2, of what is masked besides the usual
	CA      string    // file of certificates for checks over HTTPS; "" for none
	SSH     *CheckSSH // nil: no check runs on servers
}

// CheckSSH says how servers are reached. Files are absolute, or relative to
// the folder of the configuration.
type CheckSSH struct {
	User       string
	KnownHosts []string
	Agent      bool // the keys of SSH_AUTH_SOCK
	Key        string
	Passphrase Secret
	Jump       []string
	Port       int
	Connect    time.Duration // may pass until a host has let us in
}

func (b *builder) checks() Checks {
	w, p := &b.wire.Checks, at("checks")
	c := Checks{
		Limits:  check.Limits{Output: int(w.Output), AtOnce: w.AtOnce, PerHost: w.PerHost},
		Rules:   check.Rules{Allow: w.Allow, Deny: w.Deny, AllowHosts: w.AllowHosts, DenyHosts: w.DenyHosts},
		Secrets: w.Secrets, CA: w.CA, SSH: b.checkSSH(),
	}
	b.between(w.AtOnce, 1, 100, "checks", "at_once")
	b.between(w.PerHost, 1, 100, "checks", "per_host")
	if n := w.Output; n < 1<<10 || n > 16<<20 {
		b.consequence(p.key("output"), fmt.Sprintf("is %d bytes; want 1KiB to 16MiB", n))
	}
	// Each list by itself, so that what is wrong is told at its place.
	for key, o := range map[string]check.Options{
		"allow": {Rules: check.Rules{Allow: w.Allow}}, "deny": {Rules: check.Rules{Deny: w.Deny}},
		"allow_hosts": {Rules: check.Rules{AllowHosts: w.AllowHosts}}, "deny_hosts": {Rules: check.Rules{DenyHosts: w.DenyHosts}},
		"secrets": {Secrets: w.Secrets},
	} {
		if _, err := check.New(o); err != nil {
			b.fault(p.key(key), "%v", err)
		}
	}
	if w.CA != "" {
		b.certificates(p.key("ca"), w.CA)
	}
	return c
}

func (b *builder) checkSSH() *CheckSSH {
	w, p := b.wire.Checks.SSH, at("checks", "ssh")
	if w == nil {
		return nil
	}
	if w.User == "" {
		b.consequence(p.key("user"), "is missing; write the user on the servers, one of its own that may only look")
	}
	if len(w.KnownHosts) == 0 {
		b.consequence(p.key("known_hosts"), "is missing; write files with the servers' keys, such as [/etc/ssh/ssh_known_hosts]; ssh-keyscan collects keys, and somebody has to compare them")
	}
	if w.Key == "" && !w.Agent {
		b.consequence(p, "has no key; write key: FILE, or agent: true for the keys of SSH_AUTH_SOCK")
	}
	b.between(w.Port, 1, 65535, "checks", "ssh", "port")
	b.lasts(w.Connect, time.Second, time.Minute, "checks", "ssh", "connect")
	for i, name := range w.KnownHosts {
		b.readable(p.key("known_hosts").index(i), name)
	}
	if w.Key != "" {
		b.readable(p.key("key"), w.Key)
	}
	return &CheckSSH{User: w.User, KnownHosts: w.KnownHosts, Agent: w.Agent, Key: w.Key, Passphrase: b.secret(p.key("passphrase"), w.Passphrase),
		Jump: w.Jump, Port: w.Port, Connect: time.Duration(w.Connect)}
}

// readable sees whether there is such a file.
func (b *builder) readable(p place, name string) {
	f, err := b.secrets.open(name)
	if err != nil {
		b.fault(p, "cannot be opened: %v; write the path of a file that Tebiki may read", err)
		return
	}
	_ = f.Close() // nothing was written
}

// Path gives the path of a file that the configuration names, which lies in
// the folder dir.
func Path(dir, name string) string {
	if filepath.IsAbs(name) || path.IsAbs(name) || dir == "" {
		return name
	}
	return dir + string(os.PathSeparator) + filepath.FromSlash(name)
}
