package check

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"tebiki/knowhow"
)

// A job is a check that may run: what, where, and by what.
type job struct {
	check    *knowhow.Check
	argv     []string
	host     string // "" for the bot's own
	executor Executor
}

// name is what sentences call it.
func (j *job) name() string {
	if j.check.Get != nil {
		return "GET " + j.check.Get.URL
	}
	return j.check.Run[0]
}

// place ends sentences about where it runs.
func (j *job) place() string {
	if j.host == "" {
		return "the bot's host"
	}
	return j.host
}

// prepare finds what a check needs to run. With an error, the job still says
// what can be said of it.
func (r *Runner) prepare(ctx context.Context, c *knowhow.Check, fields map[string]string) (job, error) {
	if c.Get != nil {
		return r.prepareGet(ctx, c, fields)
	}
	j := job{check: c, argv: c.Run, executor: r.local}
	argv, err := c.Args(fields)
	if err != nil {
		return j, refused(err.Error())
	}
	j.argv = argv
	if why := r.rules.command(argv); why != "" {
		return j, denied(&j, why)
	}
	if c.Where == knowhow.Server {
		address, err := r.lookup(ctx, &j, fields[knowhow.FieldHost])
		if err != nil {
			return j, err
		}
		if j.host = address; r.server != nil {
			j.executor = r.server(address)
		} else {
			j.executor = nil
		}
	}
	if j.executor == nil {
		return j, refused(fmt.Sprintf("the bot is not set up to run checks on %s; configure it, or change the check %s", j.place(), c.Name))
	}
	return j, nil
}

func (r *Runner) prepareGet(ctx context.Context, c *knowhow.Check, fields map[string]string) (job, error) {
	j := job{check: c, executor: r.http, argv: getArgs(c, c.Get.URL)}
	u, err := c.URL(fields)
	if err != nil {
		return j, refused(err.Error())
	}
	j.host, j.argv = u.Hostname(), getArgs(c, u.String())
	if hostFromTicket(c.Get.URL) {
		// The inventory's own name of the server is asked: it may have found
		// web1 by a ticket's web1.evil.example.
		address, err := r.lookup(ctx, &j, u.Hostname())
		if err != nil {
			return j, err
		}
		j.host = hostOf(address)
		u.Host = withPort(j.host, u.Port())
		j.argv = getArgs(c, u.String())
	}
	if why := r.rules.host(u); why != "" {
		return j, denied(&j, why)
	}
	if j.executor == nil {
		return j, refused("the bot is not set up to ask URLs; configure it, or change the check " + c.Name)
	}
	return j, nil
}

func getArgs(c *knowhow.Check, url string) []string {
	if c.Get.JSON == "" {
		return []string{"GET", url}
	}
	return []string{"GET", url, c.Get.JSON}
}

// hostOf takes away the port for SSH that an inventory may have with a name.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
}

func withPort(host, port string) string {
	switch {
	case port != "":
		return net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}

// hostFromTicket tells whether a parameter stands in a URL's host. Whoever
// writes tickets may let the bot ask servers, and nothing else that it can
// reach.
func hostFromTicket(text string) bool {
	_, rest, _ := strings.Cut(text, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return strings.Contains(rest, "{")
}

// longestHost is that of DNS.
const longestHost = 253

// lookup gives the inventory's address of the host that a ticket names.
func (r *Runner) lookup(ctx context.Context, j *job, host string) (string, error) {
	switch {
	case host == "":
		return "", refused(fmt.Sprintf("the check %s runs on the ticket's server, and the ticket's field %q is empty; fill it in", j.check.Name, knowhow.FieldHost))
	case len(host) > longestHost:
		return "", refused(fmt.Sprintf("the ticket's field %q is %d bytes long, which no host's name is; correct it", knowhow.FieldHost, len(host)))
	case r.resolve == nil:
		return "", refused(fmt.Sprintf("the check %s needs a server, and the bot has no inventory to find it in; configure one", j.check.Name))
	}
	ctx, cancel := context.WithTimeout(ctx, j.check.Timeout)
	defer cancel()
	address, err := r.resolve(ctx, host)
	var f *Failure
	switch {
	case errors.As(err, &f):
		return "", f
	case errors.Is(err, ErrUnlisted):
		return "", &Failure{Reason: Unlisted, Err: err, What: fmt.Sprintf(
			"the server %q of the ticket is not in the inventory, so the check %s was not run; correct the ticket's host, or add the server to the inventory", host, j.check.Name)}
	case err != nil:
		return "", &Failure{Reason: Broken, Err: err, What: fmt.Sprintf(
			"the check %s was not run, for the inventory could not be asked for the server %q (%v); look at the inventory, and run the check again", j.check.Name, host, err)}
	case address == "":
		address = host
	}
	return address, nil
}

func refused(what string) error { return &Failure{Reason: Refused, What: what} }

func denied(j *job, why string) error {
	return &Failure{Reason: Denied, What: fmt.Sprintf("%s was not run: %s. Ask whoever runs the bot, or change the check %s", j.name(), why, j.check.Name)}
}
