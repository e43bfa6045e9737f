package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"tebiki/bot/app"
	"tebiki/bot/config"
	"tebiki/knowhow"
	"tebiki/knowhow/source"
)

// knowHowFiles gives the know-how of a configuration that has it in a folder.
func knowHowFiles(files fs.FS, dir string, cfg *config.Config) (fs.FS, string, error) {
	if filepath.IsAbs(cfg.KnowhowDir) {
		return os.DirFS(cfg.KnowhowDir), cfg.KnowhowDir, nil
	}
	sub, err := fs.Sub(files, filepath.ToSlash(filepath.Clean(cfg.KnowhowDir)))
	if err != nil {
		return nil, "", fmt.Errorf("knowhow.dir is %q: want a folder beside the configuration, or an absolute path", cfg.KnowhowDir)
	}
	return sub, filepath.Join(dir, cfg.KnowhowDir), nil
}

// knowHow reads the know-how of a workspace: its folder's, or the newest good
// one of its repository.
func (ws *workspace) knowHow(w world) (*knowhow.Base, error) {
	if ws.config.KnowhowGit == nil {
		files, at, err := knowHowFiles(ws.files, ws.dir, ws.config)
		if err != nil {
			return nil, err
		}
		base, err := knowhow.Load(files)
		if err != nil {
			return nil, fmt.Errorf("load the know-how in %s (tebiki check says more): %w", at, err)
		}
		return base, nil
	}
	s, err := ws.fetch(w)
	switch {
	case err != nil && s == nil:
		return nil, err
	case s.ID == "":
		return nil, fmt.Errorf("there is no know-how that loads in the repository (tebiki doctor knowhow says more): %w", s.Fault)
	}
	return s.Base, nil
}

// fetch asks the repository once, with a copy of its own: that of a running
// tebiki is not touched.
func (ws *workspace) fetch(w world) (*source.Snapshot, error) {
	dir, err := os.MkdirTemp("", "tebiki-knowhow-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for a copy of the repository: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left is in the system's folder for such
	src, err := app.KnowHow(app.Options{Config: ws.config, Dir: ws.dir, Data: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	err = src.Reload(w.ctx)
	return src.Current(), err
}

type doctorKnowHowCmd struct {
	Config string `help:"Configuration file." short:"c" type:"path" placeholder:"FILE" required:""`
}

// Run tells how it stands with the repository of the know-how.
func (c *doctorKnowHowCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	if ws.config.KnowhowGit == nil {
		return fmt.Errorf("doctor knowhow: %s has no knowhow.git section: the know-how is a folder, which tebiki check looks at", c.Config)
	}
	s, err := ws.fetch(w)
	if s == nil {
		return err
	}
	if k := s.Commit; k != nil {
		fmt.Fprintf(w.out, "in use would be %s of %s by %s: %s\n", k.Hash, k.At.Local().Format("2006-01-02 15:04"), shownLine(k.Author), shownLine(k.Subject))
	}
	if err != nil {
		fmt.Fprintf(w.out, "fault: %v\n", err)
		return errFaults
	}
	if found := app.Strangers(s.Base, ws.config.Roster); len(found) > 0 {
		for _, x := range found {
			fmt.Fprintf(w.out, "fault: %s\n", shownLine(x.String()))
		}
		return fmt.Errorf("%w: %d", errFaults, len(found))
	}
	fmt.Fprintf(w.out, "no faults: components: %d, documents: %d\n", len(s.Base.Components()), len(s.Base.Docs()))
	return nil
}
