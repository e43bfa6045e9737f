package app

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"tebiki/adapters"
	"tebiki/bot/audit"
	"tebiki/bot/config"
	"tebiki/knowhow/check"

	checkhttp "tebiki/knowhow/check/http"
	checkssh "tebiki/knowhow/check/ssh"
)

// buildChecks makes what runs checks: on the bot's own host, over HTTP and, if
// it is configured, on servers over SSH.
func (a *App) buildChecks(o Options) (*check.Runner, error) {
	c := a.cfg.Checks
	getter, err := checkhttp.New(checkhttp.Options{CAFile: configured(o.Dir, c.CA)})
	if err != nil {
		return nil, err
	}
	a.audit = &audit.Log{Store: a.store, Log: a.log}
	options := check.Options{Local: check.Local{}, HTTP: getter, Resolve: a.resolve, Rules: c.Rules, Secrets: c.Secrets, Limits: c.Limits, Audit: a.audit.Keep}
	if c.SSH != nil {
		pool, err := checkssh.New(sshOptions(o.Dir, c.SSH))
		if err != nil {
			return nil, fmt.Errorf("prepare checks on servers: %w", err)
		}
		a.close = append(a.close, func() error { pool.Close(); return nil })
		options.Server = pool.Host
	}
	return check.New(options)
}

func sshOptions(dir string, c *config.CheckSSH) checkssh.Options {
	o := checkssh.Options{User: c.User, KeyFile: configured(dir, c.Key), Passphrase: c.Passphrase.Reveal(), Jump: c.Jump, Port: strconv.Itoa(c.Port), Connect: c.Connect}
	for _, name := range c.KnownHosts {
		o.KnownHosts = append(o.KnownHosts, configured(dir, name))
	}
	if c.Agent {
		o.Agent = os.Getenv("SSH_AUTH_SOCK")
	}
	return o
}

// configured gives the path of a file that the configuration names; "" for none.
func configured(dir, name string) string {
	if name == "" {
		return ""
	}
	return config.Path(dir, name)
}

// resolve gives the inventory's name of a server that a ticket names. An
// answer that names no server may be what is answered for any name: it is good
// enough to find a person by, and not to let a ticket reach a host.
func (a *App) resolve(ctx context.Context, host string) (string, error) {
	server, err := a.inventory.Server(ctx, host)
	if adapters.CodeOf(err) == adapters.NotFound {
		return "", fmt.Errorf("%w (%w)", check.ErrUnlisted, err)
	}
	if err == nil && server.Assumed {
		return "", &check.Failure{Reason: check.Refused, What: fmt.Sprintf(
			"the inventory answers for %.80q without the name of a server, so nothing was run there; let inventory.map.host of the configuration say where the name stands", host)}
	}
	return server.Host, err
}
