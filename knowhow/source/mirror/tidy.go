package mirror

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// tidy removes files without their counterpart, and checks that the others
// are as they were written.
func tidy(repo string) error {
	packs := filepath.Join(repo, "objects", "pack")
	files, err := os.ReadDir(packs)
	if err != nil {
		return err
	}
	for _, f := range files {
		name, path := f.Name(), filepath.Join(packs, f.Name())
		base, isPack := strings.CutSuffix(name, ".pack")
		_, noIndex := os.Lstat(filepath.Join(packs, base+".idx"))
		_, noPack := os.Lstat(filepath.Join(packs, strings.TrimSuffix(name, ".idx")+".pack"))
		switch {
		case isPack && noIndex == nil:
			if err := intact(path); err != nil {
				return err
			}
		case strings.HasSuffix(name, ".idx") && noPack == nil:
			if err := intact(path); err != nil {
				return err
			}
		default:
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// intact compares the sum at the end of a pack or index with the content.
func intact(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = checksum(f)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}

// checksum gives the sum that a pack or index ends with, if it is right.
func checksum(f io.ReadSeeker) (string, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	sum, want := sha1.New(), make([]byte, sha1.Size)
	if size < sha1.Size {
		return "", errors.New("it ends too early")
	}
	if _, err := io.CopyN(sum, f, size-sha1.Size); err != nil {
		return "", err
	}
	if _, err := io.ReadFull(f, want); err != nil {
		return "", err
	}
	if string(sum.Sum(nil)) != string(want) {
		return "", errors.New("it is not as it was written, or ends too early")
	}
	return hex.EncodeToString(want), nil
}
