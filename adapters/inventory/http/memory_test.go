package http_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tebiki/adapters"
	"tebiki/adapters/inventory"
	invhttp "tebiki/adapters/inventory/http"
)

// memory keeps as the bot's store does, and counts.
type memory struct {
	mu      sync.Mutex
	kept    map[string]inventory.Server
	changes int
	err     error
}

func (m *memory) Load(context.Context) (map[string]inventory.Server, error) { return m.kept, m.err }

func (m *memory) Keep(_ context.Context, name string, s *inventory.Server) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	if s == nil {
		delete(m.kept, name)
	} else {
		m.kept[name] = *s
	}
	return m.err
}

func TestRestart(t *testing.T) {
	m := &memory{kept: map[string]inventory.Server{"db1": {Host: "db1", Owners: []string{"lee"}}, "old1": {Host: "old1", Owners: []string{"lee"}}}}
	with := func(o *invhttp.Options) { o.Memory = m }
	bubble(t, owner("sato"), with, func(t *testing.T, v *invhttp.Inventory, a *api) {
		ask(t, v, "web1", "sato", false)
		time.Sleep(time.Hour)
		ask(t, v, "web1", "sato", false)
		if m.changes != 1 {
			t.Errorf("the same answer was written %d times", m.changes)
		}
		a.set(status(410))
		if _, err := v.Server(t.Context(), "old1"); adapters.CodeOf(err) != adapters.NotFound {
			t.Errorf("a server that is gone: %v", err)
		}
	})
	bubble(t, hang, with, func(t *testing.T, v *invhttp.Inventory, a *api) {
		ask(t, v, "web1", "sato", true)
		ask(t, v, "db1", "lee", true)
		if _, err := v.Server(t.Context(), "old1"); adapters.CodeOf(err) != adapters.Unavailable {
			t.Errorf("what was gone came back: %v", err)
		}
		all, err := v.Servers(t.Context())
		if err != nil || len(all) != 2 || all[0].Host != "db1" {
			t.Errorf("known so far: %+v, %v", all, err)
		}
	})
	if _, err := invhttp.New(t.Context(), invhttp.Options{URL: "http://inv.example/{host}", Memory: &memory{err: errors.New("broken")}}); err == nil {
		t.Error("a memory that cannot be read is passed over")
	}
}

func TestKeptAnswersAreBounded(t *testing.T) {
	m := &memory{kept: map[string]inventory.Server{}}
	bubble(t, owner("sato"), func(o *invhttp.Options) { o.Memory = m }, func(t *testing.T, v *invhttp.Inventory, a *api) {
		const most = 20_000
		for i := range most + 100 {
			if _, err := v.Server(t.Context(), fmt.Sprintf("h%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if len(m.kept) != most {
			t.Errorf("%d answers are kept", len(m.kept))
		}
		all, err := v.Servers(t.Context())
		if err != nil || len(all) != most {
			t.Errorf("%d servers, %v", len(all), err)
		}
	})
}
