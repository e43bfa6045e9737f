package redminetest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed seed.rb
var seedScript string

// building bounds the making of the template: two runs of Rails.
const building = 2 * time.Minute

// seed is what seed.rb printed.
type seed struct {
	AdminKey    string         `json:"admin_key"`
	Bot         Person         `json:"bot"`
	People      []Person       `json:"people"`
	BotRole     int            `json:"bot_role"`
	PeopleRole  int            `json:"people_role"`
	ServerField int            `json:"server_field"`
	Trackers    map[string]int `json:"trackers"`
	Statuses    map[string]int `json:"statuses"`
	Priorities  map[string]int `json:"priorities"`
}

// template gives the folder with a seeded database, made when this version
// of Redmine and this seed have none yet.
func template(ctx context.Context) (string, error) {
	version, err := installed(ctx)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the template of Redmine's database: %w", err)
	}
	sum := sha256.Sum256([]byte(seedScript + gemfile + databaseYAML))
	folder := filepath.Join(cache, "tebiki", "redminetest", fmt.Sprintf("%s-%x", version, sum[:6]))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return "", fmt.Errorf("keep the template of Redmine's database: %w", err)
	}
	return folder, build(ctx, folder)
}

// build makes the template beside its place and renames it, so that another
// test binary sees all of it or nothing. Two may build at once; the first wins.
func build(ctx context.Context, folder string) error {
	ctx, cancel := context.WithTimeout(ctx, building)
	defer cancel()
	work, err := os.MkdirTemp(filepath.Dir(folder), "building-")
	if err != nil {
		return fmt.Errorf("keep the template of Redmine's database: %w", err)
	}
	defer os.RemoveAll(work)
	in := instance(work)
	if err := in.lay(); err != nil {
		return err
	}
	if _, err := in.run(ctx, "rake", "db:migrate"); err != nil {
		return err
	}
	printed, err := in.run(ctx, "rails", "runner", seedScript)
	if err != nil {
		return err
	}
	if err := os.WriteFile(in.path("seed.json"), printed, 0o600); err != nil {
		return fmt.Errorf("keep what Redmine's seed made: %w", err)
	}
	if err := os.Rename(work, folder); err != nil && !complete(folder) {
		return fmt.Errorf("keep the template of Redmine's database: %w", err)
	}
	return nil
}

func complete(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "seed.json"))
	return err == nil
}

// installed is the version of Debian's package.
func installed(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", "redmine").Output()
	status, version, _ := strings.Cut(string(out), " ")
	if err != nil || status != "installed" {
		return "", fmt.Errorf("%w: install it as .ci/run does", ErrMissing)
	}
	for _, program := range []string{"bundle", "puma", "sqlite3"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("%w: it needs %s", ErrMissing, program)
		}
	}
	return version, nil
}

// ErrMissing says that Debian's Redmine is not on this machine.
var ErrMissing = errors.New("no Redmine here")

// copyTo lays a new instance with the template's database.
func copyTo(folder string, in instance) (seed, error) {
	var s seed
	if err := in.lay(); err != nil {
		return s, err
	}
	database, err := os.ReadFile(filepath.Join(folder, "redmine.db"))
	if err == nil {
		err = os.WriteFile(in.path("redmine.db"), database, 0o600)
	}
	if err != nil {
		return s, fmt.Errorf("copy the template of Redmine's database: %w", err)
	}
	made, err := os.ReadFile(filepath.Join(folder, "seed.json"))
	if err == nil {
		err = json.Unmarshal(made, &s)
	}
	if err != nil {
		return s, fmt.Errorf("read the template of Redmine's database; remove %s: %w", folder, err)
	}
	return s, nil
}
