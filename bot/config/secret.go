package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Secret is a password or token. However it is printed, logged or encoded,
// stars are all that can be seen; only Reveal gives the value.
type Secret struct{ value string }

// NewSecret makes a secret of its value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal gives the value, for whoever compares or sends it.
func (s Secret) Reveal() string { return s.value }

// IsSet tells whether there is one.
func (s Secret) IsSet() bool { return s.value != "" }

// Equal tells whether both hold the same value.
func (s Secret) Equal(o Secret) bool { return s == o }

func (s Secret) String() string {
	if s.IsSet() {
		return "***"
	}
	return ""
}

// Format keeps the value out of every verb, %#v and mistaken ones included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A secretWire says where a secret is kept.
type secretWire struct {
	from struct {
		Env  string `key:"env"`
		File string `key:"file"`
	}
}

func (s *secretWire) read(r *reader, n *yaml.Node, p place) {
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		// What stands there may be the secret, so the fault does not repeat it.
		r.broken(p, "a secret's value does not belong in this file; write {env: NAME} or {file: PATH}, and change the secret if others have seen this")
		return
	}
	r.value(n, p, &s.from)
}

// secrets are the places secrets come from.
type secrets struct {
	fsys   fs.FS
	folder string // of the configuration, in fsys
	env    func(string) (string, bool)
}

func (b *builder) secret(p place, w *secretWire) Secret {
	if w == nil || b.faulty(p) {
		return Secret{}
	}
	value, err := b.secrets.get(w)
	if err != nil {
		b.fault(p, "%v", err)
	}
	return Secret{value}
}

var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,99}$`)

func (s *secrets) get(w *secretWire) (string, error) {
	env, file := w.from.Env, w.from.File
	switch {
	case (env == "") == (file == ""):
		return "", errors.New("write where it is kept: either {env: NAME} or {file: PATH}")
	case file != "":
		return s.fromFile(file)
	case !envName.MatchString(env):
		// Perhaps the secret itself: not repeated.
		return "", errors.New("env is not a name in capitals, digits and '_'; write the name of an environment variable, such as TEBIKI_PASSWORD")
	}
	value, ok := s.env(env)
	if !ok || value == "" {
		return "", fmt.Errorf("the environment variable %s is not set; set it, or leave this key out to do without", env)
	}
	return value, nil
}

// maxSecret is far above any real one: a wrong path must not fill the memory.
const maxSecret = 64 << 10

func (s *secrets) fromFile(name string) (string, error) {
	f, err := s.open(name)
	if err != nil {
		return "", fmt.Errorf("open its file: %w; put the secret there, or leave this key out to do without", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	value := strings.TrimRight(string(data), "\r\n")
	switch {
	case err != nil:
		return "", fmt.Errorf("read its file: %w", err)
	case len(data) > maxSecret:
		return "", fmt.Errorf("its file %s is larger than any secret; name another", name)
	case value == "":
		return "", fmt.Errorf("its file %s is empty; put the secret there", name)
	}
	return value, nil
}

// open opens a regular file and nothing else: a pipe or a device could keep a
// start waiting for ever.
func (s *secrets) open(name string) (fs.File, error) {
	stat, open := func() (fs.FileInfo, error) { return os.Stat(name) }, func() (fs.File, error) { return os.Open(name) }
	if !filepath.IsAbs(name) {
		name = path.Join(s.folder, name)
		stat, open = func() (fs.FileInfo, error) { return fs.Stat(s.fsys, name) }, func() (fs.File, error) { return s.fsys.Open(name) }
	}
	info, err := stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	return open()
}
