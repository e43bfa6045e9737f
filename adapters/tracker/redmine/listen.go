package redmine

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"

	"tebiki/adapters/tracker"
)

// listen reads the histories of issues that may have new notes, a few at
// once. An issue that is not there any more has vanished.
func (r *Redmine) listen(ctx context.Context, p *place, c *cursor, news []issue) (said []tracker.Said, noted map[int]int, vanished map[int]bool, err error) {
	noted, vanished = map[int]int{}, map[int]bool{}
	last, err := r.lastNoted(ctx, news)
	if err != nil {
		return nil, nil, nil, err
	}
	var mu sync.Mutex
	err = each(news, func(i *issue) error {
		if i.Updated.Equal(i.Created) {
			return nil // it is as it was made
		}
		full, err := r.issue(ctx, p, i.ID, "journals")
		mu.Lock()
		defer mu.Unlock()
		switch {
		case missing(err):
			vanished[i.ID] = true
			return nil
		case err != nil:
			return err
		}
		for _, j := range full.Journals {
			noted[i.ID] = max(noted[i.ID], j.ID)
			if p.isSaid(j, last[i.ID], c.Begun) {
				said = append(said, tracker.Said{Ticket: formatKey(i.ID), ID: strconv.Itoa(j.ID), Author: j.User.id(), Text: j.Notes, At: j.Created})
			}
		}
		return nil
	})
	slices.SortFunc(said, func(a, b tracker.Said) int {
		return cmp.Or(a.At.Compare(b.At), len(a.ID)-len(b.ID), cmp.Compare(a.ID, b.ID))
	})
	return said, noted, vanished, err
}

// isSaid tells a note that a person has written since the last one that was
// read, or since the beginning when none was.
func (p *place) isSaid(j journal, last int, begun int64) bool {
	if j.Notes == "" || j.Private || j.User.ID == p.me.ID {
		return false
	}
	if last != 0 {
		return j.ID > last
	}
	return j.Created.Unix() >= begun
}

// atOnce is how many histories are read at once.
const atOnce = 3

// each calls a function for every issue, a few at once, and gives the first
// error.
func each(issues []issue, do func(*issue) error) error {
	var all sync.WaitGroup
	errs := make([]error, atOnce)
	for w := range atOnce {
		all.Go(func() {
			for i := w; i < len(issues) && errs[w] == nil; i += atOnce {
				errs[w] = do(&issues[i])
			}
		})
	}
	all.Wait()
	return cmp.Or(errs...)
}
