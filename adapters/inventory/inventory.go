// Package inventory is the port to the list of servers: whose is this host,
// and what is it for.
//
// Errors are *adapters.Error. NotFound: no server has this name. An
// inventory that is away gives the last answer it had, marked Stale, and
// Unavailable only when it never had one.
package inventory

import (
	"context"
	"slices"
)

// A Server is one host of the inventory.
type Server struct {
	Host    string   // its own name, as the inventory spells it
	Aliases []string // other names and addresses it answers to
	Owners  []string // ids of people; none, one or several
	Group   string   // a group that owns it in place of people
	Team    string   // id of the team that answers for it
	Service string   // what it serves: "mail"
	Env     string   // "production", "staging"
	Note    string
	Assumed bool // the answer does not say whose it is: Host is only what was asked for
	Stale   bool // the inventory is away; this is its last known answer
}

// Owner gives the one person to whom work on the server can be assigned; ""
// when it is nobody, several people or a group.
func (s Server) Owner() string {
	if len(s.Owners) == 1 && s.Group == "" {
		return s.Owners[0]
	}
	return ""
}

// Clone gives a copy that can be changed.
func (s Server) Clone() Server {
	s.Aliases, s.Owners = slices.Clone(s.Aliases), slices.Clone(s.Owners)
	return s
}

// An Inventory knows servers. Hosts match by name, by alias and by address,
// and else by their first label, whatever domain follows, if no other server
// has the same; case does not count.
type Inventory interface {
	Server(ctx context.Context, host string) (Server, error)
	// Servers lists all of them in the order of their names.
	Servers(ctx context.Context) ([]Server, error)
}
