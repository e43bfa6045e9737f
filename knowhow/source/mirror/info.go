package mirror

import (
	"io"
	"io/fs"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// An info is what is known of a file without reading it.
type info struct {
	files *files
	name  string
	entry entry
}

var (
	_ fs.FileInfo = (*info)(nil)
	_ fs.DirEntry = (*info)(nil)
)

func (i *info) Name() string               { return i.name }
func (i *info) IsDir() bool                { return i.Mode().IsDir() }
func (i *info) ModTime() time.Time         { return i.files.at }
func (i *info) Sys() any                   { return nil }
func (i *info) Type() fs.FileMode          { return i.Mode().Type() }
func (i *info) Info() (fs.FileInfo, error) { return i, nil }

// Size is 0 for what cannot be read; reading it then says why.
func (i *info) Size() int64 {
	if !i.Mode().IsRegular() {
		return 0
	}
	size, err := i.files.view.store.EncodedObjectSize(i.entry.hash)
	if err != nil {
		return 0
	}
	return size
}

func (i *info) Mode() fs.FileMode {
	switch i.entry.mode {
	case filemode.Regular, filemode.Deprecated:
		return 0o444
	case filemode.Executable:
		return 0o555
	case filemode.Dir:
		return fs.ModeDir | 0o555
	case filemode.Symlink:
		return fs.ModeSymlink | 0o444
	}
	return fs.ModeIrregular // a submodule, or what nobody knows
}

type openFile struct {
	*info
	io.ReadCloser
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

type openDir struct {
	*info
	left []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: fs.ErrInvalid}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(d.left) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(d.left) {
		n = len(d.left)
	}
	out := d.left[:n:n]
	d.left = d.left[n:]
	return out, nil
}
