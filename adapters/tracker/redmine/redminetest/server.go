package redminetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"
)

// starting bounds the wait for the first answer.
const starting = 90 * time.Second

// A Person is a user of the Redmine.
type Person struct {
	ID    int    `json:"id"`
	Login string `json:"login"`
	Mail  string `json:"mail"`
	Name  string `json:"name"` // first and last, as Redmine shows it
	Key   string `json:"key"`  // of the API
}

// Formatting is the markup of descriptions and notes.
type Formatting string

// What Redmine 5.0 can format.
const (
	Textile    Formatting = "textile"
	Markdown   Formatting = "markdown"
	CommonMark Formatting = "common_mark"
)

// A Server is one running Redmine with a database of its own.
type Server struct {
	URL         string
	AdminKey    string
	Bot         Person            // a member of every Project, in a role that may not delete
	People      map[string]Person // by login: tanaka, sato and suzuki, members of every Project
	Trackers    map[string]int    // ids by name
	Statuses    map[string]int
	Priorities  map[string]int
	ServerField int // id of the custom field "Server", a string

	seed   seed
	in     instance
	stop   context.CancelFunc
	exited chan struct{} // closed when the process is gone
	why    error         // what it died of; to be read after exited
}

// Start runs a Redmine for one test. It skips without Debian's package,
// except in CI, where that is a failure.
func Start(t testing.TB, f Formatting) *Server {
	t.Helper()
	s, err := Open(t.Context(), f)
	need(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func need(t testing.TB, err error) {
	t.Helper()
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv("CI") == "":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
}

// Open runs a Redmine until Close. Without Debian's package the error is
// ErrMissing. The context bounds the start only.
func Open(ctx context.Context, f Formatting) (*Server, error) {
	folder, err := template(ctx)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "redminetest-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for a Redmine: %w", err)
	}
	s := &Server{in: instance(temp), stop: func() {}, exited: make(chan struct{})}
	if err := s.start(ctx, folder, f); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, folder string, f Formatting) error {
	made, err := copyTo(folder, s.in)
	if err == nil && f != Textile {
		err = s.in.format(ctx, f)
	}
	if err != nil {
		close(s.exited)
		return err
	}
	s.know(made)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go s.serve(running)
	return s.await(ctx)
}

// format sets the markup in a database that no process has open.
func (in instance) format(ctx context.Context, f Formatting) error {
	query := fmt.Sprintf("UPDATE settings SET value = '%s' WHERE name = 'text_formatting';", f)
	if out, err := exec.CommandContext(ctx, "sqlite3", in.path("redmine.db"), query).CombinedOutput(); err != nil {
		return fmt.Errorf("set Redmine's text formatting: %w: %s", err, out)
	}
	return nil
}

func (s *Server) know(made seed) {
	s.seed, s.AdminKey, s.Bot, s.ServerField = made, made.AdminKey, made.Bot, made.ServerField
	s.Trackers, s.Statuses, s.Priorities = made.Trackers, made.Statuses, made.Priorities
	s.People = map[string]Person{}
	for _, p := range made.People {
		s.People[p.Login] = p
	}
}

// serve runs puma and waits for its end. The kernel kills puma when the
// thread that started it ends, so this goroutine keeps its thread: then it
// dies with the test binary, however that ends.
//
// One thread answers: with more, SQLite now and then refuses a transaction
// that turns from reading to writing, and Redmine makes that a 500 which the
// database of a real team would not give.
func (s *Server) serve(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.exited)
	log, err := os.Create(s.in.path("log", "puma.log"))
	if err != nil {
		s.why = err
		return
	}
	defer log.Close()
	cmd := s.in.command(ctx, "puma", "-b", "tcp://127.0.0.1:0", "-t", "1:1")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = diesWithUs()
	s.why = cmd.Run()
}

var listening = regexp.MustCompile(`Listening on (http://127\.0\.0\.1:\d+)`)

// await finds the port that puma chose and waits for the first answer.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("start Redmine: it ended with %v:\n%s", s.why, s.logged())
		case <-ctx.Done():
			return fmt.Errorf("wait for Redmine's first answer: %w:\n%s", context.Cause(ctx), s.logged())
		}
		log, _ := os.ReadFile(s.in.path("log", "puma.log"))
		if found := listening.FindSubmatch(log); found != nil {
			s.URL = string(found[1])
			return s.answers(ctx)
		}
	}
}

func (s *Server) answers(ctx context.Context) error {
	c := &Client{url: s.URL, key: s.AdminKey}
	got, err := c.call(ctx, http.MethodGet, "/users/current.json", nil)
	if err == nil && got.Status != http.StatusOK {
		err = fmt.Errorf("status %d", got.Status)
	}
	if err != nil {
		return fmt.Errorf("ask Redmine who its administrator is: %w:\n%s", err, s.logged())
	}
	return nil
}

// logged is the end of what puma and Rails wrote.
func (s *Server) logged() string {
	var all []byte
	for _, name := range []string{"puma.log", "production.log"} {
		log, _ := os.ReadFile(filepath.Join(s.in.path("log"), name))
		all = append(all, lastLines(log)+"\n"...)
	}
	return string(all)
}

// Close kills the Redmine and removes its folder.
func (s *Server) Close() error {
	s.stop()
	<-s.exited
	if err := os.RemoveAll(string(s.in)); err != nil {
		return fmt.Errorf("remove a Redmine's folder: %w", err)
	}
	return nil
}
