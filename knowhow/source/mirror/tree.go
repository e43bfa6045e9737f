package mirror

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// An entry is one line of a tree, as it is stored.
type entry struct {
	mode filemode.FileMode
	name []byte
	hash plumbing.Hash
}

var errTree = errors.New("the tree is not of the form trees have")

// cutEntry takes the first entry off a tree: "mode name", a zero byte, and a
// hash.
func cutEntry(tree []byte) (e entry, rest []byte, err error) {
	space := bytes.IndexByte(tree, ' ')
	zero := bytes.IndexByte(tree, 0)
	end := zero + 1 + len(e.hash)
	if space < 1 || zero < space || len(tree) < end {
		return e, nil, errTree
	}
	mode, err := strconv.ParseUint(string(tree[:space]), 8, 32)
	if err != nil {
		return e, nil, errTree
	}
	e.mode, e.name = filemode.FileMode(mode), tree[space+1:zero]
	copy(e.hash[:], tree[zero+1:end])
	return e, tree[end:], nil
}

// rawTree reads a tree as it is stored, without making an object of every
// entry.
func (v *View) rawTree(h plumbing.Hash) ([]byte, error) {
	raw, err := v.read(plumbing.TreeObject, h)
	if err != nil {
		return nil, v.broken("tree", h, err)
	}
	return raw, nil
}

func (v *View) read(kind plumbing.ObjectType, h plumbing.Hash) (raw []byte, err error) {
	o, err := v.store.EncodedObject(kind, h)
	if err != nil {
		return nil, err
	}
	r, err := o.Reader()
	if err != nil {
		return nil, err
	}
	raw = make([]byte, o.Size())
	_, err = io.ReadFull(r, raw)
	return raw, errors.Join(err, r.Close())
}

// lookUp finds one name in a tree; found is false if there is none.
func (v *View) lookUp(tree plumbing.Hash, name string) (e entry, found bool, err error) {
	raw, err := v.rawTree(tree)
	for err == nil && len(raw) > 0 {
		if e, raw, err = cutEntry(raw); err != nil {
			return e, false, v.broken("tree", tree, err)
		}
		if string(e.name) == name {
			return e, true, nil
		}
	}
	return e, false, err
}

// folder gives the tree at the path's parts; found is false if there is
// another thing or nothing.
func (v *View) folder(tree plumbing.Hash, parts []string) (at plumbing.Hash, found bool, err error) {
	for _, part := range parts {
		e, found, err := v.lookUp(tree, part)
		if err != nil || !found || e.mode != filemode.Dir {
			return plumbing.ZeroHash, false, err
		}
		tree = e.hash
	}
	return tree, true, nil
}

// differing tells the names in here that are not the same there.
func differing(here, there []byte, tell func(name []byte)) error {
	for len(here) > 0 {
		if n := alike(here, there); n > 0 {
			here, there = here[n:], there[n:]
			continue
		}
		e, rest, err := cutEntry(here)
		if err != nil {
			return err
		}
		same := false
		if same, there, err = find(e, there); err != nil {
			return err
		}
		if !same {
			tell(e.name)
		}
		here = rest
	}
	return nil
}

// alike gives the length of the first entry if both trees begin with the same.
// Of two trees of one folder nearly all entries are, and need not be looked
// into.
func alike(a, b []byte) int {
	n := bytes.IndexByte(a, 0) + 1 + len(plumbing.ZeroHash)
	if len(a) < n || len(b) < n || !bytes.Equal(a[:n], b[:n]) {
		return 0
	}
	return n
}

// find tells whether e is in a tree, and gives what of that comes after it.
func find(e entry, tree []byte) (same bool, rest []byte, err error) {
	for len(tree) > 0 {
		other, rest, err := cutEntry(tree)
		if err != nil {
			return false, nil, err
		}
		switch order := bytes.Compare(other.key(), e.key()); {
		case order > 0:
			return false, tree, nil
		case order == 0:
			return other.mode == e.mode && other.hash == e.hash, rest, nil
		}
		tree = rest
	}
	return false, nil, nil
}

// key is what a tree's entries are ordered by.
func (e entry) key() []byte {
	if e.mode == filemode.Dir {
		return append(bytes.Clone(e.name), '/')
	}
	return e.name
}
