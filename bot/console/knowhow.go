package console

import (
	"context"
	"errors"
	"log/slog"
	"sort"
	"strings"

	"tebiki/adapters/web"
	"tebiki/bot/brief"
	"tebiki/bot/roster"
	"tebiki/bot/upkeep"
	"tebiki/bot/usage"
	"tebiki/knowhow"
	"tebiki/knowhow/search"
	"tebiki/store"
)

// A Library is the newest know-how with its index.
type Library interface {
	Base() *knowhow.Base
	Search(query, lang string, n int) []search.Hit
}

// KnowHow shows the know-how, and counts what is looked at.
type KnowHow struct {
	Library Library
	Source  Source
	Roster  *roster.Roster
	Store   store.Store
	Upkeep  *upkeep.Flow
	Log     *slog.Logger
}

// hits is how many results of a search are shown.
const hits = 20

// Entries implements web.KnowHow.
func (k KnowHow) Entries(_ context.Context, lang string) ([]web.EntryLine, error) {
	var out []web.EntryLine
	for _, e := range k.Library.Base().Components() {
		out = append(out, web.EntryLine{Component: e.Name, Title: e.Title.In(lang), Aliases: e.Aliases, Subtickets: len(e.Subtickets)})
	}
	return out, nil
}

// Entry implements web.KnowHow.
func (k KnowHow) Entry(ctx context.Context, by web.Person, component string) (web.Entry, error) {
	lang, base := by.Lang, k.Library.Base()
	e, ok := base.Entry(component)
	if !ok {
		return web.Entry{}, notFound("read the know-how of "+component, errors.New("there is no such component"))
	}
	k.record(ctx, usage.Event{Kind: usage.Opened, Person: by.ID, Component: e.Name})
	team, _ := k.Roster.Team(e.Team)
	out := web.Entry{Component: e.Name, Title: e.Title.In(lang), Aliases: e.Aliases, RequestType: e.RequestType, Team: team.Name}
	for _, m := range e.Alerts {
		out.Alerts = append(out.Alerts, matcher(m))
	}
	for _, sub := range e.Subtickets {
		s := web.EntrySubticket{Title: sub.Title.In(lang)}
		if d, ok := base.Doc(sub.Doc, lang); ok {
			s.Doc = k.doc(lang, d)
		}
		for _, c := range sub.Checks {
			s.Checks = append(s.Checks, web.Check{Name: c.Name, Run: c.Run, Where: c.Where})
		}
		out.Subtickets = append(out.Subtickets, s)
	}
	return out, nil
}

func (k KnowHow) doc(lang string, d *knowhow.Doc) web.Doc {
	out := docOf(k.Roster, d)
	out.Sections = brief.Doc(printer(lang), d, nil)
	return out
}

// docOf is a document without its sections.
func docOf(r *roster.Roster, d *knowhow.Doc) web.Doc {
	return web.Doc{Name: d.Name, Title: d.Title, Lang: d.Lang, Owner: r.Name(d.Owner), Reviewed: d.Reviewed, Source: d.Source,
		Changed: d.Changed.At, Author: d.Changed.Author, Link: brief.Web(d.Changed.Link),
		History: brief.Web(d.Changed.History), Propose: brief.Web(d.Changed.Propose)}
}

func matcher(m knowhow.Matcher) string {
	var parts []string
	add := func(field, glob string) {
		if glob != "" {
			parts = append(parts, field+": "+glob)
		}
	}
	add("source", m.Source)
	add("host", m.Host)
	add("service", m.Service)
	add("check", m.Check)
	add("summary", m.Summary)
	labels := make([]string, 0, len(m.Labels))
	for l := range m.Labels {
		labels = append(labels, l)
	}
	sort.Strings(labels)
	for _, l := range labels {
		add(l, m.Labels[l])
	}
	return strings.Join(parts, ", ")
}

// Search implements web.KnowHow. A document that no component uses has no
// page of its own, but may be what is looked for.
func (k KnowHow) Search(ctx context.Context, by web.Person, words string, counts bool) ([]web.Hit, error) {
	var out []web.Hit
	for _, h := range k.Library.Search(words, by.Lang, hits) {
		out = append(out, web.Hit{Component: h.Component, Title: h.Title, Doc: h.Doc, Line: h.Line})
	}
	if !counts {
		return out, nil
	}
	kind := usage.Answered
	if len(out) == 0 {
		kind = usage.NotFound
	}
	k.record(ctx, usage.Event{Kind: kind, Person: by.ID, Words: words})
	return out, nil
}

// Fields implements web.KnowHow.
func (k KnowHow) Fields(_ context.Context, lang, component string) ([]web.Field, error) {
	e, ok := k.Library.Base().Entry(component)
	if !ok {
		return nil, nil
	}
	var out []web.Field
	for _, f := range e.Fields {
		field := web.Field{Name: f.Name, Label: f.Label.In(lang), Required: f.Required}
		if f.Pattern != nil {
			field.Pattern = f.Pattern.String()
		}
		out = append(out, field)
	}
	return out, nil
}
