package asterisktest

import (
	"maps"
	"net/http"
	"slices"
)

// Recording is a stored one.
type Recording struct {
	Name   string
	Format string
	WAV    []byte
}

func (r *Recording) show() obj { return obj{"name": r.Name, "format": r.Format} }

func (a *Asterisk) getAllStored(*call) (int, any, error) {
	list := []obj{}
	for _, name := range slices.Sorted(maps.Keys(a.stored)) {
		list = append(list, a.stored[name].show())
	}
	return http.StatusOK, list, nil
}

func (a *Asterisk) storedOf(c *call) (*Recording, error) {
	r := a.stored[c.path[0]]
	if r == nil {
		return nil, refuse(http.StatusNotFound, "Recording not found")
	}
	return r, nil
}

func (a *Asterisk) getStored(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.show(), nil
}

func (a *Asterisk) getStoredFile(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, r.WAV, nil
}

func (a *Asterisk) copyStored(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	to := c.text("destinationRecordingName")
	switch {
	case to == "":
		return 0, nil, refuse(http.StatusBadRequest, "Missing parameter destinationRecordingName")
	case a.stored[to] != nil:
		return 0, nil, refuse(http.StatusConflict, "A recording with the same name already exists on the system")
	}
	a.stored[to] = &Recording{Name: to, Format: r.Format, WAV: r.WAV}
	return http.StatusCreated, a.stored[to].show(), nil
}

func (a *Asterisk) deleteStored(c *call) (int, any, error) {
	r, err := a.storedOf(c)
	if err != nil {
		return 0, nil, err
	}
	delete(a.stored, r.Name)
	return http.StatusNoContent, nil, nil
}

// Stored are the recordings that Asterisk keeps.
func (a *Asterisk) Stored() (all []Recording) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(a.stored)) {
		all = append(all, *a.stored[name])
	}
	return all
}

// Store keeps a recording, as if it had been made before.
func (a *Asterisk) Store(r Recording) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stored[r.Name] = &r
}
