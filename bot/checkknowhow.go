package main

import (
	"io/fs"
	"path/filepath"
	"time"

	"tebiki/bot/app"
	"tebiki/bot/config"
	"tebiki/knowhow"
)

// repository looks at know-how in a repository when something is to be asked
// anyway: it is checked where it is written, and fetching takes its time.
func (f *findings) repository(ws *workspace) {
	git := ws.config.KnowhowGit
	if !f.check.Online && f.check.URL == "" {
		f.warn(ws.dir, knowhow.Faults{{File: ws.name, What: "the know-how was not looked at: it is in the repository " + git.URL + "; --online fetches it, and in a checkout tebiki check DIR --config " + ws.name + " looks at it"}})
		return
	}
	s, err := ws.fetch(f.w)
	if err != nil {
		f.report(git.Folder, knowhow.File, err)
		return
	}
	f.base(s.Base, git.Folder, filepath.Join(ws.dir, ws.name), ws.config)
}

func (f *findings) knowHow(files fs.FS, dir, cfgFile string, cfg *config.Config) {
	base, err := knowhow.Load(files)
	if err != nil {
		f.report(dir, "", err)
		return
	}
	f.base(base, dir, cfgFile, cfg)
}

// base looks at know-how that loads by itself and, with a configuration, at
// what it says of people and components, and what may run.
func (f *findings) base(base *knowhow.Base, dir, cfgFile string, cfg *config.Config) {
	f.warn(dir, base.Warnings())
	f.warn(dir, base.CheckReviews(f.check.On.Time, time.Duration(f.check.Stale)))
	f.ran(base, dir)
	if cfg == nil {
		return
	}
	if faults := app.Strangers(base, cfg.Roster); len(faults) > 0 {
		f.report(dir, "", faults)
	}
	f.warn(dir, base.CheckRules(func(c *knowhow.Check) string { return neverRuns(&cfg.Checks, c) }))
	if f.check.Online {
		f.online(base, dir, cfgFile, cfg)
	}
}

// neverRuns says why a bot that is configured so never runs a check, or "".
func neverRuns(c *config.Checks, k *knowhow.Check) string {
	if k.Where == knowhow.Server && c.SSH == nil {
		return "it is for servers, and the bot's configuration has no checks.ssh"
	}
	return c.Rules.Never(k)
}
