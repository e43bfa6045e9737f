package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tebiki/bot/config"
	"tebiki/bot/sample"
	"tebiki/knowhow"
)

type knowhowCmd struct {
	New    knowhowNewCmd    `cmd:"" help:"Begin the know-how of a component: an entry in knowhow.yaml, and a document in each language."`
	Schema knowhowSchemaCmd `cmd:"" help:"Print the JSON Schema of knowhow.yaml, with which editors complete and complain."`
}

type knowhowSchemaCmd struct{}

// Run prints the schema.
func (knowhowSchemaCmd) Run(w world) error {
	schema, err := knowhow.Schema()
	if err != nil {
		return err
	}
	_, err = w.out.Write(schema)
	return err
}

type knowhowNewCmd struct {
	Component string   `arg:"" help:"The component, as the tracker has it."`
	Dir       string   `help:"Folder of knowhow.yaml, or of the tebiki.yaml that says where it is. Made when there is none." default:"." placeholder:"DIR"`
	Lang      []string `help:"Languages of the document: ja, en or both." enum:"ja,en" default:"ja,en"`
	Owner     string   `help:"Person or team that keeps it right. Default: the only team of tebiki.yaml." placeholder:"ID"`
	Document  string   `help:"Name of the document. Default: made of the component's." placeholder:"NAME"`
}

// Run writes what is new, and leaves what is there as it is.
func (c *knowhowNewCmd) Run(w world) error {
	dir, cfg, err := c.place(w)
	if err != nil {
		return err
	}
	owner, err := c.owner(cfg)
	if err != nil {
		return err
	}
	s := knowhow.Starter{Component: c.Component, Document: c.Document, Langs: slices.Compact(slices.Sorted(slices.Values(c.Lang))), Owner: owner, Day: time.Now()}
	files, err := s.Files(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("knowhow new in %s: %w", dir, err)
	}
	if err := writeStarter(dir, files); err != nil {
		return fmt.Errorf("knowhow new: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintln(w.out, "wrote", filepath.Join(dir, name))
	}
	fmt.Fprintf(w.out, "Its owner is %s. Now write what stands there as an example, and run: tebiki check %s\n", owner, c.Dir)
	return nil
}

// place finds the folder of the know-how; without a configuration cfg is nil.
func (c *knowhowNewCmd) place(w world) (dir string, cfg *config.Config, err error) {
	if _, err := os.Stat(filepath.Join(c.Dir, knowhow.File)); err == nil {
		return c.Dir, nil, nil
	}
	if _, err := os.Stat(filepath.Join(c.Dir, sample.Config)); errors.Is(err, fs.ErrNotExist) {
		return c.Dir, nil, nil
	}
	ws, err := open(filepath.Join(c.Dir, sample.Config), w.getenv)
	if err != nil {
		return "", nil, fmt.Errorf("%w\n(--dir may also name the folder of the know-how itself)", err)
	}
	if git := ws.config.KnowhowGit; git != nil {
		return "", nil, fmt.Errorf("knowhow new: by %s the know-how is in the repository %s, where nobody would find what is written here: run it in a checkout, with --dir", filepath.Join(c.Dir, sample.Config), git.URL)
	}
	_, dir, err = knowHowFiles(ws.files, ws.dir, ws.config)
	return dir, ws.config, err
}

func (c *knowhowNewCmd) owner(cfg *config.Config) (string, error) {
	if c.Owner == "" {
		if cfg != nil && len(cfg.Roster.Teams()) == 1 {
			return cfg.Roster.Teams()[0].ID, nil
		}
		return "", errors.New("knowhow new: say with --owner who keeps the document right: the id of a person or a team")
	}
	if cfg == nil {
		return c.Owner, nil
	}
	_, person := cfg.Roster.Person(c.Owner)
	_, team := cfg.Roster.Team(c.Owner)
	if !person && !team {
		return "", fmt.Errorf("knowhow new: --owner %s: the configuration has no such person or team", c.Owner)
	}
	return c.Owner, nil
}

// writeStarter writes the documents, which must be new, and then the file
// that refers to them. What it has made it takes away when it fails.
func writeStarter(dir string, files map[string]string) (err error) {
	if err := os.MkdirAll(filepath.Join(dir, knowhow.Folder), 0o755); err != nil {
		return fmt.Errorf("make the folder of the documents: %w", err)
	}
	var made []string
	defer func() {
		for _, name := range made {
			if err != nil {
				err = errors.Join(err, os.Remove(name))
			}
		}
	}()
	for name, text := range files {
		if name == knowhow.File {
			continue
		}
		name = filepath.Join(dir, name)
		if err := createNew(name, text); err != nil {
			return err
		}
		made = append(made, name)
	}
	return replaceFile(filepath.Join(dir, knowhow.File), files[knowhow.File])
}

func createNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write the document: %w", err), os.Remove(name))
	}
	return nil
}

// replaceFile writes a file whole or not at all: a running Tebiki reads it.
// Its mode stays, and a link to it a link.
func replaceFile(name, text string) error {
	mode := fs.FileMode(0o644)
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".knowhow-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
