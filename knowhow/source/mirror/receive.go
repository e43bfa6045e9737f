package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// receive puts a pack with its index into a repository. Neither has its name
// before it is whole, on disk, and checked.
func receive(ctx context.Context, from io.Reader, most limits, repo string) error {
	packs := filepath.Join(repo, "objects", "pack")
	if err := os.MkdirAll(packs, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(packs, "incoming-*")
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name()) // which is gone if all went well
	}()
	if err := download(f, from, most.pack); err != nil {
		return err
	}
	sum, err := checksum(f)
	if err != nil {
		return fmt.Errorf("the pack cannot be used: %w", err)
	}
	index, err := indexOf(ctx, f, most.object)
	if err != nil {
		return fmt.Errorf("reading the pack: %w", err)
	}
	base := filepath.Join(packs, "pack-"+sum)
	if err := replace(base+".idx", 0o600, func(w io.Writer) error {
		_, err := idxfile.NewEncoder(w).Encode(index)
		return err
	}); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), os.Rename(f.Name(), base+".pack")); err != nil {
		return err
	}
	return syncFolder(packs)
}

func download(f io.Writer, from io.Reader, limit int64) error {
	n, err := io.Copy(f, io.LimitReader(from, limit+1))
	switch {
	case err != nil:
		return fmt.Errorf("receiving the pack: %w", err)
	case n > limit:
		return fmt.Errorf("the repository is larger than %d MiB; give the know-how a repository of its own, or raise the limit", limit>>20)
	case n == 0:
		return errors.New("the server sent no pack")
	}
	return nil
}

// indexOf reads a pack whole. What comes from afar must not end the bot, so a
// fault in the reader is an error like any other.
func indexOf(ctx context.Context, f io.ReadSeeker, largest int64) (index *idxfile.MemoryIndex, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("reading it failed: %v", fault)
		}
	}()
	if err := checkSizes(ctx, f, largest); err != nil {
		return nil, err
	}
	w := new(idxfile.Writer)
	parser, err := packfile.NewParser(packfile.NewScanner(&contextReader{ctx, f}), w)
	if err != nil {
		return nil, err
	}
	if _, err := parser.Parse(); err != nil {
		return nil, err
	}
	return w.Index()
}

// A contextReader ends with its context: a small pack may hold a very large
// file, and takes as long to read.
type contextReader struct {
	ctx context.Context
	io.ReadSeeker
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.ReadSeeker.Read(p)
}
