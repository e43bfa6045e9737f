package runner

import (
	"encoding/binary"
	"errors"
	"time"
	"unique"

	"tebiki/escalation"
)

// The compact form of an incident, version 2, is its fields one after the
// other, as (*fields).incident visits them: numbers as varints, texts and
// lists after their lengths, a time as its second (0 for none, else the
// zigzag of it and one) and nanosecond. Version 1 was JSON, which took most
// of the time of a start with many open incidents. A field that is added goes
// to the end, in a version of its own.
//
// fields is both directions at once: a visit either appends what it is given
// or fills it in, so the two cannot part ways.
type fields struct {
	writing bool
	buf     []byte // written, or left to read
	err     error
}

var errCut = errors.New("it is cut short or damaged: restore a backup")

func (f *fields) incident(inc *escalation.Incident) {
	number(f, &inc.ID)
	known(f, &inc.Status)
	known(f, &inc.Policy)
	f.flag(&inc.Storm)
	f.alert(&inc.Root)
	number(f, &inc.Previous)
	text(f, &inc.Ticket)
	number(f, &inc.Members)
	number(f, &inc.Firing)
	number(f, &inc.Signals)
	number(f, &inc.Cleared)
	number(f, &inc.Lines)
	number(f, &inc.Move)
	known(f, &inc.Now)
	list(f, &inc.Pages, f.page)
	number(f, &inc.PageSeq)
	list(f, &inc.Paged, func(s *string) { known(f, s) })
	known(f, &inc.AckBy)
	list(f, &inc.Times, f.time)
	f.flag(&inc.Flapping)
	known(f, &inc.ResolvedBy)
	number(f, &inc.Reopened)
	for _, t := range [...]*time.Time{&inc.Opened, &inc.Last, &inc.Began, &inc.NextPage, &inc.AckAt, &inc.AckDue, &inc.Confirm,
		&inc.HoldDue, &inc.QuietDue, &inc.ListDue, &inc.GraceDue, &inc.ResolvedAt, &inc.CloseDue} {
		f.time(t)
	}
	list(f, &inc.Again, f.time)
	number(f, &inc.Told)
}

func (f *fields) page(p *escalation.Page) {
	number(f, &p.Seq)
	known(f, &p.Person)
	known(f, &p.Channel)
	number(f, &p.Move)
	f.time(&p.At)
}

func (f *fields) alert(a *escalation.Alert) {
	known(f, &a.Source)
	text(f, &a.Key)
	known(f, &a.Severity)
	text(f, &a.Host)
	known(f, &a.Service)
	known(f, &a.Check)
	text(f, &a.Summary)
	f.labels(&a.Labels)
	text(f, &a.Link)
	f.flag(&a.Resolved)
	f.time(&a.At)
}

func (f *fields) labels(m *map[string]string) {
	n := len(*m)
	if f.length(&n); n == 0 {
		return
	}
	if f.writing {
		for k, v := range *m {
			known(f, &k)
			known(f, &v)
		}
		return
	}
	*m = make(map[string]string, n)
	for range n {
		var k, v string
		known(f, &k)
		known(f, &v)
		(*m)[k] = v
	}
}

func (f *fields) uint(n *uint64) {
	if f.writing {
		f.buf = binary.AppendUvarint(f.buf, *n)
		return
	}
	v, size := binary.Uvarint(f.buf)
	if size <= 0 {
		f.err, f.buf = errCut, nil
		return
	}
	*n, f.buf = v, f.buf[size:]
}

func number[T ~int | ~uint32 | ~uint64](f *fields, p *T) {
	n := uint64(*p)
	f.uint(&n)
	*p = T(n)
}

// length is the length of what follows, of which each takes a byte at least.
func (f *fields) length(n *int) {
	number(f, n)
	if !f.writing && (*n < 0 || *n > len(f.buf)) {
		f.err, f.buf, *n = errCut, nil, 0
	}
}

func (f *fields) flag(p *bool) {
	var n uint64
	if *p {
		n = 1
	}
	f.uint(&n)
	*p = n == 1
}

func (f *fields) time(p *time.Time) {
	var second, nano uint64
	if f.writing && !p.IsZero() {
		s := p.Unix()
		second, nano = uint64(s<<1^s>>63)+1, uint64(p.Nanosecond())
	}
	if f.uint(&second); second == 0 {
		return
	}
	f.uint(&nano)
	if z := second - 1; !f.writing {
		*p = time.Unix(int64(z>>1)^-int64(z&1), int64(nano%1e9)).UTC()
	}
}

// bytes gives the text that is read, or writes s.
func (f *fields) bytes(s string) []byte {
	n := len(s)
	f.length(&n)
	if f.writing {
		f.buf = append(f.buf, s...)
		return nil
	}
	b := f.buf[:n]
	f.buf = f.buf[n:]
	return b
}

// text is a text that most incidents have for themselves.
func text[T ~string](f *fields, p *T) {
	if b := f.bytes(string(*p)); !f.writing {
		*p = T(b)
	}
}

// known is a text that many incidents share: they share its memory too.
func known[T ~string](f *fields, p *T) {
	if b := f.bytes(string(*p)); !f.writing && len(b) > 0 {
		*p = T(unique.Make(string(b)).Value())
	}
}

func list[T any](f *fields, p *[]T, visit func(*T)) {
	n := len(*p)
	if f.length(&n); n == 0 {
		return
	}
	if !f.writing {
		*p = make([]T, n)
	}
	for i := range *p {
		visit(&(*p)[i])
	}
}
