package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/bot/app"
	"tebiki/bot/config"
	"tebiki/knowhow"
	"tebiki/store"
)

// online holds the know-how against the tracker. What keeps the tracker from
// answering is a fault: nobody knows then which components it has.
func (f *findings) online(base *knowhow.Base, dir, cfgFile string, cfg *config.Config) {
	said, err := f.askTracker(base, cfg)
	if err != nil {
		f.report("", cfgFile, err)
		return
	}
	missing := make(map[string]bool)
	for _, x := range said {
		if c := componentOf(base, x); c != "" {
			missing[c] = true
			continue
		}
		f.report("", cfgFile, fmt.Errorf("tracker: %s: %s; %s (tebiki doctor tracker says more)", x.About, x.Fault, x.Do))
	}
	f.warn(dir, base.CheckComponents(func(c string) bool { return !missing[c] }))
}

func (f *findings) askTracker(base *knowhow.Base, cfg *config.Config) ([]adapters.Finding, error) {
	if cfg.Tracker == nil {
		return nil, errors.New("--online: there is no tracker section: tickets are in Tebiki's own tracker, which takes every component; leave --online away")
	}
	// What is remembered must not hide what is wrong now.
	t, err := app.OpenTracker(cfg, store.NewMemory(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	var e tracker.Expect
	for _, entry := range base.Components() {
		e.Components = append(e.Components, entry.Name)
	}
	return t.Doctor(f.w.ctx, e).Found, nil
}

// componentOf gives the component of the know-how that a finding is about.
// Trackers name one with or without quotes.
func componentOf(base *knowhow.Base, x adapters.Finding) string {
	all := base.Components()
	i := slices.IndexFunc(all, func(e *knowhow.Entry) bool {
		return x.About == "the component "+e.Name || x.About == "the component "+strconv.Quote(e.Name)
	})
	if i < 0 {
		return ""
	}
	return all[i].Name
}

// ran holds the checks against what a running tebiki has run. One that does
// not answer is a fault: it was named to be asked.
func (f *findings) ran(base *knowhow.Base, dir string) {
	if f.check.URL == "" {
		return
	}
	var tallies struct {
		Checks map[string]struct {
			Ran   int `json:"ran"`
			Well  int `json:"well"`
			Tried int `json:"tried"`
		} `json:"checks"`
	}
	asked := server{URL: f.check.URL, Token: f.check.Token}
	if err := asked.get(f.w.ctx, "/v1/checks", nil, &tallies); err != nil {
		f.report(dir, knowhow.File, fmt.Errorf("ask which checks ran well: %w", err))
		return
	}
	f.warn(dir, base.CheckRuns(func(name string) (ran, well bool) {
		t := tallies.Checks[name]
		return t.Ran+t.Tried > 0, t.Well > 0
	}))
}
