package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tebiki/bot/config"
	"tebiki/bot/console"
	"tebiki/bot/upkeep"
	"tebiki/knowhow"
	"tebiki/knowhow/source"
)

// knowHowEvery is how often the know-how's folder is looked at.
const knowHowEvery = 10 * time.Second

// Mirror is the folder, in that of the data, of the copy of the repository
// that holds the know-how.
const Mirror = "knowhow.git"

// openKnowHow reads the know-how. A folder that does not parse stops the
// start: later the last good one would stay, but there is none.
func (a *App) openKnowHow(ctx context.Context, o Options) error {
	src, err := KnowHow(o)
	if err != nil {
		return err
	}
	a.library = newLibrary(src)
	if o.Config.KnowhowGit != nil {
		err = a.recallKnowHow(ctx)
	} else if err = src.Reload(ctx); err != nil {
		err = fmt.Errorf("load the know-how in %s: %w", o.Config.KnowhowDir, err)
	}
	if err != nil {
		return err
	}
	a.library.renew() // so that the first question waits for no index
	return nil
}

// firstFetch is how long the very first start waits for a repository.
const firstFetch = 20 * time.Second

// recallKnowHow begins with what was fetched before; newer is fetched while
// people are paged already. The first start waits a little, so that its first
// tickets have know-how, and then goes on without.
func (a *App) recallKnowHow(ctx context.Context) error {
	src := a.library.source
	err := src.Recall(ctx)
	if ctx.Err() == nil && src.Current().ID == "" {
		short, cancel := context.WithTimeout(ctx, firstFetch)
		defer cancel()
		err = src.Reload(short)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case src.Current().ID == "":
		a.log.Error("there is no know-how yet; people are paged without, and it is tried again", "every", a.cfg.KnowhowGit.Every, "fault", err)
	case err != nil:
		a.log.Warn("the newest know-how cannot be used; what was good before is", "fault", err)
	}
	return nil
}

// KnowHow is the source of the know-how that the configuration names.
func KnowHow(o Options) (*source.Source, error) {
	if git := o.Config.KnowhowGit; git != nil {
		return source.Git(gitOptions(o, git), o.Log)
	}
	if o.Dir == "" {
		files, err := fs.Sub(o.Files, o.Config.KnowhowDir)
		if err != nil {
			return nil, fmt.Errorf("open the know-how in %s: %w", o.Config.KnowhowDir, err)
		}
		return source.Embedded(files, o.Log), nil
	}
	dir := config.Path(o.Dir, o.Config.KnowhowDir)
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("open the know-how: %w: create the folder, or correct knowhow.dir", err)
	}
	return source.Folder(dir, o.Log), nil
}

func gitOptions(o Options, c *config.Git) source.GitOptions {
	g := source.GitOptions{URL: c.URL, Branch: c.Branch, Folder: c.Folder, Cache: filepath.Join(o.Data, Mirror), User: c.User,
		KeyFile: configured(o.Dir, c.Key), CAFile: configured(o.Dir, c.CA), Forge: c.Forge, Pages: c.Pages}
	if c.Token.IsSet() {
		g.Token = c.Token.Reveal
	}
	if c.Passphrase.IsSet() {
		g.Passphrase = c.Passphrase.Reveal
	}
	for _, name := range c.KnownHosts {
		g.KnownHosts = append(g.KnownHosts, configured(o.Dir, name))
	}
	return g
}

// knowHowHook takes the webhooks of the repository's service; nil without.
func (a *App) knowHowHook() http.Handler {
	if a.cfg.KnowhowGit == nil || !a.cfg.KnowhowGit.Hook.IsSet() {
		return nil
	}
	return a.library.source.Hook(a.cfg.KnowhowGit.Hook.Reveal)
}

// followKnowHow reads the know-how anew when it changes, keeps its index, and
// tells whoever breaks it, until ctx ends. What is built in does not change.
func (a *App) followKnowHow(ctx context.Context) error {
	every := knowHowEvery
	if a.cfg.KnowhowGit != nil {
		every = a.cfg.KnowhowGit.Every
	}
	if a.builtIn && a.cfg.KnowhowGit == nil {
		every = 0
	}
	strangers := newStrangers(a.cfg.Roster, a.log)
	a.library.follow(ctx, every, func(s *source.Snapshot) error {
		strangers.look(s)
		err := a.upkeep.State(ctx, broken(s), time.Now())
		if err != nil && ctx.Err() == nil {
			a.log.Error("nobody is told yet how it stands with the know-how; it is tried again", "after", tellAgain, "err", err)
		}
		return err
	})
	return nil
}

// mostFaults is how many faults of the know-how are told.
const mostFaults = 100

// broken is what whoever wrote the know-how should hear of a snapshot. That
// a repository is away is no fault of theirs.
func broken(s *source.Snapshot) upkeep.Broken {
	var faults knowhow.Faults
	if !errors.As(s.Fault, &faults) && (s.Fault == nil || s.Away != nil) {
		return upkeep.Broken{}
	}
	b := upkeep.Broken{Faults: console.Faults(s.Fault, mostFaults)}
	if c := s.Failed; c != nil {
		b.Commit, b.Author, b.Mail, b.Link = c.Hash, c.Author, c.Mail, c.Link
	}
	return b
}
