package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	sdk "github.com/andygrunwald/go-jira"

	"tebiki/adapters"
	"tebiki/adapters/tracker"
	"tebiki/adapters/tracker/remote"
)

// fold takes one issue in, unless it was seen like this.
func (r *reading) fold(ctx context.Context, i *issue, fresh bool) error {
	if i.Fields.Updated.After(r.last) && !fresh {
		r.last = i.Fields.Updated.Time
	}
	t, err := r.j.ticket(ctx, r.f, i)
	if err != nil {
		return err
	}
	is := sight{At: i.Fields.Updated.UnixMilli(), Sum: sum(&t, i), Shown: !fresh}
	seen, was := r.c.Seen[i.ID]
	switch {
	case was && seen.At == is.At && seen.Sum == is.Sum && !seen.Gone:
		is.Shown = is.Shown || seen.Shown
		r.c.Seen[i.ID] = is
		return nil
	case was && !fresh && (is.At <= seen.At || seen.Gone):
		if !r.lags(seen, is) {
			r.late = append(r.late, i.ID)
		}
		return nil
	}
	r.c.Seen[i.ID] = is
	r.remember(i.ID, known{Key: i.Key, Updated: is.At, Sum: is.Sum, Closed: t.Status == tracker.Closed})
	if fresh { // what the page showed of it is older, whatever its time
		r.batch.Tickets = slices.DeleteFunc(r.batch.Tickets, func(was tracker.Ticket) bool { return was.Key == t.Key })
	}
	r.batch.Tickets = append(r.batch.Tickets, t)
	return r.listen(ctx, i)
}

// lags tells that the index does not know yet what was read of an issue a
// moment ago.
func (r *reading) lags(seen, shown sight) bool {
	age := r.now.Sub(time.UnixMilli(seen.At))
	return !seen.Shown && shown.At < seen.At && age > -time.Minute && age < r.j.overlap()
}

// sum is a short form of what an issue says.
func sum(t *tracker.Ticket, i *issue) uint32 {
	h := fnv.New32a()
	_ = json.NewEncoder(h).Encode(t) // it is made of plain values, and a sum takes all
	if c := i.Fields.Comment; c != nil {
		fmt.Fprint(h, c.Total)
	}
	return h.Sum32()
}

// listen takes the comments that are news.
func (r *reading) listen(ctx context.Context, i *issue) error {
	if i.Fields.Comment == nil {
		return nil
	}
	all := i.Fields.Comment.Comments
	if i.Fields.Comment.Total > len(all) { // Cloud gives some of them
		got, err := get[comments](ctx, r.j, "issue/"+i.ID+"/comment?orderBy=-created&maxResults=200")
		if f := remote.Of(err); f != nil && f.Code == adapters.NotFound { // the index does not know yet
			r.late = append(r.late, i.ID)
			return nil
		}
		if err != nil {
			return err
		}
		all = got.Comments
	}
	for n := range all {
		c := &all[n]
		at := c.Created.UnixMilli()
		if _, heard := r.c.Said[c.ID]; heard || at < r.c.Base.UnixMilli() || r.f.isMe(&c.Author) {
			continue
		}
		author, err := r.j.meet(ctx, r.f, &c.Author)
		if err != nil {
			return err
		}
		r.c.Said[c.ID] = at
		r.batch.Said = append(r.batch.Said, tracker.Said{Ticket: i.Key, ID: c.ID, Author: author, Text: c.Body, At: c.Created.UTC()})
	}
	return nil
}

// isMe tells our own user.
func (f *facts) isMe(u *sdk.User) bool {
	if f.cloud() {
		return u.AccountID == f.me.AccountID
	}
	return u.Key != "" && u.Key == f.me.Key || u.Name == f.me.Name
}
