package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"tebiki/knowhow"
)

// Folder reads the know-how in dir. The newest change of a document is when
// its file was written; who wrote it a folder does not say.
func Folder(dir string, log *slog.Logger) *Source { return newSource(folder(dir), log) }

// Embedded reads know-how that is part of the program, such as the sample.
func Embedded(files fs.FS, log *slog.Logger) *Source { return newSource(embedded{files}, log) }

type folder string

// open goes through os.Root, so that a link in the know-how cannot show a
// file from elsewhere on the bot's host.
func (dir folder) open(context.Context, bool) (*tree, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return nil, fmt.Errorf("opening the know-how's folder: %w; make it, or correct its path in the configuration", err)
	}
	t, err := stamped(root.FS(), func(path string) knowhow.Change { return dir.change(root, path) })
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	t.close = root.Close
	return t, nil
}

func (dir folder) change(root *os.Root, path string) knowhow.Change {
	change := knowhow.Change{Link: filepath.Join(string(dir), filepath.FromSlash(path))}
	if info, err := root.Stat(path); err == nil {
		change.At = info.ModTime()
	}
	return change
}

type embedded struct{ files fs.FS }

func (e embedded) open(context.Context, bool) (*tree, error) {
	return stamped(e.files, func(string) knowhow.Change { return knowhow.Change{} })
}

// stamped makes a tree of files that have no history. The stamp is taken
// first: what changes while they are read is seen by the next look.
func stamped(files fs.FS, change func(string) knowhow.Change) (*tree, error) {
	mark, err := stamp(files)
	if err != nil {
		return nil, fmt.Errorf("looking through the know-how: %w; give the bot leave to read it", err)
	}
	changes := func(context.Context) (func(string) knowhow.Change, error) { return change, nil }
	return &tree{files: files, mark: mark, changes: changes}, nil
}

// stamp sums up the names, sizes and times of the files that Load reads.
func stamp(files fs.FS) (string, error) {
	var all []byte
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == ".":
			return err
		case err != nil:
			return nil // Load says so with the place
		case d.IsDir():
			return skipOther(path)
		}
		info, err := fs.Stat(files, path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = fmt.Appendf(all, "%s %v\n", path, err)
		}
		if err == nil {
			all = fmt.Appendf(all, "%s %d %d %v\n", path, info.Size(), info.ModTime().UnixNano(), info.Mode())
		}
		return nil
	})
	return string(all), err
}

// skipOther keeps the walk out of folders that hold no know-how, such as .git.
func skipOther(path string) error {
	if path == "." || path == "docs" {
		return nil
	}
	return fs.SkipDir
}
