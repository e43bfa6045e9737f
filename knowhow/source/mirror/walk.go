package mirror

import (
	"container/heap"
	"context"
	"maps"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// names are the files of a step whose last change is still sought. Each is in
// one step only, and is there as it is in the head: it is handed on no
// further than it is the same.
type names map[string]struct{}

// A walk looks for where files came to be as they are.
type walk struct {
	view   *View
	folder []string
	known  changes
	queue  queue                   // newest commit first
	queued map[plumbing.Hash]*step // what is in it
	found  map[string]string

	lastHash plumbing.Hash // of the tree that was read last, which is the next one to be compared
	lastTree []byte
}

// A step is a commit, and what is sought from there on.
type step struct {
	commit *object.Commit
	tree   plumbing.Hash // of the folder; zero if it has none
	names  names
}

func (v *View) walk(ctx context.Context, head plumbing.Hash, folder string) (map[string]string, error) {
	w := &walk{view: v, folder: parts(folder), known: v.mirror.changes, queued: make(map[plumbing.Hash]*step), found: make(map[string]string)}
	first, err := w.step(head)
	if err != nil {
		return nil, err
	}
	if first.names, err = w.filesOf(first.tree); err != nil {
		return nil, err
	}
	for w.push(first); len(w.queue) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := heap.Pop(&w.queue).(*step)
		delete(w.queued, s.commit.Hash)
		if err := w.take(s); err != nil {
			return nil, err
		}
	}
	return w.found, nil
}

// step gives the one that is queued, or a new one.
func (w *walk) step(h plumbing.Hash) (*step, error) {
	if s := w.queued[h]; s != nil {
		return s, nil
	}
	c, err := w.view.commit(h)
	if err != nil {
		return nil, err
	}
	tree, _, err := w.view.folder(c.TreeHash, w.folder)
	return &step{commit: c, tree: tree}, err
}

func (w *walk) push(s *step) {
	if w.queued[s.commit.Hash] == nil && len(s.names) > 0 {
		w.queued[s.commit.Hash] = s
		heap.Push(&w.queue, s)
	}
}

// take hands a step's names on to the parents that have the files as they are
// here. Those that none has were changed here.
func (w *walk) take(s *step) error {
	w.remember(s)
	for _, h := range s.commit.ParentHashes {
		if len(s.names) == 0 {
			return nil
		}
		parent, err := w.step(h)
		if err != nil {
			return err
		}
		same, err := w.same(s, parent)
		if err != nil {
			return err
		}
		parent.add(same)
		w.push(parent)
	}
	for name := range s.names {
		w.found[name] = s.commit.Hash.String()
	}
	return nil
}

// remember answers from the walk before, if this is where that began.
func (w *walk) remember(s *step) {
	if s.commit.Hash.String() != w.known.At {
		return
	}
	for name := range s.names {
		if hash, ok := w.known.Last[name]; ok {
			w.found[name] = hash
			delete(s.names, name)
		}
	}
}

// same takes the names from s that are the same in its parent.
func (w *walk) same(s, parent *step) (names, error) {
	stay := make(names)
	if s.tree != parent.tree {
		here, err := w.raw(s.tree)
		if err != nil {
			return nil, err
		}
		there, err := w.raw(parent.tree)
		if err != nil {
			return nil, err
		}
		err = differing(here, there, func(name []byte) {
			if _, sought := s.names[string(name)]; sought {
				stay[string(name)] = struct{}{}
			}
		})
		if err != nil {
			return nil, w.view.broken("tree", s.tree, err)
		}
	}
	same := s.names
	for name := range stay {
		delete(same, name)
	}
	s.names = stay
	return same, nil
}

// add puts the smaller set into the larger.
func (s *step) add(more names) {
	if len(more) > len(s.names) {
		s.names, more = more, s.names
	}
	maps.Copy(s.names, more)
}

func (w *walk) filesOf(tree plumbing.Hash) (names, error) {
	raw, err := w.raw(tree)
	all := make(names)
	for err == nil && len(raw) > 0 {
		var e entry
		if e, raw, err = cutEntry(raw); err != nil {
			return nil, w.view.broken("tree", tree, err)
		}
		if e.mode != filemode.Dir && e.mode != filemode.Submodule {
			all[string(e.name)] = struct{}{}
		}
	}
	return all, err
}

// raw reads a tree. A commit's is compared as its child's parent, and then as
// its parent's child, so the last one is at hand.
func (w *walk) raw(tree plumbing.Hash) ([]byte, error) {
	switch tree {
	case plumbing.ZeroHash:
		return nil, nil
	case w.lastHash:
		return w.lastTree, nil
	}
	raw, err := w.view.rawTree(tree)
	if err == nil {
		w.lastHash, w.lastTree = tree, raw
	}
	return raw, err
}
