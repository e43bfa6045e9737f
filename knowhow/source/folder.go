package source

import (
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
func (dir folder) open() (tree, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return tree{}, fmt.Errorf("opening the know-how's folder: %w; make it, or correct its path in the configuration", err)
	}
	return tree{files: root.FS(), close: root.Close, change: func(path string) knowhow.Change {
		return dir.change(root, path)
	}}, nil
}

func (dir folder) change(root *os.Root, path string) knowhow.Change {
	change := knowhow.Change{Link: filepath.Join(string(dir), filepath.FromSlash(path))}
	if info, err := root.Stat(path); err == nil {
		change.At = info.ModTime()
	}
	return change
}

type embedded struct{ files fs.FS }

func (e embedded) open() (tree, error) {
	return tree{
		files:  e.files,
		change: func(string) knowhow.Change { return knowhow.Change{} },
		close:  func() error { return nil },
	}, nil
}
