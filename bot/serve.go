package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"tebiki/bot/app"
)

type serveCmd struct {
	Config string `help:"Configuration file. Without one the embedded sample is served." short:"c" type:"path" placeholder:"FILE"`
	Data   string `help:"Folder for the data: one file. Default: the user's state folder." type:"path" placeholder:"DIR"`
	Listen string `help:"Address to serve on, in place of the configuration's." placeholder:"HOST:PORT"`
	JSON   bool   `name:"log-json" help:"Log as JSON."`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	if err := ws.listen(c.Listen); err != nil {
		return err
	}
	data := c.Data
	if data == "" {
		if data, err = stateDir(w.getenv); err != nil {
			return err
		}
	}
	log := slog.New(slog.NewTextHandler(w.errs, nil))
	if c.JSON {
		log = slog.New(slog.NewJSONHandler(w.errs, nil))
	}
	a, err := app.New(w.ctx, app.Options{Config: ws.config, Files: ws.files, Dir: ws.dir, Data: data, Log: log})
	switch {
	case w.ctx.Err() != nil && errors.Is(err, w.ctx.Err()): // asked to end before it had begun
		return nil
	case err != nil:
		return err
	}
	fmt.Fprintf(w.out, "Tebiki serves its console on http://%s\nData is kept in %s\n", a.Addr(), filepath.Join(data, app.File))
	if c.Config == "" {
		fmt.Fprintln(w.out, "This is the sample workspace. `tebiki init DIR` writes it out as files to start your own from.")
	}
	return a.Run(w.ctx)
}

// stateDir is where a user's programs keep what they must remember: what
// XDG_STATE_HOME says, or its default.
func stateDir(getenv func(string) (string, bool)) (string, error) {
	if dir, ok := getenv("XDG_STATE_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "tebiki"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the data: %w: name one with --data DIR", err)
	}
	return filepath.Join(home, ".local", "state", "tebiki"), nil
}
