package source

import (
	"context"
	"time"

	"tebiki/knowhow"
)

// how says how to look.
type how struct {
	always bool // read the files though they have not changed
	ask    bool // wait for who has the newest
}

// load reads the files if they changed since the last try, and tells whether
// it did. What became of it is the current snapshot; the error is only that
// ctx has ended.
func (s *Source) load(ctx context.Context, h how) (tried bool, err error) {
	tried, damage, err := s.try(ctx, h)
	if damage != nil && err == nil {
		s.log.Warn("the copy of the know-how's repository is damaged and was thrown away; it is made anew", "fault", damage)
		tried, damage, err = s.try(ctx, how{always: true, ask: h.ask})
	}
	if damage != nil && err == nil {
		s.fail(nil, damage)
		s.seen = "" // to be tried again, whatever it is then
	}
	return tried, err
}

// try reads once. Of what is damaged nothing is used.
func (s *Source) try(ctx context.Context, h how) (tried bool, damage, err error) {
	if err := ctx.Err(); err != nil {
		return false, nil, err
	}
	t, err := s.origin.open(ctx, h.ask)
	if err != nil && ctx.Err() != nil {
		return false, nil, ctx.Err()
	}
	if err != nil {
		t = &tree{mark: err.Error()}
	}
	defer t.done()
	if t.mark == s.seen && !h.always || t.away != nil && t.files == nil {
		s.missing(t.away)
		return false, nil, nil
	}
	var got *content
	if err == nil {
		got, err = read(ctx, t)
	}
	damage = t.damage()
	if ctx.Err() != nil || damage != nil {
		return false, damage, ctx.Err()
	}
	s.seen = t.mark
	if err == nil {
		s.serve(got, t)
		return true, nil, nil
	}
	s.fail(t, err)
	if t.older != nil && !s.approved(ctx, t) {
		damage = s.fallBack(ctx, t)
	}
	return true, damage, ctx.Err()
}

// content is what was read of one state of the files.
type content struct {
	base   *knowhow.Base
	change func(path string) knowhow.Change
}

func read(ctx context.Context, t *tree) (*content, error) {
	base, err := knowhow.Load(t.files)
	if err != nil {
		return nil, err
	}
	change, err := t.changes(ctx)
	if err != nil {
		return nil, err
	}
	return &content{base, change}, nil
}

// approved tells whether what is served is still on the branch. A push that
// was forced may have taken it away, with the checks that it lets run.
func (s *Source) approved(ctx context.Context, head *tree) bool {
	now := s.Current()
	return now.ID != "" && (now.Commit == nil || head.holds(ctx, now.Commit.Hash))
}

// fallBack serves an older state in place of one that does not load: it is
// what was served before a restart, or the newest that is on the branch. When
// the branch has none, what is served stays until the bot is started anew.
func (s *Source) fallBack(ctx context.Context, head *tree) (damage error) {
	for t := range head.older(ctx) {
		got, err := read(ctx, t)
		if damage := t.damage(); damage != nil || ctx.Err() != nil {
			return damage
		}
		if err == nil {
			s.replace(func(now *Snapshot) { now.fill(got, t) })
			s.remember(t)
			return nil
		}
	}
	return nil
}

// serve makes what was read current.
func (s *Source) serve(got *content, t *tree) {
	s.content = nil
	s.replace(func(now *Snapshot) {
		now.fill(got, t)
		now.Failed = nil
		now.blame(nil, t.away)
	})
	s.remember(t)
}

func (s *Source) remember(t *tree) {
	if t.keep == nil {
		return
	}
	if err := t.keep(); err != nil {
		s.log.Warn("after a restart the know-how may be older than now, for which commit is good could not be noted", "fault", err)
	}
}

// fill puts new content in. The same content keeps the time it was first
// loaded at, though its files may have been written anew.
func (s *Snapshot) fill(got *content, t *tree) {
	if id := got.base.Digest(); s.ID != id {
		s.ID, s.Loaded = id, time.Now()
	}
	s.Base, s.Commit = got.base.WithChanges(got.change).WithOrigin(t.commit.origin()), t.commit
}

// fail notes why the newest state is not in use.
func (s *Source) fail(t *tree, err error) {
	s.content = err
	s.replace(func(now *Snapshot) {
		now.Failed = nil
		if t == nil {
			now.blame(err, now.Away)
			return
		}
		now.Failed = t.commit
		now.blame(err, t.away)
	})
}

// missing notes that the repository cannot be asked, or can be again.
func (s *Source) missing(away error) {
	if was := s.Current().Away; was == away || was != nil && away != nil && was.Error() == away.Error() {
		return
	}
	s.replace(func(now *Snapshot) { now.blame(s.content, away) })
}

func (s *Source) replace(change func(*Snapshot)) {
	old := s.Current()
	now := *old
	now.replaced = make(chan struct{})
	change(&now)
	s.current.Store(&now)
	close(old.replaced)
}
