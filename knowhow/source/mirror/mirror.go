// Package mirror keeps a copy of one branch of a git repository in a folder of
// its own, without a work tree, and reads files and history from it. It alone
// knows go-git, of which it takes the formats and the HTTP transport.
//
// The data's way: remote -> session (https, ssh, git, file) -> one pack, which
// is checked before it gets its name -> the folder -> View -> an fs.FS of one
// commit, and the newest commit that touched each file.
//
// # The folder
//
//	state.json        which repository and branch this is of, the branch's newest
//	                  commit, and the newest one that was good to its reader
//	repo              a bare repository: objects only
//	repo.new          a repository that is being fetched whole
//	changes.json      which commit touched each file last, as of which commit
//
// All is written under another name first, and what a process left behind that
// was killed is removed by the next. A folder that is damaged, or that is of
// another repository, is emptied of these and filled anew.
//
// # Why not go-git's own Fetch
//
// Its ssh and git transports cannot be ended by a context while they connect;
// it gives no way to a client for one repository but by a table that is global
// to the program; a fetch that breaks off leaves files open, and one that is
// killed a pack without an index, which makes all others unreadable
// (https://github.com/go-git/go-git/issues/2392), or an index that is half
// written and then taken for whole. It has no limit to what a remote may send.
// Shallow copies are not made: they fail after a push that is forced
// (https://github.com/go-git/go-git/issues/1443), and history is wanted.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tebiki/knowhow/source/address"
)

// Options say what is copied, and how the bot is let in.
type Options struct {
	Address address.Address
	Branch  string
	Dir     string // the folder of the copy; nothing else must be kept there

	User  string        // with Token, default "x-token-auth", or of SSH, default the address's or "git"
	Token func() string // for https; nil or "" asks without

	KeyFile    string        // for ssh: the bot's private key
	Passphrase func() string // of KeyFile; nil or "" when it has none
	KnownHosts []string      // files of the hosts' keys

	CAFile string // for https: certificates to trust besides the system's
	Limit  int64  // bytes that one fetch may bring; default 1 GiB

	Log *slog.Logger // told when the copy is made anew; nil is silent
}

// A Mirror is one copy. Its methods must not be called at once.
type Mirror struct {
	options Options
	dial    func(context.Context) (session, error)
	state   state
	opened  bool
	limits  limits
	packs   int // at which the copy is made anew
	changes changes
}

// limits are of what is taken of a remote, in bytes.
type limits struct {
	pack   int64
	object int64 // a file, or a folder's list of files, however small it is packed
}

const (
	defaultLimit = 1 << 30
	// A pack is made by each fetch that brings something, and each is looked
	// through for every object. The copy is made anew, as one pack, before
	// that is felt.
	maxPacks = 50
)

// New looks at the options alone: neither the folder nor the remote need be
// there.
func New(o Options) (*Mirror, error) {
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dir == "" {
		return nil, errors.New("a copy of a repository needs a folder; name one that nothing else is kept in")
	}
	if !validBranch(o.Branch) {
		return nil, fmt.Errorf("%q is no name of a branch; correct it", o.Branch)
	}
	m := &Mirror{options: o, limits: limits{o.Limit, maxObject}, packs: maxPacks}
	var err error
	switch o.Address.Scheme {
	case address.HTTPS, address.HTTP:
		m.dial, err = dialHTTP(o)
	case address.SSH:
		m.dial, err = dialSSH(o)
	case address.Git:
		m.dial = dialGit(o)
	case address.File:
		m.dial = dialFile(o)
	default:
		err = errors.New("the repository has no address")
	}
	return m, err
}

// validBranch takes what git takes, see git-check-ref-format.
func validBranch(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }) &&
		!strings.Contains(name, "..") && !strings.Contains(name, "@{") && !strings.HasSuffix(name, ".") && !strings.HasPrefix(name, "-")
}

// A Commit is who changed what when.
type Commit struct {
	Hash    string
	Author  string
	Mail    string
	At      time.Time // when it was committed
	Subject string    // the first line of its message
}

// ErrDamaged says that the folder does not hold what it should: Discard it.
var ErrDamaged = errors.New("the copy of the repository on disk is damaged")

func damaged(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrDamaged, what, err)
}

// Discard removes the copy, for the next Fetch to make it anew.
func (m *Mirror) Discard() error {
	m.state, m.changes = m.blank(), changes{}
	for _, name := range []string{stateFile, changesFile, repoDir, newDir} {
		if err := os.RemoveAll(m.path(name)); err != nil {
			return fmt.Errorf("remove the damaged copy of the repository: %w; empty the folder %s", err, m.options.Dir)
		}
	}
	return nil
}

func (m *Mirror) path(parts ...string) string {
	return filepath.Join(append([]string{m.options.Dir}, parts...)...)
}
