package mirror

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

const (
	stateFile   = "state.json"
	changesFile = "changes.json"
	repoDir     = "repo"
	newDir      = "repo.new"

	stateVersion = 1
)

// A state says what the folder holds.
type state struct {
	Version int    `json:"version"`
	Remote  string `json:"remote"`
	Branch  string `json:"branch"`
	Head    string `json:"head"` // "" until something was fetched
	Good    string `json:"good"` // "" until Keep
}

func (m *Mirror) blank() state {
	return state{Version: stateVersion, Remote: m.options.Address.String(), Branch: m.options.Branch}
}

// prepare looks at the folder once, before it is used first: it removes what
// a killed process left, and everything if it is damaged or another's.
func (m *Mirror) prepare() error {
	if m.opened {
		return nil
	}
	if err := os.MkdirAll(m.options.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder for the copy of the repository: %w; give the bot leave to write there, or name another", err)
	}
	m.state = m.blank()
	if err := m.recover(); err != nil {
		if _, none := os.Lstat(m.path(stateFile)); none == nil {
			m.options.Log.Warn("the copy of the know-how's repository cannot be used again; it is made anew", "folder", m.options.Dir, "why", err)
		}
		if err := m.Discard(); err != nil {
			return err
		}
	}
	m.opened = true
	return nil
}

// recover takes over what is in the folder, if it is ours and whole.
func (m *Mirror) recover() error {
	var found state
	if err := readJSON(m.path(stateFile), &found); err != nil {
		return err
	}
	want := m.blank()
	if found.Version != want.Version || found.Remote != want.Remote || found.Branch != want.Branch || !plumbing.IsHash(found.Head) {
		return errors.New("it is of another repository or branch")
	}
	if err := os.RemoveAll(m.path(newDir)); err != nil {
		return err
	}
	if err := tidy(m.path(repoDir)); err != nil {
		return err
	}
	m.state = found
	return nil
}

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

// save makes s the folder's state.
func (m *Mirror) save(s state) error {
	if err := writeJSON(m.path(stateFile), s); err != nil {
		return fmt.Errorf("note what was fetched of the repository: %w", err)
	}
	m.state = s
	return nil
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// writeJSON puts a whole file in the place of the last.
func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return replace(path, 0o600, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// replace writes a file so that after a crash there is the old or the new.
func replace(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(path + ".tmp")
		}
	}()
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
