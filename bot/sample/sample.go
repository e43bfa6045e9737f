// Package sample is the workspace that Tebiki comes with: a configuration, an
// inventory and know-how. It is embedded, so a first run needs no file, and
// Write makes files of it to start an own workspace from.
package sample

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

//go:embed workspace
var embedded embed.FS

const root = "workspace"

// Config is the name of the configuration in the workspace.
const Config = "tebiki.yaml"

// FS gives the workspace, read-only.
func FS() fs.FS {
	return within{embedded}
}

// within is the file system below root. fs.Sub would do, but can fail.
type within struct{ fs fs.FS }

func (w within) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return w.fs.Open(path.Join(root, name))
}

// Write makes the files that are missing in a folder, and the folder, and
// gives the names of those it made. It never touches a file that is there,
// so it can be run again after it was interrupted. It refuses a folder that
// holds anything which is not of the workspace (names with a dot in front, as
// .git, aside): somebody named the wrong one.
func Write(dir string) (written []string, err error) {
	if err := refuseForeign(dir); err != nil {
		return nil, err
	}
	err = fs.WalkDir(FS(), ".", func(name string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(to, 0o755)
		}
		made, err := writeNew(to, name)
		if made {
			written = append(written, name)
		}
		return err
	})
	if err != nil {
		return written, fmt.Errorf("write the sample workspace to %s: %w", dir, err)
	}
	return written, nil
}

func refuseForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look into the folder for the sample workspace: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if _, err := fs.Stat(FS(), e.Name()); err != nil {
			return fmt.Errorf("write the sample workspace to %s: it holds %s, which is not of a workspace; name a new or empty folder", dir, e.Name())
		}
	}
	return nil
}

// writeNew makes a file unless there is one. What could be written only in
// part is removed, so that it is not taken for somebody's own next time.
func writeNew(to, name string) (made bool, err error) {
	data, err := fs.ReadFile(FS(), name)
	if err != nil {
		return false, err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return false, errors.Join(err, os.Remove(to))
	}
	return true, nil
}
