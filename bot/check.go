package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tebiki/bot/config"
	"tebiki/bot/sample"
	"tebiki/knowhow"
)

type checkCmd struct {
	Path   string `arg:"" optional:"" help:"Configuration file, or the folder of tebiki.yaml or of knowhow.yaml. Default: that of --config, or the embedded sample."`
	Config string `help:"Configuration file to hold a folder of know-how against, such as a checkout of its repository: people, rules, with --online the tracker." short:"c" type:"path" placeholder:"FILE"`
	Format string `help:"How findings are written: ${enum}; github makes annotations of a pull request." enum:"text,json,github" default:"text"`
	Stale  days   `help:"How long a document's review is good for, unless it says so itself (review_after)." default:"365d" placeholder:"DAYS"`
	On     day    `help:"Day to hold reviews against. Default: today." placeholder:"2026-04-01"`
	Online bool   `help:"Ask the configuration's tracker too, whether it has the components of the know-how; and look at know-how that is in a repository."`
	URL    string `help:"Address of a running tebiki, whose audit log tells which checks never ran well." env:"TEBIKI_URL" placeholder:"URL"`
	Token  string `help:"Token of its API. Better in the environment than on the command line." env:"TEBIKI_TOKEN" placeholder:"TOKEN"`
}

// Help is what --help says beside the flags.
func (*checkCmd) Help() string {
	return `Every fault is found at once, with its file, line and column. Warnings are for what can be used as it is: documents past their review, documents and checks that nothing refers to, checks that the rules of the configuration never let run, with --online components that the tracker does not have, and with --url checks that never ran well.

Exit status: 0 without faults, whatever the warnings; 1 with faults, or when something could not be looked at; 2 when the command line is wrong.`
}

// days are a length of time such as 365d.
type days time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *days) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(string(text), "d")
	n, err := strconv.ParseUint(number, 10, 16)
	if !ok || err != nil || n == 0 {
		return fmt.Errorf("%q is no number of days, such as 365d", text)
	}
	*d = days(n) * days(24*time.Hour)
	return nil
}

// A day is one such as 2026-04-01.
type day struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *day) UnmarshalText(text []byte) (err error) {
	d.Time, err = time.Parse(time.DateOnly, string(text))
	return err
}

// errFaults ends a check that has found faults, which it has printed.
var errFaults = errors.New("there are faults")

// Run prints what it finds, and fails when there are faults.
func (c *checkCmd) Run(w world) error {
	if c.On.IsZero() {
		c.On.Time = time.Now()
	}
	found := &findings{w: w, check: c}
	if err := c.look(found); err != nil {
		return err
	}
	if err := formats[c.Format](w.out, found.all); err != nil {
		return fmt.Errorf("write what was found: %w", err)
	}
	if faults, warnings := countFaults(found.all); faults > 0 {
		return fmt.Errorf("%w: %d, and warnings: %d", errFaults, faults, warnings)
	}
	return nil
}

func (c *checkCmd) look(found *findings) error {
	switch {
	case c.Path == "" && c.Config != "":
		found.workspace(os.DirFS(filepath.Dir(c.Config)), filepath.Dir(c.Config), filepath.Base(c.Config))
		return nil
	case c.Path == "":
		found.workspace(sample.FS(), "", sample.Config)
		return nil
	case c.Config != "":
		return c.checkout(found)
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
	if _, err := os.Stat(filepath.Join(c.Path, knowhow.File)); err != nil {
		return fmt.Errorf("check %s: it holds neither %s nor %s: name the file, or the folder that holds one", c.Path, sample.Config, knowhow.File)
	}
	if c.Online {
		return fmt.Errorf("check %s --online: the tracker is named in a configuration, and there is none: name the file with --config", c.Path)
	}
	found.knowHow(os.DirFS(c.Path), c.Path, "", nil)
	return nil
}

// checkout looks at a folder of know-how as the bot of a configuration would.
// In the know-how's own CI there are none of the bot's secrets: those that
// nothing is asked with may be unset.
func (c *checkCmd) checkout(found *findings) error {
	if _, err := os.Stat(filepath.Join(c.Path, knowhow.File)); err != nil {
		return fmt.Errorf("check %s --config %s: %w: name the folder of %s", c.Path, c.Config, err, knowhow.File)
	}
	getenv := found.w.getenv
	if !c.Online {
		getenv = func(name string) (string, bool) {
			value, _ := found.w.getenv(name)
			return cmp.Or(value, "unset"), true
		}
	}
	dir, name := filepath.Dir(c.Config), filepath.Base(c.Config)
	cfg, err := config.Load(os.DirFS(dir), name, getenv)
	if err != nil {
		found.report(dir, name, err)
		return nil
	}
	found.knowHow(os.DirFS(c.Path), c.Path, c.Config, cfg)
	return nil
}

// workspace looks at a configuration and at all that it names.
func (f *findings) workspace(files fs.FS, dir, name string) {
	cfg, err := config.Load(files, name, f.w.getenv)
	if err != nil {
		f.report(dir, name, err)
		return
	}
	f.inventory(files, dir, cfg)
	if cfg.KnowhowGit != nil {
		f.repository(&workspace{config: cfg, files: files, dir: dir, name: name})
		return
	}
	known, at, err := knowHowFiles(files, dir, cfg)
	if err != nil {
		f.report(dir, name, err)
		return
	}
	f.knowHow(known, at, filepath.Join(dir, name), cfg)
}
