package source

import (
	"context"
	"io/fs"
	"iter"

	"tebiki/knowhow"
)

// An origin is where the files are.
type origin interface {
	// open gives the files as they are now; the caller closes them. Unless it
	// is to ask, it waits for nobody, and gives what is at hand.
	open(ctx context.Context, ask bool) (*tree, error)
}

// A tree is one state of the files. All but files, mark and changes may be
// missing; files may be, too, if away says why.
type tree struct {
	files   fs.FS
	mark    string // identifies the state: the same is not read again
	changes func(context.Context) (func(path string) knowhow.Change, error)

	commit *Commit // that the state is of
	away   error   // why this is the last state that is known, and perhaps not the newest

	keep  func() error                          // remembers that this state is good
	older func(context.Context) iter.Seq[*tree] // to fall back on, the best first; they end with this
	holds func(context.Context, string) bool    // whether a commit is in its history
	mend  func() error                          // if something could not be read that must be there: throws all away, and says what
	close func() error
}

// damage ends a tree that could not be read whole.
func (t *tree) damage() error {
	if t.mend == nil {
		return nil
	}
	return t.mend()
}

func (t *tree) done() {
	if t.close != nil {
		_ = t.close() // nothing was written
	}
}
