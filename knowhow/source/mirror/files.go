package mirror

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// files are those of a commit, or of a folder of it. Links are shown as links
// and never followed, submodules as things that cannot be read, and names
// that no file system would have are not shown at all.
type files struct {
	view *View
	root plumbing.Hash
	at   time.Time
	dirs map[string]*dir // those that were read, by path
}

type dir struct {
	infos map[string]*info
	order []fs.DirEntry
}

var (
	_ fs.ReadDirFS = (*files)(nil)
	_ fs.StatFS    = (*files)(nil)
)

// Files gives the files in a folder of a commit, "" being the whole. They are
// read when they are asked for.
func (v *View) Files(hash, folder string) (fs.FS, error) {
	c, err := v.commit(plumbing.NewHash(hash))
	if err != nil {
		return nil, err
	}
	root, found, err := v.folder(c.TreeHash, parts(folder))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("the commit %.12s has no folder %q; make it, or correct its path in the configuration", hash, folder)
	}
	return &files{view: v, root: root, at: c.Committer.When, dirs: make(map[string]*dir)}, nil
}

// parts splits a folder's path. One that leads out of the repository has no
// tree, for no entry is called "..".
func parts(folder string) []string {
	folder = strings.Trim(path.Clean("/"+folder), "/")
	if folder == "" {
		return nil
	}
	return strings.Split(folder, "/")
}

func (f *files) dir(name string) (*dir, error) {
	if d := f.dirs[name]; d != nil {
		return d, nil
	}
	tree := f.root
	if name != "." {
		i, err := f.info(name)
		if err != nil {
			return nil, err
		}
		if !i.IsDir() {
			return nil, errors.New("not a folder")
		}
		tree = i.entry.hash
	}
	d, err := f.readDir(tree)
	if err == nil {
		f.dirs[name] = d
	}
	return d, err
}

func (f *files) readDir(tree plumbing.Hash) (*dir, error) {
	raw, err := f.view.rawTree(tree)
	if err != nil {
		return nil, err
	}
	d := &dir{infos: make(map[string]*info)}
	for len(raw) > 0 {
		var e entry
		if e, raw, err = cutEntry(raw); err != nil {
			return nil, f.view.broken("tree", tree, err)
		}
		name := string(e.name)
		if d.infos[name] != nil || !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, `/\`) {
			continue
		}
		i := &info{files: f, name: name, entry: e}
		d.infos[name] = i
		d.order = append(d.order, i)
	}
	slices.SortFunc(d.order, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return d, nil
}

func (f *files) info(name string) (*info, error) {
	if name == "." {
		return &info{files: f, name: ".", entry: entry{mode: filemode.Dir, hash: f.root}}, nil
	}
	d, err := f.dir(path.Dir(name))
	if err != nil {
		return nil, err
	}
	if i := d.infos[path.Base(name)]; i != nil {
		return i, nil
	}
	return nil, fs.ErrNotExist
}

// of wraps errors as a file system does.
func of[T any](op, name string, get func(string) (T, error)) (T, error) {
	var none T
	if !fs.ValidPath(name) {
		return none, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	v, err := get(name)
	if err != nil {
		return none, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return v, nil
}

func (f *files) Stat(name string) (fs.FileInfo, error) {
	return of("stat", name, func(name string) (fs.FileInfo, error) { return f.info(name) })
}

func (f *files) ReadDir(name string) ([]fs.DirEntry, error) {
	return of("readdir", name, func(name string) ([]fs.DirEntry, error) {
		d, err := f.dir(name)
		if err != nil {
			return nil, err
		}
		return slices.Clone(d.order), nil
	})
}

func (f *files) Open(name string) (fs.File, error) {
	return of("open", name, func(name string) (fs.File, error) {
		i, err := f.info(name)
		switch {
		case err != nil:
			return nil, err
		case i.IsDir():
			d, err := f.dir(name)
			if err != nil {
				return nil, err
			}
			return &openDir{info: i, left: d.order}, nil
		case !i.Mode().IsRegular():
			return nil, errors.New("not a regular file")
		}
		r, err := f.view.blob(i.entry.hash)
		if err != nil {
			return nil, err
		}
		return &openFile{i, r}, nil
	})
}

func (v *View) blob(h plumbing.Hash) (io.ReadCloser, error) {
	o, err := v.store.EncodedObject(plumbing.BlobObject, h)
	if err != nil {
		return nil, v.broken("file", h, err)
	}
	r, err := o.Reader()
	if err != nil {
		return nil, v.broken("file", h, err)
	}
	return r, nil
}
