package mirror

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// maxObject is the size of the largest file that is taken. While a pack is
// indexed go-git holds each of its objects in memory whole, and a pack of a
// few kilobytes can hold gigabytes. 100 MiB is as much as GitHub takes, see
// https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github.
const maxObject = 100 << 20

// checkSizes reads a pack piece by piece, before anything reads an object of
// it whole.
func checkSizes(ctx context.Context, pack io.ReadSeeker, largest int64) error {
	if _, err := pack.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s := packfile.NewScanner(&contextReader{ctx, pack})
	_, count, err := s.Header()
	if err != nil {
		return err
	}
	for range count {
		h, err := s.NextObjectHeader()
		if err != nil {
			return err
		}
		size := h.Length
		var start beginning
		if _, _, err := s.NextObject(&start); err != nil {
			return err
		}
		if h.Type.IsDelta() {
			size = max(size, start.made())
		}
		if size < 0 || size > largest {
			return fmt.Errorf("the repository holds a file of %d MiB, and of at most %d are taken; give the know-how a repository without such files in its history", size>>20, largest>>20)
		}
	}
	_, err = pack.Seek(0, io.SeekStart)
	return err
}

// A beginning keeps the first bytes of an object.
type beginning []byte

func (b *beginning) Write(p []byte) (int, error) {
	if room := 2*binary.MaxVarintLen64 - len(*b); room > 0 {
		*b = append(*b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// made is the size of what a delta makes: it is written after the size of
// what that is made of.
func (b beginning) made() int64 {
	_, n := binary.Uvarint(b)
	if n <= 0 {
		return -1
	}
	size, n := binary.Uvarint(b[n:])
	if n <= 0 {
		return -1
	}
	return int64(size)
}
