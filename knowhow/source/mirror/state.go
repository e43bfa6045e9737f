package mirror

import (
	"errors"
	"fmt"
	"os"

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
	if err := m.resume(); err != nil {
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

// resume takes over what is in the folder, if it is ours and whole.
func (m *Mirror) resume() error {
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

// save makes s the folder's state.
func (m *Mirror) save(s state) error {
	if err := writeJSON(m.path(stateFile), s); err != nil {
		return fmt.Errorf("note what was fetched of the repository: %w", err)
	}
	m.state = s
	return nil
}
