package mirror

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
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
			return damaged("what was fetched before", err)
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
		return receive(ctx, sideband.NewDemuxer(sideband.Sideband64k, answer), m.limits, repo)
	case req.Capabilities.Supports(capability.Sideband):
		return receive(ctx, sideband.NewDemuxer(sideband.Sideband, answer), m.limits, repo)
	}
	return receive(ctx, answer, m.limits, repo)
}

func packsIn(repo string) int {
	packs, _ := filepath.Glob(filepath.Join(repo, "objects", "pack", "*.pack"))
	return len(packs)
}
