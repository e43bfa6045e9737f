package app

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"tebiki/adapters/inventory"
	invfile "tebiki/adapters/inventory/file"
	invhttp "tebiki/adapters/inventory/http"
	"tebiki/adapters/tracker/remote"
	"tebiki/bot/config"
	"tebiki/store"
)

// inventoryEvery is how often the inventory's file is looked at.
const inventoryEvery = 10 * time.Second

// A servers is the inventory, with what goes on around it.
type servers interface {
	inventory.Inventory
	// Fault is why what it knows may be old; nil when it is not.
	Fault() error
}

// openInventory opens what the configuration names. An inventory that is away
// keeps nobody from being paged, so it is not asked yet; a file with faults
// stops the start.
func (a *App) openInventory(ctx context.Context, o Options) error {
	if o.Config.Inventory == nil {
		files, name := InventoryFile(o.Files, o.Config.InventoryFile)
		f, err := invfile.Load(files, name)
		if err != nil {
			return err
		}
		a.inventory = f
		if !a.builtIn {
			a.followInventory = func(ctx context.Context) { f.Run(ctx, inventoryEvery, a.log) }
		}
		return nil
	}
	v, err := OpenInventory(ctx, o.Config.Inventory, invhttp.Options{Memory: answers{a.store}, Log: a.log})
	if err != nil {
		return err
	}
	a.inventory = v
	a.close = append(a.close, v.Close)
	return nil
}

// runInventory reads the file anew when it changes, until ctx ends. What is
// built in does not change, and what answers over HTTP is asked.
func (a *App) runInventory(ctx context.Context) error {
	if a.followInventory != nil {
		a.followInventory(ctx)
	}
	<-ctx.Done()
	return nil
}

// InventoryFile gives where a file of the configuration's is read from: beside
// it or, by an absolute path, anywhere on the machine.
func InventoryFile(files fs.FS, name string) (fs.FS, string) {
	if filepath.IsAbs(name) {
		return os.DirFS(filepath.Dir(name)), filepath.Base(name)
	}
	return files, filepath.ToSlash(filepath.Clean(name))
}

// OpenInventory makes the adapter of an inventory that answers over HTTP.
// Options say what the configuration does not: its memory, patience and log.
func OpenInventory(ctx context.Context, c *config.Inventory, o invhttp.Options) (*invhttp.Inventory, error) {
	transport, err := remote.Transport(c.CA)
	if err != nil {
		return nil, fmt.Errorf("set up the inventory: %w", err)
	}
	o.URL, o.Items, o.Map, o.Keep, o.Transport = c.URL, c.Items, c.Map, c.Keep, transport
	o.Header = map[string]string{}
	for name, secret := range c.Header {
		o.Header[name] = secret.Reveal()
	}
	if c.List != nil {
		o.List = &invhttp.List{URL: c.List.URL, Items: c.List.Items, Next: c.List.Next}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	v, err := invhttp.New(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("set up the inventory: %w", err)
	}
	return v, nil
}

// answers are those of the inventory in the store, for the time when it is
// away after a restart.
//
// Stored: bucket "inventory", key the name that was asked for, an answered as
// JSON, version 1.
type answers struct{ store store.Store }

const bucketInventory = "inventory"

// An answered is the server that a name meant.
type answered struct {
	Host    string   `json:"host"`
	Aliases []string `json:"aliases,omitempty"`
	Owners  []string `json:"owners,omitempty"`
	Group   string   `json:"group,omitempty"`
	Team    string   `json:"team,omitempty"`
	Service string   `json:"service,omitempty"`
	Env     string   `json:"env,omitempty"`
	Note    string   `json:"note,omitempty"`
	Named   bool     `json:"named,omitempty"` // not Assumed; what an earlier version kept is
}

// Load implements invhttp.Memory.
func (a answers) Load(ctx context.Context) (map[string]inventory.Server, error) {
	all := map[string]inventory.Server{}
	err := a.store.View(ctx, func(tx store.Reader) error {
		for name, value := range tx.Scan(bucketInventory, "", "") {
			var s answered
			if _, err := store.Decode(value, 1, &s); err != nil {
				return fmt.Errorf("what is kept of %.80q: %w", name, err)
			}
			all[name] = inventory.Server{Host: s.Host, Aliases: s.Aliases, Owners: s.Owners, Group: s.Group, Team: s.Team, Service: s.Service, Env: s.Env, Note: s.Note, Assumed: !s.Named}
		}
		return nil
	})
	return all, err
}

// Keep implements invhttp.Memory.
func (a answers) Keep(ctx context.Context, name string, s *inventory.Server) error {
	return a.store.Update(ctx, func(tx store.Writer) error {
		if s == nil {
			return tx.Delete(bucketInventory, name)
		}
		return store.Put(tx, bucketInventory, name, 1, answered{Host: s.Host, Aliases: s.Aliases, Owners: s.Owners, Group: s.Group, Team: s.Team, Service: s.Service, Env: s.Env, Note: s.Note, Named: !s.Assumed})
	})
}
