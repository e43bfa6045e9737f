package source

import (
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"tebiki/knowhow/source/address"
	"tebiki/knowhow/source/forge"
	"tebiki/knowhow/source/mirror"
)

// GitOptions say which branch of which repository holds the know-how, and how
// the bot is let in. Secrets are functions, so that no print of the options
// shows them; a function is called anew for each fetch.
type GitOptions struct {
	URL    string // https, ssh, git or file, git@host:path, or the full path of a folder; without secrets
	Branch string // default "main"
	Folder string // of the repository that holds knowhow.yaml; default its root
	Cache  string // the folder for the bot's copy, which nothing else is kept in

	User  string        // with Token, default "x-token-auth", or of SSH, default that of the URL or "git"
	Token func() string // for https; nil asks without

	KeyFile    string        // for ssh: the bot's private key, needed
	Passphrase func() string // of KeyFile; nil when it has none
	KnownHosts []string      // for ssh: files of the hosts' keys, needed

	CAFile string // for https: certificates to trust besides the system's

	Forge string      // one of forge.Kinds; "" is told by the URL
	Pages forge.Pages // links to show in place of those that the forge has

	Timeout time.Duration // of one fetch, default a minute; one that brings everything has ten times as long
	Limit   int64         // bytes that one fetch may bring; default 1 GiB
}

const (
	defaultTimeout = time.Minute
	firstTimes     = 10
	// maxOlder is how many commits before the head are tried when it does not
	// load and nothing is known to be good.
	maxOlder = 50
)

// Git reads a branch of a repository. The error is that the options cannot be
// right; whether the repository is there shows the first Reload.
func Git(o GitOptions, log *slog.Logger) (*Source, error) {
	g, err := newGit(o, log)
	if err != nil {
		return nil, fmt.Errorf("the know-how's repository: %w", err)
	}
	return newSource(g, log), nil
}

// git is the origin that a mirror is of.
type git struct {
	options GitOptions
	address address.Address
	pages   forge.Pages
	mirror  *mirror.Mirror
	log     *slog.Logger
	fetched atomic.Int64 // when the repository answered last, in nanoseconds; 0 is never
}

func newGit(o GitOptions, log *slog.Logger) (*git, error) {
	if o.Branch == "" {
		o.Branch = "main"
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	o.Folder = strings.Trim(path.Clean("/"+o.Folder), "/")
	a, err := address.Parse(o.URL)
	if err != nil {
		return nil, err
	}
	if err := o.Pages.Validate(); err != nil {
		return nil, err
	}
	m, err := mirror.New(mirror.Options{Address: a, Branch: o.Branch, Dir: o.Cache, User: o.User, Token: o.Token,
		KeyFile: o.KeyFile, Passphrase: o.Passphrase, KnownHosts: o.KnownHosts, CAFile: o.CAFile, Limit: o.Limit, Log: log})
	if err != nil {
		return nil, err
	}
	return &git{options: o, address: a, pages: forge.PagesOf(o.Forge, a).Over(o.Pages), mirror: m, log: log}, nil
}

// Hook takes the webhooks of the repository's service, see forge.Hook, and has
// Run look at once. It is nil if the know-how is in no repository.
func (s *Source) Hook(secret func() string) http.Handler {
	g, ok := s.origin.(*git)
	if !ok {
		return nil
	}
	return &forge.Hook{Secret: secret, Repository: g.address, Branch: g.options.Branch, Wake: s.Wake, Log: s.log}
}

// Fetched is when the repository answered last; zero if it has not since the
// start, or if the know-how is in none.
func (s *Source) Fetched() time.Time {
	if g, ok := s.origin.(*git); ok && g.fetched.Load() != 0 {
		return time.Unix(0, g.fetched.Load())
	}
	return time.Time{}
}
