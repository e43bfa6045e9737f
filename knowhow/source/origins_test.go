package source

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tebiki/knowhow"
	"tebiki/knowhow/source/gittest"
)

// An origin's files can be written, for a test of all origins alike.
type writable struct {
	source *Source
	write  func(files map[string]string)
}

func origins(t *testing.T) map[string]func(*testing.T) writable {
	return map[string]func(*testing.T) writable{
		"folder": func(t *testing.T) writable {
			dir := t.TempDir()
			return writable{Folder(dir, silent()), func(files map[string]string) {
				for name, text := range files {
					write(t, dir, name, text)
				}
			}}
		},
		"embedded": func(t *testing.T) writable {
			files := &live{files: make(fstest.MapFS)}
			return writable{Embedded(files, silent()), func(more map[string]string) {
				for name, text := range more {
					files.write(name, text)
				}
			}}
		},
		"git": func(t *testing.T) writable {
			repo := gittest.New(t)
			s, err := Git(GitOptions{URL: repo.URL(), Cache: filepath.Join(t.TempDir(), "cache")}, silent())
			if err != nil {
				t.Fatal(err)
			}
			return writable{s, func(files map[string]string) { repo.Commit("x", files) }}
		},
	}
}

// TestOrigins: whatever know-how is read from, it is served alike.
func TestOrigins(t *testing.T) {
	for name, open := range origins(t) {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			s := w.source
			nothing := s.Current()
			if nothing.ID != "" || nothing.Base == nil || nothing.Fault != nil {
				t.Errorf("before the first load there is %+v", nothing)
			}
			w.write(map[string]string{"other": "x"})
			if err := s.Reload(t.Context()); err == nil || s.Current().Fault == nil || s.Current().ID != "" {
				t.Errorf("without know-how there is %+v, %v", s.Current(), err)
			}
			replaced(t, nothing)

			w.write(map[string]string{"knowhow.yaml": index, "docs/free.en.md": document})
			if err := s.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			good := s.Current()
			if good.ID == "" || good.Loaded.IsZero() || good.Fault != nil || good.Away != nil || good.Failed != nil || len(good.Base.Docs()) != 1 {
				t.Errorf("the snapshot is %+v", good)
			}
			select {
			case <-good.Replaced():
				t.Error("the newest snapshot says that it is not")
			default:
			}

			w.write(map[string]string{"knowhow.yaml": broken})
			s.look(t.Context())
			now := s.Current()
			var faults knowhow.Faults
			if now.ID != good.ID || now.Base != good.Base || now.Loaded != good.Loaded || !errors.As(now.Fault, &faults) || faults[0].Line != 5 {
				t.Errorf("after a bad edit there is %+v", now)
			}
			if good.Fault != nil {
				t.Error("a snapshot that was handed out has changed")
			}
			replaced(t, good)
			s.look(t.Context())
			if s.Current() != now {
				t.Error("without a change there is another snapshot")
			}

			w.write(map[string]string{"knowhow.yaml": index})
			s.look(t.Context())
			if now := s.Current(); now.ID != good.ID || now.Fault != nil || now.Loaded != good.Loaded {
				t.Errorf("after the correction there is %+v", now)
			}
			w.write(map[string]string{"docs/free.en.md": strings.Replace(document, "title: Free", "title: Other", 1)})
			s.look(t.Context())
			if now := s.Current(); now.ID == good.ID || now.Fault != nil || !now.Loaded.After(good.Loaded) {
				t.Errorf("after a change there is %+v", now)
			}
		})
	}
}

// replaced wants whoever follows the know-how to be told.
func replaced(t *testing.T, s *Snapshot) {
	t.Helper()
	select {
	case <-s.Replaced():
	case <-time.After(20 * time.Second):
		t.Fatal("a snapshot is not told that it is replaced")
	}
}
