package jira

import (
	"maps"
	"time"
)

// advance says where the next page begins.
func (r *reading) advance(page found) {
	c := r.c
	switch full := page.full && len(page.issues) > 0; {
	case r.setBack():
	case c.Span != nil && full:
		c.Span.After = page.issues[len(page.issues)-1].Key
		r.batch.More = true
	case c.Span != nil:
		r.endSpan()
	case c.Tail != nil:
		r.endTail(full && !page.issues[0].Fields.Updated.Before(c.Tail.Read.Truncate(time.Second)))
	case full:
		r.next()
		r.batch.More = true
	default:
		r.end(len(page.issues) > 0)
	}
	from := atOrBefore(c.From, r.f.zone).UnixMilli()
	maps.DeleteFunc(c.Seen, func(_ string, s sight) bool { return s.At < from })
}

// next begins the next window where a full page ended, or a span where that
// would leave something out.
func (r *reading) next() {
	from := atOrBefore(r.c.From, r.f.zone)
	to := earlier(atOrBefore(r.last, r.f.zone), atOrBefore(r.now.Add(-r.j.overlap()), r.f.zone))
	if to.After(from) {
		r.c.From = to.UTC()
		return
	}
	r.c.Span = &span{From: from.UTC(), To: after(latest(r.last, from), r.f.zone).UTC(), Read: r.now, Whole: r.now}
}

// endSpan goes on behind a span, or with its tail as long as something may
// still come up in it.
func (r *reading) endSpan() {
	c, was := r.c, r.c.Span
	c.Span = nil
	if r.now.Before(was.To.Add(r.j.overlap())) {
		c.From, c.Tail, was.After = was.From, was, ""
		return
	}
	c.From = was.To
	r.batch.More = true
}

// endTail reads the span again when it is time, or when the tail was not all;
// without what is old, since while more changes than a page holds between two
// polls the span would grow for ever.
func (r *reading) endTail(more bool) {
	c, was := r.c, r.c.Tail
	over := !r.now.Before(was.To.Add(r.j.overlap()))
	if len(r.batch.Tickets) > 0 && !more {
		was.Read = r.now
	}
	if !over && !more {
		return
	}
	c.From = latest(was.From, atOrBefore(was.Whole.Add(-r.j.overlap()), r.f.zone).UTC())
	c.Tail, c.Span = nil, &span{From: c.From, To: was.To, Read: r.now, Whole: r.now}
	if more {
		c.Span.To = latest(was.To, after(r.last, r.f.zone).UTC())
	}
	r.batch.More = true
}

// setBack tells that Jira's clock was, and begins anew from what it is now.
func (r *reading) setBack() bool {
	c := r.c
	read := c.From
	for _, s := range []*span{c.Span, c.Tail} {
		if s != nil {
			read = latest(read, s.Read)
		}
	}
	if !r.now.Before(read.Add(-time.Minute)) {
		return false
	}
	c.Span, c.Tail = nil, nil
	c.From = r.now.Add(-r.j.overlap()).UTC().Truncate(time.Minute)
	c.Start, c.Base = earlier(c.Start, c.From.Add(-wide)), earlier(c.Base, c.From)
	r.batch.More = true
	return true
}

// end closes a window: the next one begins a little before the last change, or
// before now when an issue seems to have changed in the future.
func (r *reading) end(any bool) {
	c, last := r.c, r.last
	if last.After(r.now) {
		last = r.now
	}
	if from := last.Add(-r.j.overlap()).UTC().Truncate(time.Minute); any && from.After(c.From) {
		c.From = from
	}
	c.Base = latest(c.Base, c.From.Add(-wide))
	maps.DeleteFunc(c.Said, func(_ string, at int64) bool { return at < c.Base.UnixMilli() })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
