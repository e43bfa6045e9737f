package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"time"

	"tebiki/knowhow"
	"tebiki/knowhow/source/forge"
	"tebiki/knowhow/source/mirror"
)

// open fetches, and gives the newest state that is here. That is perhaps not
// the newest there is when the repository cannot be asked.
func (g *git) open(ctx context.Context, ask bool) (*tree, error) {
	t, err := g.head(ctx, ask)
	if errors.Is(err, mirror.ErrDamaged) {
		g.log.Warn("the copy of the know-how's repository is thrown away and made anew", "fault", err)
		if err := g.mirror.Discard(); err != nil {
			return nil, err
		}
		t, err = g.head(ctx, ask)
	}
	return t, err
}

func (g *git) head(ctx context.Context, ask bool) (*tree, error) {
	var away error
	if ask {
		away = g.fetch(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(away, mirror.ErrDamaged):
		return nil, away
	}
	view, err := g.mirror.Open()
	if errors.Is(err, fs.ErrNotExist) {
		return &tree{away: cmp.Or(away, err)}, nil
	}
	if err != nil {
		return nil, err
	}
	head, err := view.Head()
	if err != nil {
		return nil, errors.Join(err, view.Close())
	}
	t := g.tree(view, head)
	t.away, t.close = away, view.Close
	t.holds = func(ctx context.Context, hash string) bool {
		held, err := view.Holds(ctx, hash)
		return held && err == nil // what cannot be read is damage, which the view tells of
	}
	t.older = func(ctx context.Context) iter.Seq[*tree] { return g.older(ctx, view, head) }
	return t, nil
}

// fetch gives the repository a limited time to answer.
func (g *git) fetch(ctx context.Context) error {
	limit := g.options.Timeout
	if empty, err := g.mirror.Empty(); err != nil {
		return err
	} else if empty {
		limit *= firstTimes
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := g.mirror.Fetch(limited)
	if err == nil {
		g.fetched.Store(time.Now().UnixNano())
	}
	return err
}

// tree is one commit. A folder that the commit lacks is a fault of its
// content, like any other: it has the author to tell.
func (g *git) tree(view *mirror.View, c mirror.Commit) *tree {
	t := &tree{
		mark:    c.Hash,
		commit:  g.commit(c),
		changes: func(ctx context.Context) (func(string) knowhow.Change, error) { return g.changes(ctx, view, c) },
		keep:    func() error { return view.Keep(c.Hash) },
		mend: func() error {
			if damage := view.Damage(); damage != nil {
				return errors.Join(damage, g.mirror.Discard())
			}
			return nil
		},
	}
	files, err := view.Files(c.Hash, g.options.Folder)
	if err != nil {
		files = unreadable{err}
	}
	t.files = files
	return t
}

// unreadable is in the place of files that there are none of.
type unreadable struct{ err error }

func (u unreadable) Open(string) (fs.File, error) { return nil, u.err }

// older gives what was served last, if it is still on the branch, and then the
// commits before the head. They end with the head's tree.
func (g *git) older(ctx context.Context, view *mirror.View, head mirror.Commit) iter.Seq[*tree] {
	return func(yield func(*tree) bool) {
		if good, ok := view.Good(); ok && good.Hash != head.Hash {
			held, err := view.Holds(ctx, good.Hash)
			if err != nil || held && !yield(g.tree(view, good)) {
				return
			}
		}
		tried := 0
		for c, err := range view.Before(head.Hash) {
			if tried++; err != nil || tried > maxOlder || !yield(g.tree(view, c)) {
				return
			}
		}
	}
}

func (g *git) commit(c mirror.Commit) *Commit {
	return &Commit{Hash: c.Hash, Author: c.Author, Mail: c.Mail, At: c.At, Subject: c.Subject,
		Link: forge.Fill(g.pages.Commit, c.Hash, g.options.Branch, "")}
}

// changes tells of the documents of a commit who changed each last.
func (g *git) changes(ctx context.Context, view *mirror.View, of mirror.Commit) (func(string) knowhow.Change, error) {
	last, err := view.LastChanges(ctx, of.Hash, path.Join(g.options.Folder, knowhow.Folder))
	if err != nil {
		return nil, fmt.Errorf("finding who changed each document last: %w", err)
	}
	return func(file string) knowhow.Change {
		c := last[path.Base(file)]
		at := path.Join(g.options.Folder, file)
		link := func(template string) string { return forge.Fill(template, of.Hash, g.options.Branch, at) }
		return knowhow.Change{At: c.At, Author: c.Author, Commit: c.Hash,
			Link: link(g.pages.File), History: link(g.pages.History), Propose: link(g.pages.Propose)}
	}, nil
}
