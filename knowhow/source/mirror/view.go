package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

const (
	viewCache   = 32 << 20 // bytes of objects that a view holds
	largeObject = 1 << 20  // above it a file is read piece by piece
)

// A View reads what was fetched. It holds files open until Close, and is for
// one goroutine.
type View struct {
	mirror *Mirror
	store  *filesystem.Storage
	damage error
}

// Open gives a view of what was fetched last, which may have been before the
// bot was started. The error is fs.ErrNotExist if that was never.
func (m *Mirror) Open() (*View, error) {
	if err := m.prepare(); err != nil {
		return nil, err
	}
	if m.state.Head == "" {
		return nil, fmt.Errorf("nothing was fetched of %s yet: %w", m.options.Address, fs.ErrNotExist)
	}
	return &View{mirror: m, store: storage(m.path(repoDir))}, nil
}

// Empty tells whether nothing was fetched yet.
func (m *Mirror) Empty() (bool, error) {
	err := m.prepare()
	return m.state.Head == "", err
}

func storage(repo string) *filesystem.Storage {
	return filesystem.NewStorageWithOptions(osfs.New(repo), cache.NewObjectLRU(viewCache),
		filesystem.Options{ExclusiveAccess: true, KeepDescriptors: true, LargeObjectThreshold: largeObject})
}

// Close ends the view and the files that were got of it.
func (v *View) Close() error { return v.store.Close() }

// Damage is why something could not be read that must be there, or nil. It is
// an ErrDamaged.
func (v *View) Damage() error { return v.damage }

// broken notes that an object could not be read.
func (v *View) broken(what string, h plumbing.Hash, err error) error {
	v.damage = damaged(what+" "+h.String(), err)
	return v.damage
}

// Head is the branch's newest commit.
func (v *View) Head() (Commit, error) { return v.Commit(v.mirror.state.Head) }

// Commit gives a commit of the branch's history.
func (v *View) Commit(hash string) (Commit, error) {
	c, err := v.commit(plumbing.NewHash(hash))
	if err != nil {
		return Commit{}, err
	}
	return commitOf(c), nil
}

func (v *View) commit(h plumbing.Hash) (*object.Commit, error) {
	c, err := object.GetCommit(v.store, h)
	if err != nil {
		return nil, v.broken("commit", h, err)
	}
	return c, nil
}

// commitOf takes what is shown of a commit. All of it is an author's choice.
func commitOf(c *object.Commit) Commit {
	first := c.Message
	for i, r := range first {
		if r == '\n' {
			first = first[:i]
			break
		}
	}
	return Commit{
		Hash:    c.Hash.String(),
		Author:  line(c.Author.Name, 100),
		Mail:    line(c.Author.Email, 200),
		At:      c.Committer.When,
		Subject: line(first, 200),
	}
}

// Good is the newest commit that was kept, if there is one.
func (v *View) Good() (Commit, bool) {
	if v.mirror.state.Good == "" {
		return Commit{}, false
	}
	c, err := v.Commit(v.mirror.state.Good)
	return c, err == nil
}

// Keep remembers a commit as good, for the time after a restart.
func (v *View) Keep(hash string) error {
	if v.mirror.state.Good == hash {
		return nil
	}
	s := v.mirror.state
	s.Good = hash
	return v.mirror.save(s)
}

// Before gives the commits before one, newest first, each its successor's
// first parent: what the branch was, not what was merged into it.
func (v *View) Before(hash string) iter.Seq2[Commit, error] {
	return func(yield func(Commit, error) bool) {
		c, err := v.commit(plumbing.NewHash(hash))
		for err == nil && len(c.ParentHashes) > 0 {
			if c, err = v.commit(c.ParentHashes[0]); err == nil && !yield(commitOf(c), nil) {
				return
			}
		}
		if err != nil {
			yield(Commit{}, err)
		}
	}
}

// Holds tells whether the head's history has a commit. After a push that was
// forced it may not have what the branch was before.
func (v *View) Holds(ctx context.Context, hash string) (found bool, err error) {
	head, err := v.commit(plumbing.NewHash(v.mirror.state.Head))
	if err != nil {
		return false, err
	}
	err = object.NewCommitPreorderIter(head, nil, nil).ForEach(func(c *object.Commit) error {
		if found = c.Hash.String() == hash; found {
			return storer.ErrStop
		}
		return ctx.Err()
	})
	if err != nil && ctx.Err() == nil {
		err = v.broken("the history of commit", head.Hash, err)
	}
	return found, err
}

// readable tells whether a commit and its tree are there.
func readable(repo string, h plumbing.Hash) error {
	s := storage(repo)
	c, err := object.GetCommit(s, h)
	if err == nil {
		_, err = c.Tree()
	}
	if err != nil {
		err = fmt.Errorf("what was fetched lacks the commit %s: %w", h, err)
	}
	return errors.Join(err, s.Close())
}

// maxHaves is how many commits the server is told of. More than the head are
// wanted after a push that was forced.
const maxHaves = 64

// haves gives commits that are here, and whether head is one of them. What is
// here is here with its history.
func (m *Mirror) haves(head plumbing.Hash) (hashes []plumbing.Hash, has bool) {
	v := &View{mirror: m, store: storage(m.path(repoDir))}
	defer func() { _ = v.Close() }()
	if _, err := object.GetCommit(v.store, head); err == nil {
		return nil, true
	}
	for _, from := range []string{m.state.Head, m.state.Good} {
		if from == "" || v.store.HasEncodedObject(plumbing.NewHash(from)) != nil {
			continue
		}
		hashes = append(hashes, plumbing.NewHash(from))
		for c, err := range v.Before(from) {
			if err != nil || len(hashes) >= maxHaves {
				break
			}
			hashes = append(hashes, plumbing.NewHash(c.Hash))
		}
	}
	return hashes, false
}
