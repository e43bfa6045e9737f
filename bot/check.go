package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tebiki/adapters/inventory/file"
	"tebiki/bot/config"
	"tebiki/bot/sample"
	"tebiki/knowhow"
)

type checkCmd struct {
	Path string `arg:"" optional:"" help:"Configuration file, or the folder of tebiki.yaml or of knowhow.yaml. Default: the embedded sample."`
}

// errFaults ends a check that has found faults, which it has printed.
var errFaults = errors.New("there are faults")

// Run prints each fault as file:line: what.
func (c *checkCmd) Run(w world) error {
	found := &findings{w: w}
	if err := c.look(found); err != nil {
		return err
	}
	if found.faults > 0 {
		return fmt.Errorf("%w: %d, and warnings: %d", errFaults, found.faults, found.warnings)
	}
	fmt.Fprintf(w.out, "no faults, warnings: %d\n", found.warnings)
	return nil
}

func (c *checkCmd) look(found *findings) error {
	if c.Path == "" {
		found.workspace(sample.FS(), "", sample.Config)
		return nil
	}
	info, err := os.Stat(c.Path)
	switch {
	case err != nil:
		return fmt.Errorf("check %s: %w", c.Path, err)
	case !info.IsDir():
		found.workspace(os.DirFS(filepath.Dir(c.Path)), filepath.Dir(c.Path), filepath.Base(c.Path))
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.Path, sample.Config)); err == nil {
		found.workspace(os.DirFS(c.Path), c.Path, sample.Config)
		return nil
	}
	if _, err := os.Stat(filepath.Join(c.Path, "knowhow.yaml")); err == nil {
		found.knowHow(os.DirFS(c.Path), c.Path, nil)
		return nil
	}
	return fmt.Errorf("check %s: it holds neither %s nor knowhow.yaml: name the file, or the folder that holds one", c.Path, sample.Config)
}

// findings prints faults as they are found, with paths that can be opened
// from where the command was started.
type findings struct {
	w                world
	faults, warnings int
}

func (f *findings) workspace(files fs.FS, dir, name string) {
	cfg, err := config.Load(files, name, f.w.getenv)
	if err != nil {
		f.report(dir, name, err)
		return
	}
	if _, err := file.Load(files, cfg.InventoryFile); err != nil {
		f.report(dir, cfg.InventoryFile, err)
	}
	known, at, err := knowHowFiles(files, dir, cfg)
	if err != nil {
		f.report(dir, name, err)
		return
	}
	f.knowHow(known, at, cfg)
}

// knowHowFiles gives the know-how of a configuration, and its folder.
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

func (f *findings) knowHow(files fs.FS, dir string, cfg *config.Config) {
	base, err := knowhow.Load(files)
	if err != nil {
		f.report(dir, "", err)
		return
	}
	for _, w := range base.Warnings() {
		f.warnings++
		fmt.Fprintln(f.w.out, place(dir, w.File, w.Line)+" warning: "+w.What)
	}
	if cfg == nil {
		return
	}
	person := func(id string) bool { _, ok := cfg.Roster.Person(id); return ok }
	team := func(id string) bool { _, ok := cfg.Roster.Team(id); return ok }
	if faults := base.CheckRoster(person, team); len(faults) > 0 {
		f.report(dir, "", faults)
	}
}

// report prints the faults in an error. One that has no places in it, such as
// that of a file which cannot be read, is a fault of the file it is about.
func (f *findings) report(dir, name string, err error) {
	var cf config.Faults
	var kf knowhow.Faults
	var inv file.Faults
	switch {
	case errors.As(err, &cf):
		for _, x := range cf {
			f.print(dir, x.File, x.Line, x.What)
		}
	case errors.As(err, &kf):
		for _, x := range kf {
			f.print(dir, x.File, x.Line, x.What)
		}
	case errors.As(err, &inv):
		for _, x := range inv {
			f.print(dir, x.File, x.Line, x.What)
		}
	default:
		f.print(dir, name, 0, err.Error())
	}
}

func (f *findings) print(dir, name string, line int, what string) {
	f.faults++
	fmt.Fprintln(f.w.out, place(dir, name, line)+" "+what)
}

// place is where a fault is. Line 0 is the file as a whole.
func place(dir, name string, line int) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if line == 0 {
		return name + ":"
	}
	return fmt.Sprintf("%s:%d:", name, line)
}
