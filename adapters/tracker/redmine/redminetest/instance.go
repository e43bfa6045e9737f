package redminetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// redmine is where Debian keeps the program.
const redmine = "/usr/share/redmine"

// The package's own Gemfile reads the machine's database.yml to know its
// adapter, and only www-data and root may; this one works for everybody.
const gemfile = `eval_gemfile "` + redmine + `/Gemfile"
gem "sqlite3" unless dependencies.any? { |d| d.name == "sqlite3" }
gem "puma"
`

const databaseYAML = `production:
  adapter: sqlite3
  database: %s
  encoding: utf8
  timeout: 10000
`

// An instance is a folder with all that one Redmine needs and writes.
type instance string

func (in instance) path(elements ...string) string {
	return filepath.Join(append([]string{string(in)}, elements...)...)
}

// lay makes the folders and configuration, without a database.
func (in instance) lay() error {
	for _, sub := range []string{"config", "files", "log", "tmp"} {
		if err := os.MkdirAll(in.path(sub), 0o700); err != nil {
			return fmt.Errorf("lay a Redmine: %w", err)
		}
	}
	for name, text := range map[string]string{
		"Gemfile":               gemfile,
		"config/database.yml":   fmt.Sprintf(databaseYAML, in.path("redmine.db")),
		"config/secret_key.txt": rand.Text() + rand.Text(),
	} {
		if err := os.WriteFile(in.path(name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("lay a Redmine: %w", err)
		}
	}
	return nil
}

// command is a program of Redmine's bundle on this instance, in an
// environment that does not depend on who runs the test. Debian finds an
// instance below /var/lib/redmine, hence the way up. The zone is not UTC, as
// a team's server's is not.
func (in instance) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bundle", append([]string{"exec"}, args...)...)
	cmd.Dir = redmine
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + string(in), "LANG=C.UTF-8", "TZ=Asia/Tokyo",
		"BUNDLER_VERSION=2.3.15", "BUNDLE_GEMFILE=" + in.path("Gemfile"), "BUNDLE_SILENCE_ROOT_WARNING=1",
		"RAILS_ENV=production", "REDMINE_INSTANCE=../../../.." + string(in), "SCHEMA=/dev/null",
	}
	return cmd
}

// run gives what a program printed.
func (in instance) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := in.command(ctx, args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run Redmine's %s: %w:\n%s", strings.Join(args[:2], " "), err, lastLines(complaint.Bytes()))
	}
	return out, nil
}

// lastLines is the end of a log, for an error.
func lastLines(log []byte) string {
	const most = 20
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}
