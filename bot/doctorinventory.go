package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
	"tebiki/adapters/inventory/file"
	invhttp "tebiki/adapters/inventory/http"
	"tebiki/bot/app"
	"tebiki/bot/roster"
)

type doctorInventoryCmd struct {
	Hosts  []string `arg:"" optional:"" name:"host" help:"Hosts as alerts and tickets name them. Default: all that the inventory lists."`
	Config string   `help:"Configuration file." short:"c" type:"path" placeholder:"FILE" required:""`
}

// Run shows what is known of hosts, what is wrong, and what to do about it.
func (c *doctorInventoryCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	inv, done, err := ws.inventory(w.ctx)
	if err != nil {
		return err
	}
	defer done()
	d := &inventoryDoctor{out: w.out, roster: ws.config.Roster, unknown: map[string][]string{}}
	d.nobody(w.ctx, inv, "tebiki-"+strings.ToLower(rand.Text())+".invalid")
	if len(c.Hosts) > 0 {
		for _, host := range c.Hosts {
			d.ask(w.ctx, inv, host)
		}
	} else if err := d.all(w.ctx, inv); err != nil {
		return err
	}
	if err := tell(w.out, d.findings()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "no faults: %d servers were looked at\n", d.servers)
	return err
}

// patient is how long a doctor waits for a list of all servers.
const patient = time.Minute

// inventory opens the configuration's without anything that is remembered,
// which must not hide what is wrong now.
func (ws *workspace) inventory(ctx context.Context) (inv inventory.Inventory, done func(), err error) {
	if ws.config.Inventory == nil {
		files, name := app.InventoryFile(ws.files, ws.config.InventoryFile)
		f, err := file.Load(files, name)
		return f, func() {}, err
	}
	v, err := app.OpenInventory(ctx, ws.config.Inventory, invhttp.Options{Wait: patient})
	if err != nil {
		return nil, nil, err
	}
	return v, func() { _ = v.Close() }, nil // it never fails
}

// An inventoryDoctor looks at servers.
type inventoryDoctor struct {
	out     io.Writer
	roster  *roster.Roster
	servers int
	found   []adapters.Finding
	order   []string            // of unknown, as they were met
	unknown map[string][]string // what the configuration does not know -> servers that name it
}

// ask asks for one host.
func (d *inventoryDoctor) ask(ctx context.Context, inv inventory.Inventory, host string) {
	s, problems, err := lookUp(ctx, inv, host)
	if err != nil {
		d.found = append(d.found, adapters.Finding{About: host, Fault: err.Error(), Do: remedy(adapters.CodeOf(err))})
		return
	}
	d.problems(host, problems)
	fmt.Fprintf(d.out, "%s: %s\n", host, describe(s))
	d.look(s)
}

// nobody asks for a host that there is not. Whatever answers for it lets
// tickets choose any host to run checks on.
func (d *inventoryDoctor) nobody(ctx context.Context, inv inventory.Inventory, host string) {
	s, _, err := lookUp(ctx, inv, host)
	if err != nil {
		return // it is away, or right
	}
	fault := fmt.Sprintf("it answers for %s, which there is not: %s", host, describe(s))
	d.found = append(d.found, adapters.Finding{About: "a host that is not there", Fault: fault,
		Do: "let the API say 404 for it, and inventory.map.host where an answer has the server's own name: tickets must not choose by it which hosts checks reach"})
}

// problems are what in answers cannot be used.
func (d *inventoryDoctor) problems(about string, what []string) {
	for _, p := range what {
		d.found = append(d.found, adapters.Finding{About: about, Fault: p, Do: "correct the path in the configuration's inventory section"})
	}
}

// lookUp asks at once, and for what cannot be used, where an inventory can tell.
func lookUp(ctx context.Context, inv inventory.Inventory, host string) (inventory.Server, []string, error) {
	if v, ok := inv.(*invhttp.Inventory); ok {
		return v.Look(ctx, host)
	}
	s, err := inv.Server(ctx, host)
	return s, nil, err
}

// remedy is what to do about an answer.
func remedy(c adapters.Code) string {
	switch c {
	case adapters.NotFound:
		return "enter the host into the inventory, or ask for it by another of its names"
	case adapters.Denied:
		return "correct the secret that inventory.header names, or what its user may see"
	case adapters.Refused:
		return "correct the configuration's inventory section"
	}
	return "see that the inventory runs and can be reached from here"
}

// all looks at every server that is listed.
func (d *inventoryDoctor) all(ctx context.Context, inv inventory.Inventory) error {
	servers, err := inv.Servers(ctx)
	if err != nil {
		return fmt.Errorf("doctor inventory: %w", err)
	}
	if len(servers) == 0 {
		return errors.New("doctor inventory: no servers are listed: name hosts to ask for, or where they are listed in inventory.list")
	}
	for _, s := range servers {
		d.look(s)
	}
	if v, ok := inv.(*invhttp.Inventory); ok {
		d.problems("the list", v.Problems())
	}
	return nil
}

// look notes whom the configuration does not know.
func (d *inventoryDoctor) look(s inventory.Server) {
	d.servers++
	for _, id := range s.Owners {
		if _, ok := d.roster.Named(id); !ok {
			d.missing(fmt.Sprintf("the owner %q", id), s.Host)
		}
	}
	if _, ok := d.roster.Team(s.Team); !ok && s.Team != "" {
		d.missing(fmt.Sprintf("the team %q", s.Team), s.Host)
	}
}

func (d *inventoryDoctor) missing(what, host string) {
	if d.unknown[what] == nil {
		d.order = append(d.order, what)
	}
	d.unknown[what] = append(d.unknown[what], host)
}

// findings are all that is wrong, an unknown id once for all its servers.
func (d *inventoryDoctor) findings() []adapters.Finding {
	const named = 3
	out := d.found
	for _, what := range d.order {
		hosts := d.unknown[what]
		of := strings.Join(hosts[:min(len(hosts), named)], ", ")
		if more := len(hosts) - named; more > 0 {
			of += fmt.Sprintf(" and %d more", more)
		}
		out = append(out, adapters.Finding{About: what, Fault: "is not in the configuration; of " + of,
			Do: "write the id in the inventory as it is under people or teams, or add it there"})
	}
	return out
}

// describe says in a line what is known of a server, and what follows from it.
func describe(s inventory.Server) string {
	parts := []string{s.Host}
	add := func(name string, values ...string) {
		if text := strings.Join(values, ", "); text != "" {
			parts = append(parts, name+" "+text)
		}
	}
	add("also", s.Aliases...)
	add("owners", s.Owners...)
	add("group", s.Group)
	add("team", s.Team)
	add("service", s.Service)
	add("env", s.Env)
	add("note", strings.Join(strings.Fields(s.Note), " "))
	if s.Owner() == "" {
		parts = append(parts, "its tickets go to nobody: a leader is asked")
	}
	return strings.Join(parts, "; ")
}
