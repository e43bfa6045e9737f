package mirror

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// Fetch brings what is new on the branch. After an error there is what was
// there before. The error holds neither secrets nor what changes from one try
// to the next.
func (m *Mirror) Fetch(ctx context.Context) error {
	if err := m.prepare(); err != nil {
		return err
	}
	if err := m.fetch(ctx); err != nil {
		return fmt.Errorf("fetch the branch %s of %s: %w", m.options.Branch, m.options.Address, m.explain(ctx, err))
	}
	return nil
}

func (m *Mirror) fetch(ctx context.Context) error {
	s, err := m.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	refs, err := s.AdvertisedReferencesContext(ctx)
	if err != nil {
		return err
	}
	head, ok := refs.References["refs/heads/"+m.options.Branch]
	if !ok {
		return m.gone(refs)
	}
	if head.String() == m.state.Head {
		return nil
	}
	return m.advance(ctx, s, refs, head)
}

// gone says which branches there are instead.
func (m *Mirror) gone(refs *packp.AdvRefs) error {
	var names []string
	for name := range refs.References {
		if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			names = append(names, line(branch, 60))
		}
	}
	slices.Sort(names)
	if len(names) > 10 {
		names = append(names[:10], "...")
	}
	return fmt.Errorf("the repository has no such branch (it has: %s); make it again, or correct its name in the configuration", strings.Join(names, ", "))
}

// advance takes head over. What of its history is here already needs not be
// sent, unless the copy is in so many parts that it is better made anew.
func (m *Mirror) advance(ctx context.Context, s session, refs *packp.AdvRefs, head plumbing.Hash) error {
	next := m.state
	next.Head = head.String()
	anew := m.state.Head == "" || packsIn(m.path(repoDir)) >= m.packs
	if anew {
		return m.replace(ctx, s, request(refs, head, nil), next)
	}
	haves, has := m.haves(head)
	if !has {
		if err := m.bring(ctx, s, request(refs, head, haves), m.path(repoDir)); err != nil {
			return err
		}
		if err := readable(m.path(repoDir), head); err != nil {
			return err
		}
	}
	return m.save(next)
}

// replace fetches everything into a repository beside the old, and then takes
// that one's place. If the bot is killed in between, all is fetched again.
func (m *Mirror) replace(ctx context.Context, s session, req *packp.UploadPackRequest, next state) error {
	fresh, repo := m.path(newDir), m.path(repoDir)
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	err := m.bring(ctx, s, req, fresh)
	if err == nil {
		err = readable(fresh, req.Wants[0])
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	if readable(fresh, plumbing.NewHash(next.Good)) != nil {
		next.Good = "" // it was on a branch that was overwritten
	}
	if err := errors.Join(os.RemoveAll(repo), os.Rename(fresh, repo), syncFolder(m.options.Dir)); err != nil {
		return err
	}
	return m.save(next)
}

func request(refs *packp.AdvRefs, head plumbing.Hash, haves []plumbing.Hash) *packp.UploadPackRequest {
	req := packp.NewUploadPackRequestFromCapabilities(refs.Capabilities)
	if refs.Capabilities.Supports(capability.NoProgress) {
		_ = req.Capabilities.Set(capability.NoProgress) // which has no value that could be wrong
	}
	req.Wants = []plumbing.Hash{head}
	req.Haves = haves
	return req
}

func (m *Mirror) bring(ctx context.Context, s session, req *packp.UploadPackRequest, repo string) error {
	answer, err := s.UploadPack(ctx, req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	switch {
	case req.Capabilities.Supports(capability.Sideband64k):
		return receive(ctx, sideband.NewDemuxer(sideband.Sideband64k, answer), m.options.Limit, repo)
	case req.Capabilities.Supports(capability.Sideband):
		return receive(ctx, sideband.NewDemuxer(sideband.Sideband, answer), m.options.Limit, repo)
	}
	return receive(ctx, answer, m.options.Limit, repo)
}

func packsIn(repo string) int {
	packs, _ := filepath.Glob(filepath.Join(repo, "objects", "pack", "*.pack"))
	return len(packs)
}

// explain says in words what people must do about an error.
func (m *Mirror) explain(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it did not end in the time it has; look whether the server is well: %w", ctx.Err())
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return errors.New("the server does not let the bot in; give it a token that may read this repository and has not expired")
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return errors.New("the server has no such repository, or does not show it to the bot; correct the address, or let the bot in")
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return errors.New("the repository is empty; push the know-how to it")
	}
	return m.clean(plain(err))
}

// plain takes the layers off that name this side's port, or the address with
// what may be in it.
func plain(err error) error {
	var op *net.OpError
	var where *url.Error
	var odd *plumbing.UnexpectedError
	var lasting *plumbing.PermanentError
	switch {
	case errors.As(err, &op):
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	case errors.As(err, &odd):
		return plain(odd.Err)
	case errors.As(err, &lasting):
		return plain(lasting.Err)
	case errors.As(err, &where):
		return plain(where.Err)
	}
	return err
}

// clean keeps a token out that a server may have repeated.
func (m *Mirror) clean(err error) error {
	for _, secret := range []func() string{m.options.Token, m.options.Passphrase} {
		if secret == nil {
			continue
		}
		if s := secret(); s != "" && strings.Contains(err.Error(), s) {
			return errors.New(line(strings.ReplaceAll(err.Error(), s, "***"), 400))
		}
	}
	return err
}
