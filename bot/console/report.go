package console

import (
	"cmp"
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"tebiki/adapters/web"
	"tebiki/bot/upkeep"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/knowhow/source"
	"tebiki/store"
)

// record notes a use of the know-how. A page is not withheld because that
// could not be noted: the error goes to the log.
func (k KnowHow) record(ctx context.Context, e usage.Event) {
	e.At = time.Now()
	err := k.Store.Update(context.WithoutCancel(ctx), func(tx store.Writer) error { return usage.Record(tx, e) })
	if err != nil {
		k.Log.Error("a use of the know-how could not be recorded", "what", e.Kind, "err", err)
	}
}

// maxRemark is how long a remark may be, in characters.
const maxRemark = 3000

// Outdated implements web.KnowHow.
func (k KnowHow) Outdated(ctx context.Context, by web.Person, component, doc, words string) error {
	base := k.Library.Base()
	e, ok := base.Entry(component)
	if !ok {
		return notFound("rate the know-how of "+component, errors.New("there is no such component"))
	}
	if utf8.RuneCountInString(words) > maxRemark {
		return &web.Refusal{Text: printer(by.Lang).Say("form.long", "field", printer(by.Lang).Say("form.outdated.words"), "n", maxRemark)}
	}
	state := base.Digest() // of what was rated: it may be mended, and get old again
	if d, ok := base.Doc(doc, by.Lang); ok {
		doc = d.Name
		state = cmp.Or(d.Changed.Commit, state)
	} else {
		doc = ""
	}
	rating := usage.Event{Kind: usage.Outdated, At: time.Now(), Person: by.ID, Component: e.Name, Doc: doc, State: state}
	return k.Store.Update(ctx, func(tx store.Writer) error {
		if err := usage.Rate(tx, rating); err != nil || words == "" {
			return err
		}
		remark := rating
		remark.Kind, remark.Words = usage.Remarked, words
		return usage.Rate(tx, remark)
	})
}

// Report implements web.KnowHow.
func (k KnowHow) Report(ctx context.Context, lang string, days int) (web.Report, error) {
	now := time.Now()
	r, err := k.Upkeep.Report(ctx, now.AddDate(0, 0, -days), now, upkeep.All)
	out := web.Report{From: r.From, To: r.To}
	for _, l := range k.Upkeep.Lists(printer(lang), r) {
		list := web.ReportList{Heading: l.Heading}
		for _, line := range l.Lines {
			list.Lines = append(list.Lines, web.ReportLine(line))
		}
		out.Lists = append(out.Lists, list)
	}
	return out, err
}

// maxFaults is how many faults of the know-how a page shows.
const maxFaults = 50

// State implements web.KnowHow.
func (k KnowHow) State(context.Context) (web.KnowHowState, error) {
	s := k.Source.Current()
	out := web.KnowHowState{Loaded: s.Loaded, Faults: Faults(s.Fault, maxFaults)}
	if c := s.Commit; c != nil {
		out.Commit, out.Link = c.Hash[:min(len(c.Hash), 12)], c.Link
	}
	return out, nil
}

// Faults gives why know-how does not load, one for each place, up to n.
func Faults(err error, n int) []string {
	var all knowhow.Faults
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &all):
		return []string{err.Error()}
	}
	var out []string
	for _, f := range all[:min(len(all), n)] {
		out = append(out, f.String())
	}
	return out
}

// A Source is where the know-how comes from.
type Source interface{ Current() *source.Snapshot }
